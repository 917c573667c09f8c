import type {
  Account,
  CachePolicy,
  DownloadPlan,
  EventSink,
  FileResult,
  HubEvent,
  PinnedFile,
  RepoFile,
  RepoInfo,
  RepoRef,
  RepoRefs,
  RepoType,
  SnapshotResult,
} from '@hfx/core'
import type { EventOf } from './event-bus.ts'
import type { Job } from './job.ts'

/** `org/name`, `datasets/org/name`, an `hf://` URI, a pasted Hub URL, or the parts. */
export type RepoInput = string | RepoRef

/** Which revision of which kind of repository. */
export interface RevisionOptions {
  /** Kind of repository when the id does not say. @default 'model' */
  readonly type?: RepoType
  /** Branch, tag, `refs/pr/N` or commit hash. @default 'main', or what the URI names */
  readonly revision?: string
  readonly signal?: AbortSignal
}

/** How one file is downloaded. */
export interface FileOptions extends RevisionOptions {
  /** What the local copy may answer. @default the client's `policy` */
  readonly policy?: CachePolicy
  /** Fetch every byte again. @default false */
  readonly force?: boolean
  /** Start although the volume seems too small. @default false */
  readonly forceSpace?: boolean
  /** Put real files into this folder instead of the shared cache. @default the shared cache */
  readonly localDir?: string
  /** Hears the events of this job only. */
  readonly onEvent?: EventSink
}

/** How a snapshot is downloaded, and which files of it. */
export interface SnapshotOptions extends FileOptions {
  /** Keep paths that match one of these. Each must match something. @default all */
  readonly allowPatterns?: string | readonly string[]
  /** Drop paths that match one of these. @default none */
  readonly ignorePatterns?: string | readonly string[]
  /** The last choice, among the files that the patterns leave, such as `(files) => selectWeights(files).selected`. */
  readonly select?: (files: readonly RepoFile[]) => readonly RepoFile[]
  /** What the commit holds, known beforehand (a lock file): nobody is asked. Needs a full commit hash as revision. */
  readonly files?: readonly RepoFile[]
}

/** Which files {@link HubClient.listFiles} lists. */
export interface ListFilesOptions extends RevisionOptions {
  /** Folder to list. @default the whole repository */
  readonly path?: string
  /** @default true */
  readonly recursive?: boolean
}

/** The Hub in one hand. Every method that takes long returns a job: await it, or iterate its events. */
export interface HubClient {
  /** One file into the cache (or `localDir`), verified. */
  download(repo: RepoInput, path: string, options?: FileOptions): Job<FileResult>
  /** All files of a revision: the same as {@link HubClient.snapshot}. */
  download(repo: RepoInput, options?: SnapshotOptions): Job<SnapshotResult>
  /** All files of a revision, or those that the patterns leave, into the cache (or `localDir`), verified. */
  snapshot(repo: RepoInput, options?: SnapshotOptions): Job<SnapshotResult>
  /** What {@link HubClient.snapshot} would do. Writes nothing. */
  plan(repo: RepoInput, options?: SnapshotOptions): Job<DownloadPlan>
  /** The files of a revision, folders left out, in the order of the Hub. */
  listFiles(repo: RepoInput, options?: ListFilesOptions): AsyncIterable<RepoFile>
  /** Size, hash and commit of one file: one HEAD. */
  fileInfo(repo: RepoInput, path: string, options?: RevisionOptions): Promise<PinnedFile>
  repoInfo(repo: RepoInput, options?: RevisionOptions): Promise<RepoInfo>
  listRefs(repo: RepoInput, options?: RevisionOptions): Promise<RepoRefs>
  /** Whose token this is. */
  whoami(options?: { readonly signal?: AbortSignal }): Promise<Account>
  /** Hears one type of event of every job. Returns the function that stops it. */
  on<T extends HubEvent['type']>(type: T, listener: (event: EventOf<T>) => void): () => void
  /** Hears every event of every job. */
  onAny(listener: EventSink): () => void
  /** Bytes per second over everything this client downloads, from now on; undefined lifts the limit. */
  setRateLimit(bytesPerSecond: number | undefined): void
  /** Aborts what runs and closes sockets and workers. Partials stay. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
