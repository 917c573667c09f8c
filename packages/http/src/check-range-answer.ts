import {
  HttpError,
  type HttpErrorInit,
  type RangeAnswer,
  type RangeRequest,
  redactUrl,
} from '@hfx/core'
import type { Arrival } from './send-hops.ts'

/**
 * What a server answered to a request for a range, when that can be used: a 206 with exactly this range, or a 200
 * with the whole when the range begins at 0. Everything else is an error before any byte is handed on.
 */
export function checkRangeAnswer(arrival: Arrival, request: RangeRequest): RangeAnswer {
  const { status, headers, release } = arrival.head
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== '' && encoding.toLowerCase() !== 'identity') {
    throw refuse(
      arrival,
      'HUB_BAD_RESPONSE',
      `is encoded as ${encoding} although identity was asked for`,
    )
  }
  if (status === 206) checkContentRange(arrival, request)
  else if (status === 200) checkWhole(arrival, request)
  else throw refuse(arrival, 'HUB_BAD_RESPONSE', `was answered with status ${status}`)
  return {
    status,
    start: status === 206 ? request.start : 0,
    url: arrival.url.href,
    headers,
    chunksOwned: true,
    ...(release ? { release } : {}),
  }
}

function checkContentRange(arrival: Arrival, request: RangeRequest): void {
  const text = arrival.head.headers['content-range'] ?? ''
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(text.trim())
  const [, first, last, total] = match ?? []
  const exact = Number(first) === request.start && Number(last) === request.end - 1
  if (!match || !exact) {
    throw refuse(
      arrival,
      'HUB_RANGE_REFUSED',
      `sent the range "${text}" for bytes ${request.start}-${request.end - 1}`,
    )
  }
  if (total !== '*' && Number(total) !== request.totalBytes) {
    throw refuse(arrival, 'HUB_SIZE_MISMATCH', `has ${total} bytes, not ${request.totalBytes}`)
  }
}

function checkWhole(arrival: Arrival, request: RangeRequest): void {
  const { headers } = arrival.head
  if (request.start > 0) throw refuse(arrival, 'HUB_RANGE_REFUSED', 'ignores ranges (status 200)')
  const isPage = /text\/html/i.test(headers['content-type'] ?? '')
  const length = headers['content-length']
  if (length === undefined) {
    // The page of a captive portal or a proxy. One that is a file of the repository is named like one.
    if (isPage && !/\.x?html?$/i.test(arrival.url.pathname))
      throw refuse(arrival, 'HUB_BAD_RESPONSE', 'sent an HTML page in place of the file')
    return
  }
  if (Number(length) === request.totalBytes) return
  const page = isPage ? ' an HTML page of' : ''
  throw refuse(
    arrival,
    'HUB_SIZE_MISMATCH',
    `sent${page} ${length} bytes, not ${request.totalBytes}`,
  )
}

function refuse(arrival: Arrival, code: HttpErrorInit['code'], what: string): HttpError {
  const requestId = arrival.head.headers['x-request-id']
  return new HttpError({
    code,
    message: `${redactUrl(arrival.url)} ${what}`,
    hint: 'A proxy or mirror in between may change answers; nothing of this one was used.',
    url: redactUrl(arrival.url),
    status: arrival.head.status,
    retryable: true,
    ...(requestId === undefined ? {} : { requestId }),
  })
}
