import { HttpError, type HubErrorCode } from '@hfx/core'

/** An answer that may be another the next time. */
export function refusal(status: number): HttpError {
  return httpError('HUB_SERVER_ERROR', { status })
}

export function httpError(code: HubErrorCode, more: { readonly status?: number } = {}): HttpError {
  return new HttpError({
    code,
    message: code,
    url: 'http://cdn.example/f',
    retryable: true,
    ...more,
  })
}
