export interface KeyedMutex {
  /** Runs `work` alone among those with the same key. `onWait` is called once if someone is before us. */
  run<T>(key: string, work: () => Promise<T>, options?: MutexOptions): Promise<T>
}

export interface MutexOptions {
  readonly signal?: AbortSignal | undefined
  readonly onWait?: () => void
}

/** One queue per key, in the order of the calls, in this process. */
export function createKeyedMutex(): KeyedMutex {
  const tails = new Map<string, Promise<void>>()
  return {
    async run(key, work, options = {}) {
      options.signal?.throwIfAborted()
      const before = tails.get(key)
      const turn = createTurn()
      const tail = before ? before.then(() => turn.over) : turn.over
      tails.set(key, tail)
      try {
        if (before) {
          options.onWait?.()
          await orAbort(before, options.signal)
        }
        return await work()
      } finally {
        turn.end()
        if (tails.get(key) === tail) tails.delete(key)
      }
    },
  }
}

function createTurn(): { readonly over: Promise<void>; end(): void } {
  const ends: (() => void)[] = []
  const over = new Promise<void>((resolve) => {
    ends.push(resolve)
  })
  return { over, end: () => ends.forEach((end) => end()) }
}

async function orAbort(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return promise
  // The one who was told of the wait may have had enough at once.
  signal.throwIfAborted()
  const stop = new AbortController()
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = (): void => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true, signal: stop.signal })
  })
  try {
    await Promise.race([promise, aborted])
  } finally {
    stop.abort()
  }
}
