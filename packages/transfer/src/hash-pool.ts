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
/** A worker keeps next to nothing; without limits its heap would grow to megabytes before anything is collected. */
const resourceLimits = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 }

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
  const worker = new Worker(`(${runHashWorker.toString()})()`, { eval: true, resourceLimits })
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

interface HashState {
  readonly thread: HashThread
  readonly id: number
  readonly sizeBytes: number
  hashedBytes: number
  availableBytes: number
  /** A question is with the worker. */
  busy: boolean
  stopping: boolean
  /** The worker has let go of the file. */
  over: boolean
  failure: Error | undefined
  settle: { resolve(digest: string): void; reject(error: Error): void } | undefined
  onOver(): void
}

function createTrailingHash(thread: HashThread, file: HashedFile): TrailingHash {
  const id = thread.open((reply) => takeReply(state, reply))
  const state: HashState = {
    thread,
    id,
    sizeBytes: file.sizeBytes,
    hashedBytes: 0,
    availableBytes: 0,
    busy: false,
    stopping: false,
    over: false,
    failure: undefined,
    settle: undefined,
    onOver: () => {},
  }
  const letGo = new Promise<void>((resolve) => {
    state.onOver = resolve
  })
  thread.send({ op: 'start', id, ...file })
  return {
    get hashedBytes() {
      return state.hashedBytes
    },
    advance: (upToBytes) => {
      state.availableBytes = Math.max(state.availableBytes, upToBytes)
      askNext(state)
    },
    finish: () =>
      new Promise((resolve, reject) => {
        if (state.failure) return reject(state.failure)
        state.settle = { resolve, reject }
        state.availableBytes = state.sizeBytes
        askNext(state)
      }),
    stop: () => {
      state.stopping = true
      askNext(state)
      return letGo
    },
  }
}

function takeReply(state: HashState, reply: HashReply): void {
  state.busy = false
  if (reply.kind === 'hashed') {
    state.hashedBytes = reply.upTo
    return askNext(state)
  }
  state.over = true
  state.thread.release(state.id)
  state.onOver()
  if (reply.kind === 'digest') return state.settle?.resolve(reply.digest)
  state.failure = new HubError({ code: 'HUB_DISK', message: `cannot hash: ${reply.message}` })
  state.settle?.reject(state.failure)
}

/** One question at a time, so that a stop is never behind a long queue. */
function askNext(state: HashState): void {
  const { id, thread, sizeBytes, hashedBytes } = state
  if (state.busy || state.over) return
  const upTo = Math.min(state.availableBytes, hashedBytes + stepBytes)
  const isWorthIt = upTo - hashedBytes >= leastStepBytes || upTo === sizeBytes
  if (state.stopping || (hashedBytes === sizeBytes && state.settle)) {
    state.busy = true
    thread.send({ op: 'finish', id })
  } else if (isWorthIt && upTo > hashedBytes) {
    state.busy = true
    thread.send({ op: 'advance', id, upTo })
  }
}
