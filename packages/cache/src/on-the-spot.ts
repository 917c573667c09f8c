import type { Clock } from '@hfx/core'

/** Makes a call that blocks, or the one that goes through the thread pool: whichever is right for this disk. */
export type OnTheSpot = <T>(now: () => T, pooled: () => Promise<T>) => Promise<T>

/** A local disk looks a file up, renames or links it in some microseconds. */
const slowMs = 5
const maxSlow = 5

/**
 * Calls the disk on the spot while it answers at once: handing such a call to the thread pool costs twenty times
 * what it does. A disk that has been slow some times is asked through the pool from then on.
 */
export function createOnTheSpot(clock: Pick<Clock, 'monotonic'>): OnTheSpot {
  let slow = 0
  return async (now, pooled) => {
    if (slow >= maxSlow) return pooled()
    const startMs = clock.monotonic()
    try {
      return now()
    } finally {
      if (clock.monotonic() - startMs > slowMs) slow += 1
    }
  }
}
