import { join } from 'node:path'
import type { RandomSource, StagedFile } from '@hfx/core'

/** A partial and the journal that tells what is in it. */
export interface PartialName {
  readonly partialPath: string
  readonly journalPath: string
}

/** Eight hex characters that no other writer has, as in the names Python's client gives its partials. */
export function createPartialId(random: RandomSource): string {
  return Math.floor(random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0')
}

/** `<stem>.<8 hex>.incomplete`: the name Python's tools know, list and prune. Never `<stem>.incomplete`, to which older ones append. */
export function partialPath(staged: StagedFile, id: string): string {
  return join(staged.folder, `${staged.stem}.${id}.incomplete`)
}

/**
 * `<stem>.<id of the partial>.<id of the writer>.journal.incomplete`: pruned together with the partial. Renaming it
 * to another writer's id is how a partial changes hands, and only one process can succeed in that.
 */
export function journalPath(staged: StagedFile, id: string, writerId: string): string {
  return join(staged.folder, `${staged.stem}.${id}.${writerId}.journal.incomplete`)
}

const journalEnd = /^\.([0-9a-f]{8})\.[0-9a-f]{8}\.journal\.incomplete$/

/** The id of the partial that a journal belongs to; undefined for names that are no journal of this file. */
export function parseJournalName(staged: StagedFile, name: string): string | undefined {
  return name.startsWith(staged.stem)
    ? journalEnd.exec(name.slice(staged.stem.length))?.[1]
    : undefined
}
