import { type FlowEvent, HttpError, type HttpRequest, type RandomSource } from '@hfx/core'
import type { ResolvedHttpOptions } from './options.ts'

export interface RetryState {
  attempt: number
  waitedMs: number
}

export interface Retry {
  readonly waitMs: number
  readonly reason: 'retry-after' | 'backoff'
  readonly status?: number
  /** What failed, and how often it may. */
  readonly failure: NonNullable<WaitEvent['failure']>
}

type WaitEvent = Extract<FlowEvent, { readonly type: 'request:wait' }>

/** Longest back-off between two attempts, in milliseconds. What a server asks for may be longer. */
const longestBackoffMs = 15_000
/** A host that cannot be reached at all is not worth the patience of an overloaded one. */
const maxConnectRetries = 2

/** Whether and when a failed request goes out again. */
export function planRetry(
  deps: { readonly options: ResolvedHttpOptions; readonly random: RandomSource },
  request: HttpRequest,
  failure: { readonly state: RetryState; readonly error: unknown },
): Retry | undefined {
  const { state, error } = failure
  const { retry } = deps.options
  if (request.retry === false || !(error instanceof HttpError) || !error.retryable) return undefined
  const maxRetries = retriesFor(error, retry.maxRetries)
  if (state.attempt > maxRetries) return undefined
  const asked = error.retryAfterMs
  const waitMs = asked ?? backoff(state.attempt, retry.baseMs, deps.random)
  if (state.waitedMs + waitMs > retry.maxWaitMs) return undefined
  return {
    waitMs,
    reason: asked === undefined ? 'backoff' : 'retry-after',
    ...(error.status === undefined ? {} : { status: error.status }),
    failure: {
      attempt: state.attempt,
      maxRetries,
      code: error.code,
      ...(error.requestId === undefined ? {} : { requestId: error.requestId }),
    },
  }
}

function retriesFor(error: HttpError, maxRetries: number): number {
  const unreachable = error.code === 'HUB_CONNECT_FAILED' || error.code === 'HUB_DNS_FAILED'
  return unreachable ? Math.min(maxConnectRetries, maxRetries) : maxRetries
}

/** Doubles with each attempt, spread over its upper half so that many clients do not come back at once. */
export function backoff(attempt: number, baseMs: number, random: RandomSource): number {
  const full = Math.min(longestBackoffMs, baseMs * 2 ** (attempt - 1))
  return full / 2 + (random() * full) / 2
}
