import { type HubErrorCode, isHubError, SnapshotError } from '@hfx/core'

/** What the shell is told. Documented in `hfx help exit-codes`. */
export const exitCodes = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  auth: 3,
  notFound: 4,
  network: 5,
  disk: 6,
  integrity: 7,
  rateLimited: 8,
  incomplete: 9,
  interrupted: 130,
} as const

/** Code and meaning, for help and documents. */
export const exitCodeRows: readonly (readonly [ExitCode, string])[] = [
  [exitCodes.ok, 'done'],
  [exitCodes.unexpected, 'something nobody foresaw, or a question answered with no'],
  [exitCodes.usage, 'the command line or the configuration is wrong'],
  [exitCodes.auth, 'no token, a wrong token, or no access'],
  [exitCodes.notFound, 'no such repository, revision or file'],
  [exitCodes.network, 'the network or the server failed'],
  [exitCodes.disk, 'no space, no permission, or a read-only disk'],
  [exitCodes.integrity, 'bytes are not what they should be, or the lock file is out of date'],
  [exitCodes.rateLimited, 'the Hub limits the rate; try later or log in'],
  [exitCodes.incomplete, 'not everything is on this machine, and the network may not be used'],
  [exitCodes.interrupted, 'interrupted by Ctrl-C or SIGTERM; what is downloaded is kept'],
]

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

const byCode: Record<HubErrorCode, ExitCode> = {
  HUB_INVALID_REPO_ID: exitCodes.usage,
  HUB_INVALID_PATH: exitCodes.usage,
  HUB_INVALID_OPTION: exitCodes.usage,
  HUB_INVALID_URI: exitCodes.usage,
  HUB_INVALID_CONFIG: exitCodes.usage,
  HUB_NO_MATCH: exitCodes.notFound,
  HUB_UNAUTHORIZED: exitCodes.auth,
  HUB_TOKEN_MISSING: exitCodes.auth,
  HUB_TOKEN_INVALID: exitCodes.auth,
  HUB_TOKEN_EXCHANGE_FAILED: exitCodes.auth,
  HUB_FORBIDDEN: exitCodes.auth,
  HUB_GATED_REPO: exitCodes.auth,
  HUB_REPO_DISABLED: exitCodes.auth,
  HUB_REPO_NOT_FOUND: exitCodes.notFound,
  HUB_REVISION_NOT_FOUND: exitCodes.notFound,
  HUB_ENTRY_NOT_FOUND: exitCodes.notFound,
  HUB_OFFLINE: exitCodes.incomplete,
  HUB_OFFLINE_MISS: exitCodes.incomplete,
  HUB_INCOMPLETE_SNAPSHOT: exitCodes.incomplete,
  HUB_CACHE_NOT_FOUND: exitCodes.notFound,
  HUB_BAD_REQUEST: exitCodes.network,
  HUB_RATE_LIMITED: exitCodes.rateLimited,
  HUB_SERVER_ERROR: exitCodes.network,
  HUB_HTTP_STATUS: exitCodes.network,
  HUB_BAD_RESPONSE: exitCodes.network,
  HUB_METADATA_MISSING: exitCodes.network,
  HUB_RANGE_REFUSED: exitCodes.network,
  HUB_UNSAFE_REDIRECT: exitCodes.network,
  HUB_TOO_MANY_REDIRECTS: exitCodes.network,
  HUB_RESPONSE_TOO_LARGE: exitCodes.network,
  HUB_CONNECT_FAILED: exitCodes.network,
  HUB_DNS_FAILED: exitCodes.network,
  HUB_TLS_FAILED: exitCodes.network,
  HUB_PROXY_FAILED: exitCodes.network,
  HUB_PROXY_AUTH: exitCodes.network,
  HUB_TIMEOUT: exitCodes.network,
  HUB_CONNECTION_LOST: exitCodes.network,
  HUB_STALLED: exitCodes.network,
  HUB_DEADLINE: exitCodes.network,
  HUB_BUDGET_EXCEEDED: exitCodes.network,
  HUB_LOCATION_EXPIRED: exitCodes.network,
  HUB_HASH_MISMATCH: exitCodes.integrity,
  HUB_SIZE_MISMATCH: exitCodes.integrity,
  HUB_NO_SPACE: exitCodes.disk,
  HUB_PERMISSION_DENIED: exitCodes.disk,
  HUB_READ_ONLY: exitCodes.disk,
  HUB_UNSAFE_PATH: exitCodes.integrity,
  HUB_CACHE_CORRUPT: exitCodes.disk,
  HUB_DISK: exitCodes.disk,
  HUB_LOCK_FAILED: exitCodes.disk,
  HUB_SNAPSHOT_FAILED: exitCodes.unexpected,
  HUB_LOCK_DRIFT: exitCodes.integrity,
  HUB_WIRING: exitCodes.unexpected,
}

/** The exit code of a failure; a snapshot's is that of its first failed file. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof SnapshotError) return exitCodeOf(error.failures[0]?.error)
  if (isHubError(error)) return byCode[error.code]
  if (error instanceof TypeError || error instanceof RangeError) return exitCodes.unexpected
  return exitCodes.unexpected
}
