import { constants } from 'node:fs'
import { appendFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { HubError, type Clock } from '@hfx/core'
import { describeDiskError, errnoOf } from './disk-error.ts'
import { leaseMs, readJournal, type FoundPartial, type WantedContent } from './find-partials.ts'
import {
  formatJournalHead,
  formatOwner,
  formatRange,
  freeRecord,
  resetRecord,
  type JournalOwner,
} from './resume-journal.ts'
import type { PrintedRange } from './spot-print.ts'
import type { StagedWriter } from './staged-writer.ts'

/** The exclusive right to write one partial, and the journal of what is in it. */
export interface PartialLease {
  /** Notes a range that has reached the file. */
  record(range: PrintedRange): Promise<void>
  /** Notes that of what was written so far only this counts. */
  reset(kept: readonly PrintedRange[]): Promise<void>
  /**
   * Shows that the writer lives, where that was not shown for a while.
   * Rejects when another process has taken the partial over: then no byte may be written any more.
   */
  confirm(writer: StagedWriter): Promise<void>
  /** Lets go of the partial, so that the next run may take it at once. */
  free(): Promise<void>
  /** Removes the journal. */
  remove(): Promise<void>
}

/** Shown at least this often, and before a write after any longer silence: a fifth of the lease. */
const beatMs = leaseMs / 5

// Without O_CREAT: a journal that was pruned or taken must not come back as a half one.
const appendOnly = { flag: constants.O_WRONLY | constants.O_APPEND }

/** Another process writes this partial now. Its finished parts can be adopted, the partial itself cannot be used. */
export function isPartialTaken(error: unknown): boolean {
  return error instanceof HubError && error.code === 'HUB_LOCK_FAILED'
}

export interface LeaseDeps {
  readonly clock: Clock
  readonly owner: JournalOwner
}

/** Writes the journal of a new partial. Its name is unique, so nobody else can have the lease. */
export async function createLease(
  deps: LeaseDeps,
  path: string,
  wanted: WantedContent,
): Promise<PartialLease> {
  try {
    await writeFile(path, formatJournalHead(wanted, deps.owner), { flag: 'wx' })
  } catch (error) {
    throw describeDiskError(error, path)
  }
  return keepLease(deps, path, deps.clock.now())
}

/**
 * Takes over an abandoned partial: undefined when another process was faster.
 * The rename decides; the second look keeps a process whose view was old from robbing the winner.
 */
export async function claimLease(
  deps: LeaseDeps,
  found: FoundPartial,
  path: string,
): Promise<PartialLease | undefined> {
  try {
    await rename(found.journalPath, path)
    const now = await readJournal(path)
    if (!now || !isSameOwner(now.owner, found.journal.owner)) {
      await rename(path, found.journalPath)
      return undefined
    }
    await appendFile(path, formatOwner(deps.owner), appendOnly)
    // Another process may have renamed it between our opening and our writing: that is looked at before the first byte.
    return keepLease(deps, path, 0)
  } catch (error) {
    const errno = errnoOf(error) ?? ''
    if (!notOurs.has(errno)) throw describeDiskError(error, path)
    // Another user's: it may be read, not written. Where not even the rename was allowed, this fails and need not do more.
    await rename(path, found.journalPath).catch(ignoreFailure)
    return undefined
  }
}

/** Gone meanwhile, or the files of somebody else. */
const notOurs = new Set(['ENOENT', 'EACCES', 'EPERM'])

function ignoreFailure(): void {}

function isSameOwner(a: JournalOwner | undefined, b: JournalOwner | undefined): boolean {
  return a?.place === b?.place && a?.pid === b?.pid
}

function keepLease({ clock }: LeaseDeps, path: string, atMs: number): PartialLease {
  let shownAtMs = atMs
  /** Pruned: the bytes live on in the open file, and nobody else can reach them. */
  let orphaned = false

  async function append(text: string): Promise<void> {
    try {
      await appendFile(path, text, appendOnly)
      shownAtMs = clock.now()
    } catch (error) {
      // Gone: `confirm` finds out what that means. The journal is an aid; a disk too full for it is found by the bytes.
      if (errnoOf(error) === 'ENOENT') shownAtMs = 0
    }
  }

  return {
    record: (range) => append(formatRange(range)),
    reset: (kept) => append(resetRecord + kept.map(formatRange).join('')),
    free: () => append(freeRecord),
    remove: () => rm(path, { force: true }),
    confirm: async (writer) => {
      const nowMs = clock.now()
      if (orphaned || nowMs - shownAtMs < beatMs) return
      try {
        await utimes(path, nowMs / 1000, nowMs / 1000)
        shownAtMs = nowMs
      } catch (error) {
        if (errnoOf(error) !== 'ENOENT') throw describeDiskError(error, path)
        if (await writer.isLinked()) throw describeTaken(path, error)
        orphaned = true
      }
    },
  }
}

/**
 * Shows that the writer lives while it writes nothing: hashing a large file, and moving it to another volume, can take
 * longer than a lease lasts. That another process has the partial is for the transfer's own next look to tell.
 */
export async function keepShown(
  clock: Clock,
  held: { readonly lease: PartialLease; readonly writer: StagedWriter },
  signal: AbortSignal,
): Promise<void> {
  try {
    for (;;) {
      await clock.sleep(beatMs, signal)
      await held.lease.confirm(held.writer)
    }
  } catch {
    // Over, or no longer ours.
  }
}

function describeTaken(path: string, cause: unknown): HubError {
  return new HubError({
    code: 'HUB_LOCK_FAILED',
    message: `another process has taken over the partial of ${path}`,
    hint: 'Run it again: what has arrived is kept.',
    cause,
  })
}
