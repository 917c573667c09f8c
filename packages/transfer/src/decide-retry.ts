import {
  isHubError,
  type HttpError,
  type HubError,
  type HubErrorCode,
  type RandomSource,
} from '@hfx/core'
import type { ResolvedTransferOptions } from './options.ts'

/** What to do after an attempt at a range has failed. */
export type RetryDecision =
  | { readonly kind: 'fail' }
  | {
      readonly kind: 'retry'
      readonly waitMs: number
      readonly freshConnection: boolean
      /** Ask again where the bytes are. */
      readonly relocate: boolean
      /** Ask for the whole file without a range from here on. */
      readonly whole: boolean
    }

export interface RetrySubject {
  readonly error: unknown
  /** Attempts in a row without progress, this one counted. */
  readonly failures: number
  /** Answers of the whole file that did not honour the range, this one counted. */
  readonly refusals: number
  /** True when the failure came from asking for the location. */
  readonly locating: boolean
}

export type RetryRules = Pick<
  ResolvedTransferOptions,
  'maxAttempts' | 'retryWaitMs' | 'maxRetryWaitMs'
>

const expiredStatuses = new Set([401, 403, 404, 410])
/** What the Hub itself says of who asks and for what: the next answer would be the same. */
const finalCodes: ReadonlySet<HubErrorCode> = new Set([
  'HUB_GATED_REPO',
  'HUB_REPO_DISABLED',
  'HUB_REPO_NOT_FOUND',
  'HUB_REVISION_NOT_FOUND',
  'HUB_TOKEN_INVALID',
])
/** Something in between answered instead of the server: another node may do better, waiting long will not. */
const badAnswers: ReadonlySet<HubErrorCode> = new Set([
  'HUB_BAD_RESPONSE',
  'HUB_RESPONSE_TOO_LARGE',
  'HUB_SIZE_MISMATCH',
])
/** A location that was just renewed and is refused again will not get better. */
const maxExpiredFailures = 3
const maxBadAnswers = 3

/** Sorts a failure by what may help: waiting, another connection, another URL, no range, or nothing. */
export function decideRetry(
  subject: RetrySubject,
  rules: RetryRules,
  random: RandomSource,
): RetryDecision {
  const { error, failures } = subject
  if (!isHubError(error) || failures >= rules.maxAttempts) return giveUp
  const waitMs = Math.max(retryAfterMs(error), backoffMs(failures, rules, random))
  if (subject.locating) return isRetryable(error) ? retry({ waitMs }) : giveUp
  return decideByCode(error, subject, waitMs)
}

function decideByCode(error: HubError, subject: RetrySubject, waitMs: number): RetryDecision {
  const { failures } = subject
  const soonMs = failures === 1 ? 0 : waitMs
  if (isExpired(error))
    return failures < maxExpiredFailures ? retry({ waitMs: soonMs, relocate: true }) : giveUp
  if (error.code === 'HUB_RANGE_REFUSED') return decideRefused(subject, waitMs)
  if (error.code === 'HUB_STALLED') return retry({ waitMs: soonMs, freshConnection: true })
  if (badAnswers.has(error.code) && failures < maxBadAnswers)
    return retry({ waitMs, freshConnection: true, relocate: true })
  if (badAnswers.has(error.code) || !isRetryable(error)) return giveUp
  return retry({ waitMs, freshConnection: statusOf(error) === undefined })
}

const giveUp: RetryDecision = { kind: 'fail' }

function retry(
  how: { readonly waitMs: number } & Partial<RetryDecision & { readonly kind: 'retry' }>,
): RetryDecision {
  return { kind: 'retry', freshConnection: false, relocate: false, whole: false, ...how }
}

/** Once it may be a bad node, or a URL that has moved on; twice the server cannot do ranges. */
function decideRefused(subject: RetrySubject, waitMs: number): RetryDecision {
  if (subject.refusals > maxBadAnswers) return giveUp
  const whole = subject.refusals > 1
  return retry({ waitMs, freshConnection: true, relocate: !whole, whole })
}

function isExpired(error: HubError): boolean {
  if (finalCodes.has(error.code)) return false
  const status = statusOf(error)
  return (
    error.code === 'HUB_LOCATION_EXPIRED' || (status !== undefined && expiredStatuses.has(status))
  )
}

/** Doubles with each failure, between half and all of it, so that many clients do not return together. */
function backoffMs(failures: number, rules: RetryRules, random: RandomSource): number {
  const full = Math.min(rules.maxRetryWaitMs, rules.retryWaitMs * 2 ** (failures - 1))
  return Math.round(full * (0.5 + random() / 2))
}

// By shape, not class: the error may come from another copy of the package.
function isRetryable(error: Error): boolean {
  return 'retryable' in error && error.retryable === true
}

/** HTTP status of an error, where it has one. */
export function statusOf(error: unknown): HttpError['status'] {
  return error instanceof Error && 'status' in error && typeof error.status === 'number'
    ? error.status
    : undefined
}

function retryAfterMs(error: Error): number {
  return 'retryAfterMs' in error && typeof error.retryAfterMs === 'number' ? error.retryAfterMs : 0
}
