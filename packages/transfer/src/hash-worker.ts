import type { ContentHash } from '@hfx/core'

/** What the main thread asks of a hash worker. Each file has an id; its steps come in order. */
export type HashRequest =
  | {
      readonly op: 'start'
      readonly id: number
      readonly fd: number
      readonly algorithm: ContentHash['algorithm']
      readonly sizeBytes: number
    }
  /** Read and hash on, up to this offset. */
  | { readonly op: 'advance'; readonly id: number; readonly upTo: number }
  /** Forget the file, and answer with its digest so far. */
  | { readonly op: 'finish'; readonly id: number }

export type HashReply =
  | { readonly id: number; readonly kind: 'hashed'; readonly upTo: number }
  | { readonly id: number; readonly kind: 'digest'; readonly digest: string }
  | { readonly id: number; readonly kind: 'failed'; readonly message: string }

/**
 * The whole program of a hash worker. It is started from its own text, so that neither a bundler nor a test
 * runner needs to know a second entry file: it may use nothing from outside its braces.
 */
export function runHashWorker(): void {
  const { parentPort } = process.getBuiltinModule('node:worker_threads')
  const { createHash } = process.getBuiltinModule('node:crypto')
  const { readSync } = process.getBuiltinModule('node:fs')
  const buffer = Buffer.allocUnsafeSlow(256 * 1024)
  type OpenFile = { readonly fd: number; readonly hash: ReturnType<typeof createHash>; at: number }
  const files = new Map<number, OpenFile>()

  function advance(file: OpenFile, upTo: number): void {
    while (file.at < upTo) {
      const count = readSync(file.fd, buffer, 0, Math.min(buffer.length, upTo - file.at), file.at)
      if (count === 0) throw new Error(`the file ends at ${file.at} bytes`)
      file.hash.update(count === buffer.length ? buffer : buffer.subarray(0, count))
      file.at += count
    }
  }

  function answer(request: HashRequest): HashReply | undefined {
    if (request.op === 'start') {
      const { algorithm, fd, id, sizeBytes } = request
      const hash = createHash(algorithm === 'sha256' ? 'sha256' : 'sha1')
      if (algorithm === 'git-sha1') hash.update(`blob ${sizeBytes}\0`)
      files.set(id, { fd, hash, at: 0 })
      return undefined
    }
    const file = files.get(request.id)
    if (!file) throw new Error('unknown file')
    if (request.op === 'finish') {
      files.delete(request.id)
      return { id: request.id, kind: 'digest', digest: file.hash.digest('hex') }
    }
    advance(file, request.upTo)
    return { id: request.id, kind: 'hashed', upTo: file.at }
  }

  parentPort?.on('message', (request: HashRequest) => {
    try {
      const reply = answer(request)
      if (reply) parentPort.postMessage(reply)
    } catch (error) {
      files.delete(request.id)
      parentPort.postMessage({ id: request.id, kind: 'failed', message: String(error) })
    }
  })
}
