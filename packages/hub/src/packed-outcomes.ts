import type { FileOutcome, FileSourceKind } from '@hfx/core'
import type { DoneFile } from './bring-file.ts'
import { createNumberColumn, createTextColumn } from './columns.ts'
import { usualPlace } from './usual-place.ts'

/** Outcomes of files that ended well, in the order in which they ended. */
export interface PackedOutcomes extends Iterable<DoneFile> {
  readonly filesFrom: Readonly<Record<FileSourceKind, number>>
  readonly count: number
  add(done: DoneFile): void
  /** One object per file. The same list each time, made at the first. */
  list(): readonly FileOutcome[]
}

const sources = ['cache', 'link', 'hub'] as const
const proofs = ['sha256', 'git-sha1', 'size', 'earlier'] as const
/** Attempts that one number holds beside a source and a proof. */
const maxAttempts = 2 ** 20

/**
 * Keeps what became of each file in about 32 bytes and the length of its path: as objects, the outcomes of 150,000
 * files would be the largest thing in memory.
 */
export function createPackedOutcomes(folder: string): PackedOutcomes {
  const paths = createTextColumn()
  const sizes = createNumberColumn()
  const fetched = createNumberColumn()
  const facts = createNumberColumn()
  /** Places other than the file's path below the folder. */
  const elsewhere = new Map<number, string>()
  const filesFrom = { cache: 0, link: 0, hub: 0 }
  let count = 0
  let listed: readonly FileOutcome[] | undefined

  function read(index: number): DoneFile {
    const path = paths.at(index)
    const fact = facts.at(index)
    return {
      kind: 'ok',
      path,
      localPath: elsewhere.get(index) ?? usualPlace(folder, path),
      sizeBytes: sizes.at(index),
      source: sources[fact % 3] ?? 'hub',
      fetchedBytes: fetched.at(index),
      attempts: Math.floor(fact / 12),
      verifiedBy: proofs[Math.floor(fact / 3) % 4] ?? 'size',
    }
  }

  function* readAll(): Generator<DoneFile> {
    for (let index = 0; index < count; index += 1) yield read(index)
  }

  return {
    filesFrom,
    get count() {
      return count
    },
    add(done) {
      if (done.localPath !== usualPlace(folder, done.path)) elsewhere.set(count, done.localPath)
      paths.push(done.path)
      sizes.push(done.sizeBytes)
      fetched.push(done.fetchedBytes)
      const attempts = Math.min(done.attempts, maxAttempts)
      facts.push(
        sources.indexOf(done.source) + 3 * (proofs.indexOf(done.verifiedBy) + 4 * attempts),
      )
      filesFrom[done.source] += 1
      count += 1
      listed = undefined
    },
    list: () => (listed ??= Array.from(readAll())),
    [Symbol.iterator]: readAll,
  }
}
