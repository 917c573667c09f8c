import type { HubEvent, LogFields } from '@hfx/core'

/** The event of one type. */
export type EventOf<T extends HubEvent['type']> = Extract<HubEvent, { readonly type: T }>

/** A range that failed: which attempt of how many, the wait before the next, and why. */
export function retryFields(event: EventOf<'file:retry'>): LogFields {
  return {
    attempt: event.attempt,
    max_retries: event.maxRetries,
    delay: event.waitMs,
    lane: event.lane,
    ...statusField(event.status),
    ...failureFields(event),
  }
}

/** `retry_after` is what a server asked for, in seconds; `delay` is our own patience, in milliseconds. */
export function waitFields(event: EventOf<'request:wait'>): LogFields {
  const { failure } = event
  return {
    host: event.host,
    bucket: event.bucket,
    reason: event.reason,
    ...(event.reason === 'backoff'
      ? { delay: event.waitMs }
      : { retry_after: event.waitMs / 1000 }),
    ...statusField(event.status),
    ...(failure && {
      attempt: failure.attempt,
      max_retries: failure.maxRetries,
      ...failureFields(failure),
    }),
  }
}

/** A file that came to its end. */
export function fileEndFields(event: EventOf<'file:end'>): LogFields {
  return {
    outcome: event.outcome,
    size: event.totalBytes,
    duration_ms: Math.round(event.durationMs),
    speed_bps: speedOf(event.fetchedBytes, event.durationMs),
    ...failureFields(event),
  }
}

/** Whole bytes per second; 0 where no time has passed. */
export function speedOf(bytes: number, ms: number): number {
  return ms > 0 ? Math.round((bytes / ms) * 1000) : 0
}

/** The code of a failure, and the request to ask the Hub's people about. */
export function failureFields(what: {
  readonly code?: string
  readonly requestId?: string
}): LogFields {
  return {
    ...(what.code !== undefined && { error: what.code }),
    ...(what.requestId !== undefined && { request_id: what.requestId }),
  }
}

function statusField(status: number | undefined): LogFields {
  return status === undefined ? {} : { status_code: status }
}
