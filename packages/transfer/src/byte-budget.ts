/** Counts bytes that wait in memory for the disk, and makes sockets wait while there are too many. */
export interface ByteBudget {
  /** Counts bytes in; true while more may come. */
  take(bytes: number): boolean
  release(bytes: number): void
  /** Resolves when there is room again. */
  whenRoom(): Promise<void>
  readonly usedBytes: number
}

/**
 * A budget of `maxBytes`. A socket hands over a chunk before it can be told to stop, so the mark at which
 * sockets are paused lies a little below the limit: one chunk of 64 KiB for each of a few lanes.
 */
export function createByteBudget(maxBytes: number): ByteBudget {
  const pauseAt = Math.max(maxBytes / 2, maxBytes - 16 * 64 * 1024)
  let used = 0
  let waiting: (() => void)[] = []
  return {
    take: (bytes) => {
      used += bytes
      return used < pauseAt
    },
    release: (bytes) => {
      used -= bytes
      if (used >= pauseAt) return
      const woken = waiting
      waiting = []
      for (const wake of woken) wake()
    },
    whenRoom: () =>
      used < pauseAt ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve)),
    get usedBytes() {
      return used
    },
  }
}
