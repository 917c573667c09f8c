import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock, ContentHash, StagedFile } from '@hfx/core'
import { errnoOf } from './disk-error.ts'
import { sumRanges } from './file-ranges.ts'
import { parseJournalName, partialPath, type PartialName } from './partial-name.ts'
import { isProcessAlive } from './process-place.ts'
import { parseJournal, type JournalState } from './resume-journal.ts'

/** A partial of the wanted content, whoever writes it. */
export interface FoundPartial extends PartialName {
  readonly id: string
  readonly journal: JournalState
  /** When its writer was last seen. */
  readonly seenAtMs: number
  /** False where the bytes that the journal tells of are not there. */
  readonly isUsable: boolean
}

export interface WantedContent {
  readonly hash: ContentHash
  readonly sizeBytes: number
}

/** A writer that has not been seen for this long has no more claim, wherever it runs. */
export const leaseMs = 30_000
/** 16,384 ranges in decimal, each with its fingerprint, four times over: a larger journal is none. */
const maxJournalBytes = 4 * 1024 ** 2

/** Usable partials with exactly this content, the fullest first. */
export async function findPartials(
  staged: StagedFile,
  wanted: WantedContent,
): Promise<FoundPartial[]> {
  return (await listPartials(staged, wanted)).filter(({ isUsable }) => isUsable)
}

/** The same with those that are of no use. Other content, and what cannot be read, is left out. */
export async function listPartials(
  staged: StagedFile,
  wanted: WantedContent,
): Promise<FoundPartial[]> {
  const names = await readdir(staged.folder).catch(ignoreMissing)
  const found: FoundPartial[] = []
  for (const name of names ?? []) {
    const id = parseJournalName(staged, name)
    const partial = id && (await readPartial(staged, id, name))
    if (partial && isSameContent(partial.journal, wanted)) found.push(partial)
  }
  return found.toSorted((a, b) => sumRanges(b.journal.done) - sumRanges(a.journal.done))
}

async function readPartial(
  staged: StagedFile,
  id: string,
  journalName: string,
): Promise<FoundPartial | undefined> {
  const names = {
    partialPath: partialPath(staged, id),
    journalPath: join(staged.folder, journalName),
  }
  const journal = await readJournal(names.journalPath)
  if (!journal) return undefined
  const [partial, seen] = await Promise.all([
    lstat(names.partialPath).catch(ignoreMissing),
    lstat(names.journalPath).catch(ignoreMissing),
  ])
  if (!seen) return undefined
  // One that is shorter than its journal claims has been cut by somebody; a link or a pipe is a trap.
  const end = journal.done.at(-1)?.end ?? 0
  const isUsable = partial !== undefined && partial.isFile() && partial.size >= end
  return { ...names, id, journal, seenAtMs: seen.mtimeMs, isUsable }
}

/** The journal's state; undefined when it is gone, too large, or none of ours. */
export async function readJournal(path: string): Promise<JournalState | undefined> {
  const stats = await lstat(path).catch(ignoreMissing)
  if (!stats?.isFile() || stats.size > maxJournalBytes) return undefined
  const text = await readFile(path, 'utf8').catch(ignoreMissing)
  return text === undefined ? undefined : parseJournal(text)
}

function isSameContent(journal: JournalState, wanted: WantedContent): boolean {
  return (
    journal.sizeBytes === wanted.sizeBytes &&
    journal.hash.digest === wanted.hash.digest &&
    journal.hash.algorithm === wanted.hash.algorithm
  )
}

/** True when nobody writes the partial any more. */
export function isAbandoned(partial: FoundPartial, place: string, clock: Clock): boolean {
  const { owner } = partial.journal
  if (!owner) return true
  if (owner.place === place && !isProcessAlive(owner.pid)) return true
  return clock.now() - partial.seenAtMs > leaseMs
}

/** Others may prune or take partials at any time; what cannot be read is not there. */
function ignoreMissing(error: unknown): undefined {
  const errno = errnoOf(error)
  if (errno === 'ENOENT' || errno === 'EACCES' || errno === 'ENOTDIR') return undefined
  throw error
}
