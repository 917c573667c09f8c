import type { ContentHash } from '@hfx/core'

/** What the main thread asks of a hash worker. Each file has an id. */
export type HashRequest =
  | {
      readonly op: 'start'
      readonly id: number
      readonly fd: number
      readonly algorithm: ContentHash['algorithm']
      readonly sizeBytes: number
      /** Shared memory: how many bytes from the start are on disk by now. */
      readonly goal: BigInt64Array
    }
  /** There is more to hash: go on until the goal is reached, wherever it is by then. */
  | { readonly op: 'advance'; readonly id: number }
  /** Forget the file, and answer with its digest so far. */
  | { readonly op: 'finish'; readonly id: number }

export type HashReply =
  /** `rests`: the goal is reached, and it takes another question to go on. */
  | {
      readonly id: number
      readonly kind: 'hashed'
      readonly upTo: number
      readonly rests: boolean
    }
  | { readonly id: number; readonly kind: 'digest'; readonly digest: string }
  | { readonly id: number; readonly kind: 'failed'; readonly message: string }

/**
 * The whole program of a hash worker. It is started from its own text, so that neither a bundler nor a test
 * runner needs to know a second entry file: it may use nothing from outside its braces. Its functions are methods,
 * because a bundler that keeps names (`keepNames` of esbuild) puts a helper of its own beside any other.
 */
// eslint-disable-next-line max-lines-per-function -- a thread is started from the text of one function
export function runHashWorker(): void {
  const { parentPort } = process.getBuiltinModule('node:worker_threads')
  const { createHash } = process.getBuiltinModule('node:crypto')
  const { readSync } = process.getBuiltinModule('node:fs')
  const { setImmediate } = process.getBuiltinModule('node:timers')
  const buffer = Buffer.allocUnsafeSlow(256 * 1024)
  /** Short enough that several files take turns, and that a stop does not wait long. */
  const turnBytes = 8 * 1024 ** 2
  type OpenFile = {
    readonly fd: number
    readonly goal: BigInt64Array
    readonly hash: ReturnType<typeof createHash>
    at: number
  }
  const files = new Map<number, OpenFile>()
  const awake = new Set<number>()
  let isTurning = false

  const worker = {
    advance(file: OpenFile, upTo: number): void {
      while (file.at < upTo) {
        const count = readSync(file.fd, buffer, 0, Math.min(buffer.length, upTo - file.at), file.at)
        if (count === 0) throw new Error(`the file ends at ${file.at} bytes`)
        file.hash.update(count === buffer.length ? buffer : buffer.subarray(0, count))
        file.at += count
      }
    },

    wake(id: number): void {
      awake.add(id)
      if (isTurning) return
      isTurning = true
      setImmediate(worker.takeTurns)
    },

    /** The main thread may be busy for long: nobody is asked whether there is more. */
    takeTurns(): void {
      for (const id of awake) worker.answer(id, () => worker.takeTurn(id))
      isTurning = awake.size > 0
      if (isTurning) setImmediate(worker.takeTurns)
    },

    takeTurn(id: number): HashReply | undefined {
      const file = files.get(id)
      if (!file) return undefined
      worker.advance(file, Math.min(Number(Atomics.load(file.goal, 0)), file.at + turnBytes))
      const rests = file.at >= Number(Atomics.load(file.goal, 0))
      if (rests) awake.delete(id)
      return { id, kind: 'hashed', upTo: file.at, rests }
    },

    take(request: HashRequest): HashReply | undefined {
      const { id } = request
      if (request.op === 'start') {
        const { algorithm, fd, goal, sizeBytes } = request
        const hash = createHash(algorithm === 'sha256' ? 'sha256' : 'sha1')
        if (algorithm === 'git-sha1') hash.update(`blob ${sizeBytes}\0`)
        files.set(id, { fd, goal, hash, at: 0 })
        return undefined
      }
      const file = files.get(id)
      if (!file) throw new Error('unknown file')
      if (request.op === 'finish') {
        worker.forget(id)
        return { id, kind: 'digest', digest: file.hash.digest('hex') }
      }
      worker.wake(id)
      return undefined
    },

    forget(id: number): void {
      files.delete(id)
      awake.delete(id)
    },

    answer(id: number, work: () => HashReply | undefined): void {
      try {
        const reply = work()
        if (reply) parentPort?.postMessage(reply)
      } catch (error) {
        worker.forget(id)
        parentPort?.postMessage({ id, kind: 'failed', message: String(error) })
      }
    },
  }

  parentPort?.on('message', (request: HashRequest) =>
    worker.answer(request.id, () => worker.take(request)),
  )
}
