import { visible } from './visible.ts'

/** What went wrong, for programs. Each code has a row in `docs/errors.md`. */
export type HubErrorCode =
  // Asked wrongly
  | 'HUB_INVALID_REPO_ID'
  | 'HUB_INVALID_PATH'
  | 'HUB_INVALID_OPTION'
  | 'HUB_INVALID_URI'
  | 'HUB_INVALID_CONFIG'
  | 'HUB_NO_MATCH'
  // Who are you
  | 'HUB_UNAUTHORIZED'
  | 'HUB_TOKEN_MISSING'
  | 'HUB_TOKEN_INVALID'
  | 'HUB_TOKEN_EXCHANGE_FAILED'
  | 'HUB_FORBIDDEN'
  | 'HUB_GATED_REPO'
  | 'HUB_REPO_DISABLED'
  // Not there
  | 'HUB_REPO_NOT_FOUND'
  | 'HUB_REVISION_NOT_FOUND'
  | 'HUB_ENTRY_NOT_FOUND'
  // Not here
  | 'HUB_OFFLINE'
  | 'HUB_OFFLINE_MISS'
  | 'HUB_INCOMPLETE_SNAPSHOT'
  | 'HUB_CACHE_NOT_FOUND'
  // The wire
  | 'HUB_BAD_REQUEST'
  | 'HUB_RATE_LIMITED'
  | 'HUB_SERVER_ERROR'
  | 'HUB_HTTP_STATUS'
  | 'HUB_BAD_RESPONSE'
  | 'HUB_METADATA_MISSING'
  | 'HUB_RANGE_REFUSED'
  | 'HUB_UNSAFE_REDIRECT'
  | 'HUB_TOO_MANY_REDIRECTS'
  | 'HUB_RESPONSE_TOO_LARGE'
  | 'HUB_CONNECT_FAILED'
  | 'HUB_DNS_FAILED'
  | 'HUB_TLS_FAILED'
  | 'HUB_PROXY_FAILED'
  | 'HUB_PROXY_AUTH'
  | 'HUB_TIMEOUT'
  | 'HUB_CONNECTION_LOST'
  | 'HUB_STALLED'
  | 'HUB_DEADLINE'
  | 'HUB_BUDGET_EXCEEDED'
  | 'HUB_LOCATION_EXPIRED'
  // The bytes
  | 'HUB_HASH_MISMATCH'
  | 'HUB_SIZE_MISMATCH'
  // The disk
  | 'HUB_NO_SPACE'
  | 'HUB_PERMISSION_DENIED'
  | 'HUB_READ_ONLY'
  | 'HUB_UNSAFE_PATH'
  | 'HUB_CACHE_CORRUPT'
  | 'HUB_DISK'
  | 'HUB_LOCK_FAILED'
  // The job
  | 'HUB_SNAPSHOT_FAILED'
  | 'HUB_LOCK_DRIFT'
  | 'HUB_WIRING'

/** What every {@link HubError} is made of. */
export interface HubErrorInit {
  readonly code: HubErrorCode
  /** What failed, with its subject (repo, path, redacted URL). */
  readonly message: string
  /** One sentence that tells the user what to do next. */
  readonly hint?: string
  readonly cause?: unknown
}

/** Every failure a user can meet. Class tells the shape, `code` the meaning. Its words hold nothing that plays with a terminal. */
export class HubError extends Error {
  override readonly name: string = 'HubError'
  readonly code: HubErrorCode
  readonly hint: string | undefined

  constructor(init: HubErrorInit) {
    super(showLines(init.message), init.cause === undefined ? undefined : { cause: init.cause })
    this.code = init.code
    this.hint = init.hint === undefined ? undefined : showLines(init.hint)
  }
}

function showLines(text: string): string {
  return text.split('\n').map(visible).join('\n')
}

/** What an {@link HttpError} is made of. */
export interface HttpErrorInit extends HubErrorInit {
  readonly status?: number
  /** Already redacted: no query, no user info. */
  readonly url: string
  readonly requestId?: string
  readonly retryAfterMs?: number
  readonly retryable: boolean
  readonly attempts?: number
  /** `X-Repo-Commit` of the answer: the commit at which an entry was not found. */
  readonly repoCommit?: string
}

/** A request that got no usable answer. `status` is absent when there was none at all. */
export class HttpError extends HubError {
  override readonly name = 'HttpError'
  readonly status: number | undefined
  readonly url: string
  readonly requestId: string | undefined
  readonly retryAfterMs: number | undefined
  /** True when the same request may succeed later. */
  readonly retryable: boolean
  readonly attempts: number
  readonly repoCommit: string | undefined

  constructor(init: HttpErrorInit) {
    super(init)
    this.status = init.status
    this.url = init.url
    this.requestId = plainId(init.requestId)
    this.retryAfterMs = init.retryAfterMs
    this.retryable = init.retryable
    this.attempts = init.attempts ?? 1
    this.repoCommit = plainId(init.repoCommit)
  }
}

