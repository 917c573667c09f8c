import type { RepoRef } from '@hfx/core'
import type { LooseFile, ScannedRepo, ScannedRevision } from './scan-model.ts'

/** What goes from one repository. */
export interface RepoRemoval {
  readonly repo: RepoRef
  readonly folder: string
  /** Everything of the repository goes: its folder, and nothing has to be counted. */
  readonly whole: boolean
  readonly revisions: readonly Pick<ScannedRevision, 'commit' | 'folder' | 'refs'>[]
  readonly loose: readonly LooseFile[]
  readonly freedBytes: number
}

/** What a removal would do. Nothing has been touched yet. */
export interface RemovalPlan {
  readonly root: string
  readonly repos: readonly RepoRemoval[]
  readonly freedBytes: number
  /** What was asked for and is not in the cache. */
  readonly notFound: readonly string[]
}

/** Which part of a repository is to go; revisions by their commits. */
export interface RepoChoice {
  readonly commits: ReadonlySet<string>
  readonly loose?: readonly LooseFile[]
}

/**
 * The removal of some revisions of a repository, scanned with its files. A blob goes when no other revision shows it.
 * Undefined when nothing is to go.
 */
export function planRepoRemoval(scanned: ScannedRepo, choice: RepoChoice): RepoRemoval | undefined {
  const going = scanned.revisions.filter(({ commit }) => choice.commits.has(commit))
  const loose = choice.loose ?? []
  if (going.length === 0 && loose.length === 0) return undefined
  const whole = going.length > 0 && going.length === scanned.revisions.length
  const freed = whole ? scanned.sizeBytes + sumBytes(scanned.loose) : freedBy(scanned, going, loose)
  return {
    repo: scanned.repo,
    folder: scanned.folder,
    whole,
    revisions: going.map(({ commit, folder, refs }) => ({ commit, folder, refs })),
    loose: whole ? [] : loose,
    freedBytes: freed,
  }
}

export function sumPlan(
  root: string,
  repos: readonly (RepoRemoval | undefined)[],
  notFound: readonly string[] = [],
): RemovalPlan {
  const planned = repos.filter((repo) => repo !== undefined)
  const freedBytes = planned.reduce((sum, repo) => sum + repo.freedBytes, 0)
  return { root, repos: planned, freedBytes, notFound }
}

function freedBy(
  scanned: ScannedRepo,
  going: readonly ScannedRevision[],
  loose: readonly LooseFile[],
): number {
  const leaving = new Set(going)
  const kept = new Set(
    scanned.revisions
      .filter((revision) => !leaving.has(revision))
      .flatMap(({ files }) => files.map(({ blobPath }) => blobPath)),
  )
  const freed = new Map<string, number>()
  for (const { blobPath, sizeBytes } of going.flatMap(({ files }) => files)) {
    if (!kept.has(blobPath)) freed.set(blobPath, sizeBytes)
  }
  return [...freed.values()].reduce((sum, bytes) => sum + bytes, sumBytes(loose))
}

function sumBytes(loose: readonly LooseFile[]): number {
  return loose.reduce((sum, file) => sum + file.sizeBytes, 0)
}
