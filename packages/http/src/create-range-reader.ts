import {
  type Clock,
  HttpError,
  type RangeAnswer,
  type RangeReader,
  type RangeRequest,
  type RangeSink,
  redactUrl,
  type StepOptions,
} from '@hfx/core'
import type { Credentials } from './authorize.ts'
import { checkRangeAnswer } from './check-range-answer.ts'
import { collectBody } from './collect-body.ts'
import { errorFromResponse } from './error-from-response.ts'
import type { Identity } from './identity.ts'
import { type Arrival, sendHops, type SendDeps } from './send-hops.ts'
import type { Notices } from './server-notices.ts'
import type { BodyTaker } from './wire.ts'

export interface RangeReaderDeps extends SendDeps {
  readonly identity: Identity
  readonly clock: Clock
  readonly notices: Notices
}

/** One range, one request: strict about the answer, no retry. */
export function createRangeReader(deps: RangeReaderDeps): RangeReader {
  return {
    readRange: (request, sink, options = {}) =>
      deps.identity.run(options, (credentials) =>
        readRange(deps, request, { sink, step: options, credentials }),
      ),
    close: () => deps.wire.close(),
  }
}

interface Reading {
  readonly sink: RangeSink
  readonly step: StepOptions
  readonly credentials: Credentials
}

async function readRange(
  deps: RangeReaderDeps,
  request: RangeRequest,
  reading: Reading,
): Promise<RangeAnswer> {
  const { credentials } = reading
  const whole = request.start === 0 && request.end === request.totalBytes
  let taken: Taken | undefined
  await sendHops(
    deps,
    {
      method: 'GET',
      url: new URL(request.url),
      headers: {
        ...deps.notices.headers(),
        'accept-encoding': 'identity',
        ...(whole ? {} : { range: `bytes=${request.start}-${request.end - 1}` }),
      },
      fresh: request.freshConnection ?? false,
      redirect: 'follow',
      credentials,
      attempt: 1,
      waiting: { waitedMs: 0 },
      step: reading.step,
    },
    (arrival) => {
      taken =
        arrival.head.status >= 400
          ? takeRefusal(deps, arrival, credentials.sentToken !== undefined)
          : takeRange(arrival, { request, reading, whole })
      return taken.take
    },
  )
  if (!taken) throw new TypeError('the exchange ended without an answer')
  return taken.finish()
}

interface Taken {
  readonly take: BodyTaker
  finish(): Promise<RangeAnswer>
}

function takeRefusal(deps: RangeReaderDeps, arrival: Arrival, sentToken: boolean): Taken {
  const collector = collectBody(arrival.url, {
    maxBytes: 16_384,
    cutShort: true,
    decoders: deps.decoders,
  })
  return {
    take: collector.take,
    async finish() {
      const body = await collector.read(arrival.head.headers['content-encoding'])
      throw errorFromResponse({
        method: 'GET',
        url: arrival.url,
        head: arrival.head,
        body: new TextDecoder().decode(body),
        fromHub: arrival.url.origin === deps.options.endpoint.origin,
        sentToken,
        nowMs: deps.clock.now(),
      })
    },
  }
}

/** Hands the bytes on as they come; what is more than asked for is cut off and refused. */
function takeRange(
  arrival: Arrival,
  want: { readonly request: RangeRequest; readonly reading: Reading; readonly whole: boolean },
): Taken {
  const { request, reading } = want
  const answer = checkRangeAnswer(arrival, request)
  const expected = (answer.status === 200 ? request.totalBytes : request.end) - answer.start
  let received = 0
  reading.sink.onStart?.(answer)
  return {
    take(chunk, resume) {
      const left = expected - received
      received += chunk.length
      const fits = chunk.length <= left ? chunk : chunk.subarray(0, left)
      const more = fits.length === 0 || reading.sink.onData(fits, resume)
      if (chunk.length > left)
        throw wrongLength(arrival.url, `sent more than the ${expected} bytes asked for`)
      return more ? 'more' : 'pause'
    },
    async finish() {
      if (received < expected)
        throw wrongLength(
          arrival.url,
          `ended after ${received} of ${expected} bytes`,
          'HUB_CONNECTION_LOST',
        )
      return answer
    },
  }
}

function wrongLength(
  url: URL,
  what: string,
  code: HttpError['code'] = 'HUB_BAD_RESPONSE',
): HttpError {
  return new HttpError({
    code,
    message: `${redactUrl(url)} ${what}`,
    hint: 'Run it again; the good bytes are kept.',
    url: redactUrl(url),
    retryable: true,
  })
}
