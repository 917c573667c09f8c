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

/** For less than this a resting worker is not woken until the end is in sight. */
const leastStepBytes = 2 * 1024 ** 2
const maxWorkers = 4
/** A worker keeps next to nothing; without limits its heap would grow to megabytes before anything is collected. */
const resourceLimits = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 }

/** Threads that start with the first file and end with `close`; idle ones do not keep the process alive. */
export function createHashPool(): HashPool {
  let workers: readonly HashThread[] = []
  const limit = Math.max(1, Math.min(maxWorkers, availableParallelism() - 1))
  function choose(): HashThread {
    workers = workers.filter((worker) => !worker.isLost)
    const free = workers.find((worker) => worker.files === 0)
    if (free) return free
    if (workers.length < limit) workers = [...workers, createHashThread()]
    return workers.reduce((least, worker) => (worker.files < least.files ? worker : least))
  }
  return {
    start: (file) => createTrailingHash(choose(), file),
    close: async () => {
      const closing = workers
      workers = []
      await Promise.all(closing.map((worker) => worker.close()))
    },
  }
}

interface HashThread {
  /** Files in work. */
  readonly files: number
  /** It has ended, whatever the reason: it fails every file. */
  readonly isLost: boolean
  open(onReply: (reply: HashReply) => void): number
  send(request: HashRequest): void
  release(id: number): void
  close(): Promise<void>
}

function createHashThread(): HashThread {
  const worker = startWorker()
  const listeners = new Map<number, (reply: HashReply) => void>()
  let lastId = 0
  let lost = worker ? undefined : 'no thread may be started'
  worker?.unref()
  worker?.on('message', (reply: HashReply) => listeners.get(reply.id)?.(reply))
  worker?.on('error', (error) => failAll(String(error)))
  worker?.on('exit', () => failAll('the hash worker has ended'))
  function failAll(message: string): void {
    lost ??= message
    for (const [id, listener] of listeners) listener({ id, kind: 'failed', message })
  }
  return {
    get files() {
      return listeners.size
    },
    get isLost() {
      return lost !== undefined
    },
    open: (onReply) => {
      lastId += 1
      listeners.set(lastId, onReply)
      worker?.ref()
      return lastId
    },
    send: (request) => {
      if (lost === undefined) worker?.postMessage(request)
      else listeners.get(request.id)?.({ id: request.id, kind: 'failed', message: lost })
    },
    release: (id) => {
      listeners.delete(id)
      if (listeners.size === 0) worker?.unref()
    },
    close: async () => {
      await worker?.terminate()
    },
  }
}

/** Undefined where this process may start none: Node's permission model without `--allow-worker`. */
function startWorker(): Worker | undefined {
  try {
    return new Worker(`(${runHashWorker.toString()})()`, { eval: true, resourceLimits })
  } catch {
    return undefined
  }
}

interface HashState {
  readonly thread: HashThread
  readonly id: number
  readonly sizeBytes: number
  hashedBytes: number
  /** How many bytes are on disk, where the worker can see it at any time. */
  readonly goal: BigInt64Array
  /** The worker goes on by itself. */
  awake: boolean
  /** No more is wanted than the digest so far. */
  ending: boolean
  /** The worker has let go of the file. */
  over: boolean
  failure: Error | undefined
  settle: { resolve(digest: string): void; reject(error: Error): void } | undefined
  onOver(): void
}

function createTrailingHash(thread: HashThread, file: HashedFile): TrailingHash {
  const id = thread.open((reply) => takeReply(state, reply))
  const goal = new BigInt64Array(new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT))
  const state: HashState = {
    thread,
    id,
    sizeBytes: file.sizeBytes,
    hashedBytes: 0,
    goal,
    awake: false,
    ending: false,
    over: false,
    failure: undefined,
    settle: undefined,
    onOver: () => {},
  }
  const letGo = new Promise<void>((resolve) => {
    state.onOver = resolve
  })
  thread.send({ op: 'start', id, goal, ...file })
  return {
    get hashedBytes() {
      return state.hashedBytes
    },
    advance: (upToBytes) => {
      setGoal(state, upToBytes)
      wake(state)
    },
    finish: () =>
      new Promise((resolve, reject) => {
        if (state.failure) return reject(state.failure)
        state.settle = { resolve, reject }
        setGoal(state, state.sizeBytes)
        wake(state)
        endWhenWhole(state)
      }),
    stop: () => {
      end(state)
      return letGo
    },
  }
}

function takeReply(state: HashState, reply: HashReply): void {
  if (reply.kind === 'hashed') {
    state.hashedBytes = reply.upTo
    state.awake = !reply.rests
    wake(state)
    return endWhenWhole(state)
  }
  state.over = true
  state.thread.release(state.id)
  state.onOver()
  if (reply.kind === 'digest') return state.settle?.resolve(reply.digest)
  state.failure = new HubError({ code: 'HUB_DISK', message: `cannot hash: ${reply.message}` })
  state.settle?.reject(state.failure)
}

function setGoal(state: HashState, upToBytes: number): void {
  if (upToBytes > readGoal(state)) Atomics.store(state.goal, 0, BigInt(upToBytes))
}

function readGoal({ goal }: HashState): number {
  return Number(Atomics.load(goal, 0))
}

/** A worker that is awake sees the goal move; one that rests is woken when that is worth it. */
function wake(state: HashState): void {
  const { hashedBytes, id, sizeBytes, thread } = state
  if (state.awake || state.ending || state.over) return
  const availableBytes = readGoal(state)
  const leftBytes = availableBytes - hashedBytes
  if (leftBytes < leastStepBytes && (leftBytes === 0 || availableBytes < sizeBytes)) return
  state.awake = true
  thread.send({ op: 'advance', id })
}

function endWhenWhole(state: HashState): void {
  if (state.settle && state.hashedBytes === state.sizeBytes) end(state)
}

function end(state: HashState): void {
  if (state.ending || state.over) return
  state.ending = true
  state.thread.send({ op: 'finish', id: state.id })
}
