import type { PinnedFile } from '@hfx/core'
import { windowFiles } from './flow.ts'
import type { PlanEntry, PlanSubject } from './plan-download.ts'
import { usualPlace } from './usual-place.ts'

/** What a plan remembers of its look at the disk. */
export interface PlanMemory {
  add(entry: PlanEntry): void
  /** Every entry, or none when there are too many. */
  readonly kept: readonly PlanEntry[]
  readonly holdsAll: boolean
  /** The entry of the file at this place of the listing, when it was found in its place. */
  find(at: number, file: PinnedFile): PlanEntry | undefined
}

/** The entries of few files; of many, one byte each that says whether the file was there. */
export function createPlanMemory(subject: PlanSubject, folder: string): PlanMemory {
  const { fileCount } = subject.files
  const holdsAll = fileCount <= windowFiles
  const kept: PlanEntry[] = []
  const isHere = new Uint8Array(holdsAll ? 0 : fileCount)
  let count = 0
  return {
    kept,
    holdsAll,
    add(entry) {
      if (holdsAll) kept.push(entry)
      else if (subject.isListed && isInPlace(entry, folder)) isHere[count] = 1
      count += 1
    },
    find: (at, file) =>
      isHere[at] === 1
        ? { file, state: { kind: 'cached', path: usualPlace(folder, file.path) } }
        : undefined,
  }
}

function isInPlace({ file, state }: PlanEntry, folder: string): boolean {
  return state.kind === 'cached' && state.path === usualPlace(folder, file.path)
}
