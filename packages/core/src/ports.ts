/**
 * Every role of the house. A package implements some of them and asks for others; nobody asks for a package.
 *
 *   resolve, list (HubApi) → select, plan (hub) → stage (FileStore) → transfer, verify (FileTransfer) → commit (FileStore)
 */
import type { TraceContext } from './channels.ts'
import type { FlowSink } from './events.ts'
import type { FileState } from './model/download.ts'
import type {
  CachedFile,
  ContentHash,
  FileLocation,
  FoundFile,
  PinnedFile,
  RepoFile,
  StagedFile,
  VerifiedFile,
} from './model/file.ts'
import type { FileListing } from './model/listing.ts'
import type { Account, RepoInfo, RepoRef, RepoRefs, ResolvedRevision } from './model/repo.ts'

export interface AbortOptions {
  readonly signal?: AbortSignal
}

/** What every step of a job may take along: a way to stop it, and an ear. */
export interface StepOptions extends AbortOptions {
  readonly emit?: FlowSink
  /** For traces: the job and file this step works for. */
  readonly trace?: TraceContext
}

// ── HTTP ────────────────────────────────────────────────────────────────────────────────────────────────

/** One small request, its body in memory. */
export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST'
  readonly url: string
  /** Lower-case names. The transport adds user agent, token (to the Hub origin only) and request id. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /**
   * `follow`: every hop, dropping the token outside the Hub origin. `same-origin`: follow while the origin stays,
   * answer with the first redirect that leaves it (how LFS metadata is read). `none`: answer with any redirect.
   * @default 'follow'
   */
  readonly redirect?: 'follow' | 'same-origin' | 'none'
  /** Largest body that is read, in bytes. @default 64 MiB */
  readonly maxBodyBytes?: number
  /** Retry on statuses and network errors that may pass. @default true */
  readonly retry?: boolean
}

/** The answer to an {@link HttpRequest}, its body in memory. */
export interface HttpResponse {
  readonly status: number
  /** Lower-case names; repeated headers joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
  /** URL of the answer, after redirects. */
  readonly url: string
  /** Decoded body. Empty for HEAD. */
  readonly body: Uint8Array
}

/**
 * Sends small requests: authorizes, follows, retries, waits its turn at the rate gate.
 * Rejects with an `HttpError` for status >= 400 and for no answer at all; never returns one.
 */
export interface Transport {
  send(request: HttpRequest, options?: StepOptions): Promise<HttpResponse>
}

/** One range of bytes of one URL. */
export interface RangeRequest {
  readonly url: string
  /** First byte wanted. */
  readonly start: number
  /** One past the last byte wanted. */
  readonly end: number
  /** Size of the whole resource, for checking `Content-Range`; a request of `[0, size)` is sent without `Range`. */
  readonly totalBytes: number
  /** Ask for a connection that has not served before: after a stall, or after wrong bytes. @default false */
  readonly freshConnection?: boolean
}

/**
 * Where a range's bytes go, straight from the socket's callback.
 * The chunk belongs to the sink only during the call unless the answer says `chunksOwned`; `false` pauses the socket until `resume`.
 */
export interface RangeSink {
  /** Called once, before the first byte, when the answer has been found to be what was asked for. */
  onStart?(answer: RangeAnswer): void
  /** Takes the next bytes of the range, in order. Return false to stop reading until `resume()` given in `onPause` is called. */
  onData(chunk: Uint8Array, resume: () => void): boolean
}

/** What a server answered to a {@link RangeRequest}, before the first byte. */
export interface RangeAnswer {
  readonly status: 200 | 206
  /** Offset of the first byte that will arrive: `start`, or 0 when the server ignored the range (status 200). */
  readonly start: number
  /** URL that answered, after redirects. */
  readonly url: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** True when each chunk of this answer is the sink's to keep (its memory is never written again). @default false */
  readonly chunksOwned?: boolean
  /**
   * Takes an owned chunk's memory back when the sink is done with its bytes, for the reader to use again.
   * A sink need not call it; one that does hands back each chunk once, whole or in part. @default none
   */
  readonly release?: (chunk: Uint8Array) => void
}

/**
 * Reads one byte range into a sink: one request, one connection, no retry (the lane decides).
 * Strict: exact `Content-Range`, identity encoding, exact length; anything else rejects with an `HttpError`
 * (`HUB_RANGE_REFUSED`, `HUB_BAD_RESPONSE`, `HUB_CONNECTION_LOST`, …) after the good bytes were handed over.
 * A 200 to a range request that begins past 0 rejects with `HUB_RANGE_REFUSED` before any byte is handed over.
 */
