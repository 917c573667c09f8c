import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { HubError, type ContentHash } from '@hfx/core'
import { runHashWorker, type HashReply, type HashRequest } from './hash-worker.ts'

/** One file that is being hashed in another thread, behind the bytes as they reach the disk. */
export interface TrailingHash {
  /** Bytes hashed so far. */
  readonly hashedBytes: number
  /** Everything below this offset is on disk. */
  advance(upToBytes: number): void
  /** Hashes what is left and answers in lower-case hex. */
  finish(): Promise<string>
  /** Resolves when the worker has let go of the file descriptor. */
  stop(): Promise<void>
}

export interface HashPool {
  start(file: HashedFile): TrailingHash
  close(): Promise<void>
}

export interface HashedFile {
  readonly fd: number
  readonly algorithm: ContentHash['algorithm']
  readonly sizeBytes: number
}

/** Short enough that several files take turns, and that a stop does not wait long. */
const stepBytes = 16 * 1024 ** 2
/** A step this small is not worth a message until the end is in sight. */
const leastStepBytes = 2 * 1024 ** 2
const maxWorkers = 4

/** Threads that start with the first file and end with `close`; idle ones do not keep the process alive. */
export function createHashPool(): HashPool {
  const workers: HashThread[] = []
  const limit = Math.max(1, Math.min(maxWorkers, availableParallelism() - 1))
  function choose(): HashThread {
    const free = workers.find((worker) => worker.files === 0)
    if (free) return free
    if (workers.length < limit) workers.push(createHashThread())
    return workers.reduce((least, worker) => (worker.files < least.files ? worker : least))
  }
  return {
    start: (file) => createTrailingHash(choose(), file),
    close: async () => {
      await Promise.all(workers.splice(0).map((worker) => worker.close()))
    },
  }
}

interface HashThread {
  /** Files in work. */
  readonly files: number
  open(onReply: (reply: HashReply) => void): number
  send(request: HashRequest): void
  release(id: number): void
  close(): Promise<void>
}

function createHashThread(): HashThread {
  const worker = new Worker(`(${runHashWorker.toString()})()`, { eval: true })
  const listeners = new Map<number, (reply: HashReply) => void>()
  let lastId = 0
  let lost: string | undefined
  worker.unref()
  worker.on('message', (reply: HashReply) => listeners.get(reply.id)?.(reply))
  worker.on('error', (error) => failAll(String(error)))
  worker.on('exit', () => failAll('the hash worker has ended'))
  function failAll(message: string): void {
    lost ??= message
    for (const [id, listener] of listeners) listener({ id, kind: 'failed', message })
  }
  return {
    get files() {
      return listeners.size
    },
    open: (onReply) => {
      lastId += 1
      listeners.set(lastId, onReply)
      worker.ref()
      return lastId
    },
    send: (request) => {
      if (lost === undefined) worker.postMessage(request)
      else listeners.get(request.id)?.({ id: request.id, kind: 'failed', message: lost })
    },
    release: (id) => {
      listeners.delete(id)
      if (listeners.size === 0) worker.unref()
    },
    close: async () => {
      await worker.terminate()
    },
  }
}

function createTrailingHash(thread: HashThread, file: HashedFile): TrailingHash {
  const state = { hashed: 0, available: 0, busy: false, stopping: false, over: false }
  let settle: { resolve(digest: string): void; reject(error: Error): void } | undefined
  let failure: Error | undefined
  let released = (): void => {}
  const letGo = new Promise<void>((resolve) => {
    released = resolve
  })
  const id = thread.open(onReply)
  thread.send({ op: 'start', id, ...file })

  function onReply(reply: HashReply): void {
    state.busy = false
    if (reply.kind === 'hashed') {
      state.hashed = reply.upTo
      return step()
    }
    state.over = true
    thread.release(id)
    released()
    if (reply.kind === 'digest') return settle?.resolve(reply.digest)
    failure = new HubError({ code: 'HUB_DISK', message: `cannot hash: ${reply.message}` })
    settle?.reject(failure)
  }

  function step(): void {
    if (state.busy || state.over) return
    const upTo = Math.min(state.available, state.hashed + stepBytes)
    const isLast = upTo === file.sizeBytes
    if (state.stopping || (state.hashed === file.sizeBytes && settle)) {
      state.busy = true
      thread.send({ op: 'finish', id })
    } else if (upTo - state.hashed >= leastStepBytes || (isLast && upTo > state.hashed)) {
      state.busy = true
      thread.send({ op: 'advance', id, upTo })
    }
  }

  return {
    get hashedBytes() {
      return state.hashed
    },
    advance: (upToBytes) => {
      state.available = Math.max(state.available, upToBytes)
      step()
    },
    finish: () =>
      new Promise((resolve, reject) => {
        if (failure) return reject(failure)
        settle = { resolve, reject }
        state.available = file.sizeBytes
        step()
      }),
    stop: () => {
      state.stopping = true
      if (!state.over) step()
      return letGo
    },
  }
}
