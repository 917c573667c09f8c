import { type Stats, statSync } from 'node:fs'
import { isAbsent, isRefused } from './disk-error.ts'
import { statFile } from './find-file.ts'
import type { OnTheSpot } from './on-the-spot.ts'

/** Looks at files: the file behind a path, links followed; undefined when there is no file that we may see. */
export function createQuickStat(
  onTheSpot: OnTheSpot,
): (path: string) => Promise<Stats | undefined> {
  return (path) =>
    onTheSpot(
      () => statNow(path),
      () => statFile(path),
    )
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