export interface RangeReader {
  readRange(request: RangeRequest, sink: RangeSink, options?: StepOptions): Promise<RangeAnswer>
  /** Closes idle connections. */
  close(): Promise<void>
}

// ── The Hub ─────────────────────────────────────────────────────────────────────────────────────────────

/** Every endpoint of the Hub that downloads need. Rejects with an `HttpError` whose code says what the Hub meant. */
export interface HubApi {
  /** One request for a branch, tag or short hash; none for a full commit hash. */
  resolveRevision(repo: RepoRef, revision: string, options?: StepOptions): Promise<ResolvedRevision>
  describeRepo(repo: RepoRef, revision?: string, options?: StepOptions): Promise<RepoInfo>
  listRefs(repo: RepoRef, options?: StepOptions): Promise<RepoRefs>
  /** Every file below `path` (whole repository by default), page by page; folders left out. */
  listTree(
    repo: RepoRef,
    revision: string,
    options?: ListTreeOptions,
  ): AsyncIterable<readonly RepoFile[]>
  /** The named files only; unknown paths are missing from the answer. */
  describePaths(
    repo: RepoRef,
    revision: string,
    paths: readonly string[],
    options?: StepOptions,
  ): Promise<readonly RepoFile[]>
  /** HEAD of the resolve URL: what a single file is at a revision, and where its bytes are. */
  describeFile(
    repo: RepoRef,
    revision: string,
    path: string,
    options?: StepOptions,
  ): Promise<DescribedFile>
  /** Where the bytes of a pinned file are now; one HEAD for files behind a signed URL. */
  locateFile(file: PinnedFile, options?: StepOptions): Promise<FileLocation>
  describeAccount(options?: StepOptions): Promise<Account>
}

/** Which part of a tree {@link HubApi.listTree} lists. */
export interface ListTreeOptions extends StepOptions {
  readonly path?: string
  /** @default true */
  readonly recursive?: boolean
}

/** A file at a revision, and where its bytes are now. */
export interface DescribedFile {
  readonly file: PinnedFile
  readonly location: FileLocation
}

// ── Bytes ───────────────────────────────────────────────────────────────────────────────────────────────

/** A resource to transfer: any URL will do. */
export interface TransferSource {
  /** For messages and events. */
  readonly path: string
  readonly sizeBytes: number
  /** Also the key of the resume journal, with the size. */
  readonly hash?: ContentHash
  /** Asked once per transfer, again before a signed URL expires and after a 401, 403, 404 or 410 from it. Calls are joined. */
  locate(options: StepOptions & { readonly fresh: boolean }): Promise<FileLocation>
}

/** Bytes that are on disk and proven, and what that cost. */
export interface TransferResult {
  readonly file: VerifiedFile
  /** Bytes that came over the network, refetched ones counted again. */
  readonly fetchedBytes: number
  readonly resumedBytes: number
  readonly attempts: number
  /** What `commit` answered; absent where none was given. */
  readonly committed?: CachedFile
}

/** Brings bytes to disk and proves them, over one pool of connections for all files. */
export interface FileTransfer {
  /** Brings the bytes of a source to disk over the shared lanes, resuming what is there, and proves them. */
  transferFile(
    source: TransferSource,
    staged: StagedFile,
    options?: TransferFileOptions,
  ): Promise<TransferResult>
  /** Bytes that a resume would not fetch again. Reads only; 0 when there is no usable partial. */
  findPartial(source: Omit<TransferSource, 'locate'>, staged: StagedFile): Promise<number>
  /** Proves bytes that are on disk already, by hash. Rejects with an `IntegrityError`. */
  verifyFile(path: string, expected: ExpectedContent, options?: StepOptions): Promise<VerifiedFile>
  /** Stops lanes, workers and timers. Partials stay. */
  close(): Promise<void>
}

/** How {@link FileTransfer.transferFile} goes about it. */
export interface TransferFileOptions extends StepOptions {
  /** Throw away partials and fetch every byte again. @default false */
  readonly force?: boolean
  /** Go on although the volume gets too small for what is still to come. @default false */
  readonly forceSpace?: boolean
  /** While it returns a promise, the file's lanes take no new range. */
  readonly gate?: PauseGate
  /**
   * Gives the proven bytes their final name. What a next run would need is kept until it has: a process that dies in
   * between fetches nothing again. Where it rejects, the transfer does.
   * @default the caller moves the file, and a kill before that may cost it
   */
  readonly commit?: (file: VerifiedFile) => Promise<CachedFile>
  /** Told once, also of a failure: bytes that came over the network. */
  readonly onEnd?: (fetchedBytes: number) => void
}

