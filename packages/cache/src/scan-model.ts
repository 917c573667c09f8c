import type { RepoRef } from '@hfx/core'

/** One file of a revision. */
export interface ScannedFile {
  /** Repository path. */
  readonly path: string
  readonly filePath: string
  /** Where the bytes are: behind all links. */
  readonly blobPath: string
  readonly sizeBytes: number
  readonly lastAccessedMs: number
  readonly lastModifiedMs: number
}

/** One snapshot folder. */
export interface ScannedRevision {
  readonly commit: string
  readonly folder: string
  /** Branches, tags and PRs that name this commit. */
  readonly refs: readonly string[]
  /** Each distinct blob once. */
  readonly sizeBytes: number
  readonly fileCount: number
  readonly lastModifiedMs: number
  readonly lastAccessedMs: number
  /** Only when asked for. */
  readonly files: readonly ScannedFile[]
}

/** A file that no snapshot shows. */
export interface LooseFile {
  /** `partial`: a download under way or broken off; `orphan`: a blob without a snapshot; `temp`: left by a crash. */
  readonly kind: 'partial' | 'orphan' | 'temp'
  readonly path: string
  readonly sizeBytes: number
  readonly changedAtMs: number
}

/** One repository of a cache, as it is on disk. */
export interface ScannedRepo {
  readonly repo: RepoRef
  readonly folder: string
  /** Distinct blobs of all snapshots. Partials and orphans are not in it. */
  readonly sizeBytes: number
  readonly fileCount: number
  readonly lastAccessedMs: number
  readonly lastModifiedMs: number
  readonly revisions: readonly ScannedRevision[]
  /** Ref name → commit. */
  readonly refs: Readonly<Record<string, string>>
  readonly loose: readonly LooseFile[]
  /** Snapshot entries whose blob is gone. */
  readonly danglingLinks: readonly string[]
  /** What Python's scanner would call corruption, in its words; it leaves such a repository out. */
  readonly warnings: readonly string[]
}

/** What a cache holds, repository by repository. */
export interface CacheScan {
  readonly root: string
  /** Of the sound repositories, as Python counts. */
  readonly sizeBytes: number
  readonly repos: readonly ScannedRepo[]
  /** Repositories with dangling links or stray files: usable in part, repaired by a download. */
  readonly damaged: readonly ScannedRepo[]
  readonly partialBytes: number
  readonly orphanBytes: number
  readonly danglingLinks: readonly string[]
  /** Lock files that guard nothing any more. They are harmless, and never removed: someone may wait on one. */
  readonly staleLocks: readonly string[]
  readonly warnings: readonly string[]
}
