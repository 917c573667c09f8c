import type { RepoFile } from './file.ts'
import type { RepoRef } from './repo.ts'

/** What the local copy may answer before the Hub is asked. */
export type CachePolicy =
  /** Never touch the network. */
  | { readonly kind: 'cache-only' }
  /** What is complete on disk is the answer; only what is missing is fetched. */
  | { readonly kind: 'cache-first' }
  /** Ask the Hub what a branch means, unless it was asked less than `ttlMs` ago. Falls back to a complete copy. */
  | { readonly kind: 'revalidate'; readonly ttlMs: number }
  /** Ask the Hub; a Hub that is down is an error. */
  | { readonly kind: 'network' }

/** One file of one repository. */
export interface FileRequest {
  readonly repo: RepoRef
  readonly revision: string
  readonly path: string
}

/** Files of one repository at one revision. */
export interface SnapshotRequest {
  readonly repo: RepoRef
  readonly revision: string
  /** Keep paths that match one of these. Absent: keep all. Python's `fnmatch` meaning. */
  readonly allowPatterns?: readonly string[]
  /** Drop paths that match one of these. */
  readonly ignorePatterns?: readonly string[]
  /** The last choice, among the files that the patterns leave. Absent: all of them. */
  readonly select?: (files: readonly RepoFile[]) => readonly RepoFile[]
  /** What the commit holds, known beforehand (a lock file): nobody is asked. `revision` is a full commit hash. */
  readonly files?: readonly RepoFile[]
}

/** What stands between a file and its final place, as known before byte one. */
export type FileState =
  /** In place already. */
  | { readonly kind: 'cached'; readonly path: string }
  /** The bytes are on this machine; a link or copy publishes them. */
  | { readonly kind: 'link'; readonly from: string; readonly diskBytes: number }
  /** Some bytes are waiting in a partial. */
  | { readonly kind: 'resume'; readonly doneBytes: number }
  | { readonly kind: 'fetch' }

/** One file of a {@link DownloadPlan}. */
export interface PlannedFile {
  readonly path: string
  readonly sizeBytes: number
  readonly state: FileState
}

/** A download as it would run: nothing has been written yet. */
export interface DownloadPlan {
  readonly repo: RepoRef
  readonly revision: string
  readonly commit: string
  readonly files: readonly PlannedFile[]
  readonly fileCount: number
  /** Files that are in place. */
  readonly cachedFiles: number
  /** Files whose bytes are on this machine, but not in their place. */
  readonly linkedFiles: number
  readonly totalBytes: number
  /** Bytes that are in place, or only need a link. */
  readonly cachedBytes: number
  readonly resumeBytes: number
  /** Bytes that will cross the network. */
  readonly fetchBytes: number
  /** Bytes of new disk space that the download takes. */
  readonly diskBytes: number
  /** Requests that the download will make, redirects not counted. */
  readonly requests: number
}

/** Where a file came from: it was in place, its bytes were on this machine, or the Hub sent them. */
export type FileSourceKind = 'cache' | 'link' | 'hub'

/** How one file of a job ended. */
export type FileOutcome =
  | {
      readonly kind: 'ok'
      readonly path: string
      readonly localPath: string
      readonly sizeBytes: number
      readonly source: FileSourceKind
      /** Bytes that came over the network in this job, refetches included. */
      readonly fetchedBytes: number
      readonly attempts: number
      readonly verifiedBy: 'sha256' | 'git-sha1' | 'size' | 'earlier'
    }
  | { readonly kind: 'failed'; readonly path: string; readonly error: Error }

/** What a repository, or the chosen part of it, has become on this machine. */
export interface SnapshotResult {
  readonly repo: RepoRef
  readonly revision: string
  readonly commit: string
  /** Snapshot folder of the cache, or the local folder. */
  readonly folder: string
  /** One object per file, in the order in which they ended, made when they are first asked for. */
  readonly files: readonly FileOutcome[]
  readonly fileCount: number
  /** How many files came from where. */
  readonly filesFrom: Readonly<Record<FileSourceKind, number>>
  /** The same as `files`, one at a time: for repositories of so many files that they should not be objects at once. */
  eachFile(): Iterable<FileOutcome>
  readonly totalBytes: number
  readonly fetchedBytes: number
  readonly durationMs: number
  /** True when the Hub could not be asked and a complete local copy was the answer. */
  readonly stale: boolean
  /** `unknown` when only a folder without a stored listing was there to answer from, offline. */
  readonly completeness: 'proven' | 'unknown'
}

/** What one file of a repository has become on this machine. */
export interface FileResult {
  readonly repo: RepoRef
  readonly revision: string
  readonly commit: string
  readonly path: string
  readonly localPath: string
  readonly sizeBytes: number
  readonly source: FileSourceKind
  readonly fetchedBytes: number
  readonly durationMs: number
  readonly stale: boolean
}