/** A pause button that lanes look at between ranges and while bytes arrive. */
export interface PauseGate {
  readonly paused: boolean
  /** Resolves when not paused. */
  whenOpen(signal?: AbortSignal): Promise<void>
  /** Calls back on each change; returns the function that stops it. */
  onChange(listener: (paused: boolean) => void): () => void
}

/** What bytes on disk are compared with. */
export interface ExpectedContent {
  /** For messages. */
  readonly path: string
  readonly sizeBytes: number
  readonly hash?: ContentHash
}

/** Hashes files off the main thread. */
export interface FileHasher {
  /** Lower-case hex of the file's whole content. */
  hashFile(
    path: string,
    algorithm: ContentHash['algorithm'],
    options?: AbortOptions,
  ): Promise<string>
}

// ── Disk ────────────────────────────────────────────────────────────────────────────────────────────────

/** Knows where the files of a repository live: the shared Hub cache, or one plain folder. */
export interface FileStore {
  readonly kind: 'hub-cache' | 'local-dir'
  /** Folder in which a snapshot's files appear under their repository paths. It may not exist yet. */
  snapshotFolder(repo: RepoRef, commit: string): string
  /** Where the store begins: the cache, or the folder. */
  readonly root: string

  /** What is on disk for a file. Asks no server. */
  findFile(file: PinnedFile, options?: FindFileOptions): Promise<FileState>
  /** Publishes a file whose bytes are on this machine already (state `link`). */
  linkFile(
    file: PinnedFile,
    state: FileState & { readonly kind: 'link' },
    options?: StepOptions,
  ): Promise<CachedFile>
  /** Where the bytes of a file would wait. Makes nothing. */
  stagingPlace(file: PinnedFile): StagedFile
  /** The same place, made ready: its folder exists. */
  stageFile(file: PinnedFile): Promise<StagedFile>
  /** Publishes proven bytes under their final name, atomically. */
  commitFile(verified: VerifiedFile, file: PinnedFile): Promise<CachedFile>
  /**
   * Runs `work` as the only writer of this file's blob, where the volume can lock; a waiter that finds the file
   * in place when its turn comes should look again. Never needed for correctness.
   */
  withFileLock<T>(file: PinnedFile, work: () => Promise<T>, options?: FileLockOptions): Promise<T>

  /** Commit that a branch, tag or PR meant when it was last asked; undefined when never. */
  readRevision(repo: RepoRef, revision: string): Promise<CachedRevision | undefined>
  writeRevision(repo: RepoRef, revision: ResolvedRevision): Promise<void>
  /** The stored listing of a commit, whatever its size; undefined when there is none or it cannot be trusted. */
  openTree(repo: RepoRef, commit: string): Promise<FileListing | undefined>
  /** The same, all of it in memory. */
  readTree(repo: RepoRef, commit: string): Promise<readonly RepoFile[] | undefined>
  /**
   * Stores a listing, whole or not at all; one that comes in pages is never held whole. A store that keeps none
   * (read-only, or a hash in it is masked) reads no further.
   */
  writeTree(
    repo: RepoRef,
    commit: string,
    files: readonly RepoFile[] | AsyncIterable<readonly RepoFile[]>,
  ): Promise<void>
  /** Files of a snapshot as they are on disk, by repository path; empty when there is none. */
  listSnapshot(repo: RepoRef, commit: string): Promise<readonly string[]>
  /** A file of a snapshot if it is there, whatever it holds. */
  findSnapshotFile(repo: RepoRef, commit: string, path: string): Promise<FoundFile | undefined>
  /** Remembers that the Hub said this path does not exist at this commit. */
  markMissing(repo: RepoRef, commit: string, path: string): Promise<void>
  isKnownMissing(repo: RepoRef, commit: string, path: string): Promise<boolean>
}

/** How {@link FileStore.findFile} looks. */
export interface FindFileOptions extends AbortOptions {
  /** Answer `fetch` even when it is there. @default false */
  readonly force?: boolean
}

/** How {@link FileStore.withFileLock} goes about it. */
export interface FileLockOptions extends StepOptions {
  /** Nothing of the file is here yet: all that a missing lock can cost is fetching it twice. @default false */
  readonly absent?: boolean
}

/** What a branch, tag or PR meant when the Hub was last asked. */
export interface CachedRevision {
  readonly commit: string
  /** When the ref was last written or confirmed, milliseconds since the epoch. */
  readonly checkedAtMs: number
}