/** An id is for reports: one that no person could copy is left out. */
function plainId(id: string | undefined): string | undefined {
  return id !== undefined && /^[\x20-\x7E]{1,200}$/.test(id) ? id : undefined
}

/** The same failure in other words: its facts are kept, and it becomes the cause. */
export function rewordHttpError(
  error: HttpError,
  words: Pick<HubErrorInit, 'message' | 'hint'> & {
    readonly code?: HubErrorCode
    readonly attempts?: number
  },
): HttpError {
  const { code, hint, url, retryable, status, requestId, retryAfterMs, attempts, repoCommit } =
    error
  const nextStep = words.hint ?? hint
  return new HttpError({
    code: words.code ?? code,
    message: words.message,
    url,
    retryable,
    attempts: words.attempts ?? attempts,
    cause: error,
    ...(nextStep === undefined ? {} : { hint: nextStep }),
    ...(status === undefined ? {} : { status }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(repoCommit === undefined ? {} : { repoCommit }),
  })
}

/** What an {@link IntegrityError} is made of. */
export interface IntegrityErrorInit extends HubErrorInit {
  readonly path: string
  readonly expected: string
  readonly actual: string
}

/** The bytes are not the bytes the Hub promised. Nothing was published. */
export class IntegrityError extends HubError {
  override readonly name = 'IntegrityError'
  readonly path: string
  readonly expected: string
  readonly actual: string

  constructor(init: IntegrityErrorInit) {
    super(init)
    this.path = init.path
    this.expected = init.expected
    this.actual = init.actual
  }
}

/** What a {@link StalledError} is made of. */
export interface StalledErrorInit extends HubErrorInit {
  readonly path: string
  readonly doneBytes: number
  readonly lastProgressAtMs: number
  readonly attempts: number
}

/** No bytes arrived for too long, from any connection. What did arrive is kept. */
export class StalledError extends HubError {
  override readonly name = 'StalledError'
  readonly path: string
  readonly doneBytes: number
  readonly lastProgressAtMs: number
  readonly attempts: number

  constructor(init: StalledErrorInit) {
    super(init)
    this.path = init.path
    this.doneBytes = init.doneBytes
    this.lastProgressAtMs = init.lastProgressAtMs
    this.attempts = init.attempts
  }
}

/** What a {@link DiskError} is made of. */
export interface DiskErrorInit extends HubErrorInit {
  readonly path: string
}

/** The disk refused: permissions, corruption, an unsafe path, a lock. */
export class DiskError extends HubError {
  override readonly name: string = 'DiskError'
  readonly path: string

  constructor(init: DiskErrorInit) {
    super(init)
    this.path = init.path
  }
}

/** What an {@link InsufficientSpaceError} is made of. */
export interface InsufficientSpaceErrorInit extends DiskErrorInit {
  readonly needBytes: number
  readonly freeBytes: number
}

/** The volume of `path` has less room than the download needs. */
export class InsufficientSpaceError extends DiskError {
  override readonly name = 'InsufficientSpaceError'
  readonly needBytes: number
  readonly freeBytes: number

  constructor(init: InsufficientSpaceErrorInit) {
    super(init)
    this.needBytes = init.needBytes
    this.freeBytes = init.freeBytes
  }
}

/** What an {@link IncompleteError} is made of. */
export interface IncompleteErrorInit extends HubErrorInit {
  /** Folder that holds what is there. */
  readonly folder: string
  /** Repository paths that are not there. */
  readonly missing: readonly string[]
}

/** A local copy lacks files and the network may not or cannot be asked. */
export class IncompleteError extends HubError {
  override readonly name = 'IncompleteError'
  readonly folder: string
  readonly missing: readonly string[]

  constructor(init: IncompleteErrorInit) {
    super(init)
    this.folder = init.folder
    this.missing = init.missing
  }
}

/** What a {@link SnapshotError} is made of. */
export interface SnapshotErrorInit extends HubErrorInit {
  readonly failures: readonly { readonly path: string; readonly error: Error }[]
  readonly completed: number
}

/** Some files of a snapshot failed. Every failure is listed; the finished files stay. */
export class SnapshotError extends HubError {
  override readonly name = 'SnapshotError'
  readonly failures: readonly { readonly path: string; readonly error: Error }[]
  readonly completed: number

  constructor(init: SnapshotErrorInit) {
    super(init)
    this.failures = init.failures
    this.completed = init.completed
  }
}

/** `X-Request-Id` of the answer that an error is about, where there was one. */
export function requestIdOf(error: unknown): string | undefined {
  return error instanceof Error && 'requestId' in error && typeof error.requestId === 'string'
    ? error.requestId
    : undefined
}

/** True across package copies and realms, where `instanceof` is not: the code prefix is the brand. */
export function isHubError(value: unknown, code?: HubErrorCode): value is HubError {
  if (!(value instanceof Error) || !('code' in value) || typeof value.code !== 'string')
    return false
  return code === undefined ? value.code.startsWith('HUB_') : value.code === code
}
