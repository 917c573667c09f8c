import { type Stats, statSync } from 'node:fs'
import type { Clock } from '@hfx/core'
import { isAbsent, isRefused } from './disk-error.ts'
import { statFile } from './find-file.ts'

/** A local disk tells of a file in some microseconds. */
const slowMs = 5
const maxSlow = 5

/**
 * Looks at files on the spot while the disk answers at once: handing each look to the thread pool costs twenty times
 * what it does. A disk that has been slow some times is asked through the pool from then on.
 */
export function createQuickStat(clock: Clock): (path: string) => Promise<Stats | undefined> {
  let slow = 0
  return async (path) => {
    if (slow >= maxSlow) return statFile(path)
    const startMs = clock.monotonic()
    const stats = statNow(path)
    if (clock.monotonic() - startMs > slowMs) slow += 1
    return stats
  }
}

function statNow(path: string): Stats | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    return stats?.isFile() === true ? stats : undefined
  } catch (error) {
    if (isAbsent(error) || isRefused(error)) return undefined
    throw error
  }
}
