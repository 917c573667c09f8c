import type { RepoFile, RepoRef, RepoType } from '@hfx/core'

/** What a lock file says: which bytes of which repositories belong together. */
export interface LockFile {
  readonly lockVersion: 1
  /** Sorted by type, id and revision. */
  readonly repos: readonly LockedRepo[]
}

/** One repository at one commit, and the files that were chosen of it. */
export interface LockedRepo {
  readonly repo: string
  readonly type: RepoType
  /** What was asked for, and what `update` will ask for again. */
  readonly revision: string
  /** 40 hex characters. */
  readonly commit: string
  readonly select?: LockedSelection
  /** Sorted by path. */
  readonly files: readonly LockedFile[]
}

/** How the files were chosen, so that `update` chooses alike. */
export interface LockedSelection {
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly weights?: 'auto'
  readonly quant?: string
}

/** One file: its size and the hash that the Hub names it by. */
export interface LockedFile {
  readonly path: string
  readonly sizeBytes: number
  /** Of the bytes, 64 hex characters: files in large storage. */
  readonly sha256?: string
  /** Git's object id, 40 hex characters: all other files. */
  readonly gitSha1?: string
}

/** An entry for the files of a listing. Nothing of the machine, the mirror or the day is in it. */
export function createLockedRepo(what: {
  readonly repo: RepoRef
  readonly revision: string
  readonly commit: string
  readonly files: readonly RepoFile[]
  readonly select?: LockedSelection
}): LockedRepo {
  const { repo, revision, commit, select } = what
  return {
    repo: repo.id,
    type: repo.type,
    revision,
    commit,
    ...(select && Object.keys(select).length > 0 ? { select } : {}),
    files: what.files.map(lockFile).toSorted((a, b) => compareText(a.path, b.path)),
  }
}

/** The lock with an entry added, or put in place of the one for the same repository and revision. */
export function withLockedRepo(lock: LockFile | undefined, entry: LockedRepo): LockFile {
  const others = (lock?.repos ?? []).filter((other) => keyOf(other) !== keyOf(entry))
  return {
    lockVersion: 1,
    repos: [...others, entry].toSorted((a, b) => compareText(keyOf(a), keyOf(b))),
  }
}

/** The text of a lock file: the same bytes on every system and behind every mirror. */
export function formatLockFile(lock: LockFile): string {
  return `${JSON.stringify(lock, null, 2)}\n`
}

/** The files of an entry as a listing, for a download that asks nobody. */
export function listLockedFiles(entry: LockedRepo): readonly RepoFile[] {
  return entry.files.map(({ path, sizeBytes, sha256, gitSha1 }) => ({
    path,
    sizeBytes,
    blobId: gitSha1 ?? '',
    ...(sha256 === undefined ? {} : { lfs: { sha256, sizeBytes } }),
  }))
}

/** How a file differs between two entries. */
export interface LockChange {
  readonly path: string
  readonly kind: 'added' | 'removed' | 'changed'
}

/** What is different in `after`, sorted by path. */
export function compareLockedFiles(
  before: readonly LockedFile[],
  after: readonly LockedFile[],
): readonly LockChange[] {
  const old = new Map(before.map((file) => [file.path, file]))
  const now = new Map(after.map((file) => [file.path, file]))
  const changes: LockChange[] = []
  for (const [path, file] of now) {
    const known = old.get(path)
    if (!known) changes.push({ path, kind: 'added' })
    else if (hashOf(known) !== hashOf(file)) changes.push({ path, kind: 'changed' })
  }
  for (const path of old.keys()) if (!now.has(path)) changes.push({ path, kind: 'removed' })
  return changes.toSorted((a, b) => compareText(a.path, b.path))
}

function lockFile(file: RepoFile): LockedFile {
  return file.lfs
    ? { path: file.path, sizeBytes: file.lfs.sizeBytes, sha256: file.lfs.sha256 }
    : { path: file.path, sizeBytes: file.sizeBytes, gitSha1: file.blobId }
}

function hashOf(file: LockedFile): string {
  return file.sha256 ?? file.gitSha1 ?? ''
}

function keyOf(entry: LockedRepo): string {
  return `${entry.type}/${entry.repo}@${entry.revision}`
}

/** By code units: no locale may change the order of a file that is under review. */
function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
