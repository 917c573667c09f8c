import {
  type Clock,
  HttpError,
  type HttpRequest,
  type HttpResponse,
  type Logger,
  type RandomSource,
  rewordHttpError,
  type StepOptions,
  type Transport,
} from '@hfx/core'
import type { Credentials } from './authorize.ts'
import { collectBody } from './collect-body.ts'
import { errorFromResponse } from './error-from-response.ts'
import type { Identity } from './identity.ts'
import { planRetry, type RetryState } from './plan-retry.ts'
import { type Arrival, bucketOf, sendHops, type SendDeps } from './send-hops.ts'
import type { Notices } from './server-notices.ts'

export interface TransportDeps extends SendDeps {
  readonly identity: Identity
  readonly clock: Clock
  readonly random: RandomSource
  readonly logger: Logger
  readonly notices: Notices
}

/** Small requests: authorized, followed, decoded, and sent again when that may help. */
export function createTransport(deps: TransportDeps): Transport {
  return { send: (request, options = {}) => sendWithRetries(deps, request, options) }
}

async function sendWithRetries(
  deps: TransportDeps,
  request: HttpRequest,
  step: StepOptions,
): Promise<HttpResponse> {
  const state: RetryState = { attempt: 1, waitedMs: 0 }
  for (;;) {
    try {
      return await sendAuthorized(deps, request, { step, state })
    } catch (error) {
      const retry = planRetry(deps, request, { state, error })
      if (!retry) throw withAttempts(error, state.attempt)
      const { host } = new URL(request.url)
      const bucket = bucketOf(deps.options.endpoint, new URL(request.url))
      step.emit?.({ type: 'request:wait', host, bucket, ...retry })
      await deps.clock.sleep(retry.waitMs, step.signal)
      state.attempt++
      state.waitedMs += retry.waitMs
    }
  }
}

interface Try {
  readonly step: StepOptions
  readonly state: RetryState
}

function sendAuthorized(
  deps: TransportDeps,
  request: HttpRequest,
  work: Try,
): Promise<HttpResponse> {
  return deps.identity.run(work.step, (credentials) =>
    sendOnce(deps, request, { ...work, credentials }),
  )
}

async function sendOnce(
  deps: TransportDeps,
  request: HttpRequest,
  work: Try & { readonly credentials: Credentials },
): Promise<HttpResponse> {
  const url = new URL(request.url)
  let collector = collectBody(url, { maxBytes: 0, cutShort: true, decoders: deps.decoders })
  const arrival = await sendHops(
    deps,
    {
      method: request.method,
      url,
      headers: {
        'accept-encoding': request.method === 'GET' ? 'gzip, br' : 'identity',
        ...deps.notices.headers(),
        ...request.headers,
      },
      ...(request.body === undefined ? {} : { body: request.body }),
      fresh: false,
      redirect: request.redirect ?? 'follow',
      credentials: work.credentials,
      attempt: work.state.attempt,
      limitMs: deps.options.timeouts.requestMs,
      waiting: work.state,
      step: work.step,
    },
    (at) => {
      const failed = at.head.status >= 400
      collector = collectBody(at.url, {
        maxBytes: failed ? 16_384 : (request.maxBodyBytes ?? 64 * 1024 ** 2),
        cutShort: failed,
        decoders: deps.decoders,
      })
      return collector.take
    },
  )
  const body = await collector.read(arrival.head.headers['content-encoding'])
  deps.notices.hear(arrival.head.headers, work.step)
  if (arrival.head.status >= 400)
    throw refusal(deps, request, { arrival, body, credentials: work.credentials })
  return { status: arrival.head.status, headers: arrival.head.headers, url: arrival.url.href, body }
}

function refusal(
  deps: TransportDeps,
  request: HttpRequest,
  answer: {
    readonly arrival: Arrival
    readonly body: Uint8Array
    readonly credentials: Credentials
  },
): HttpError {
  return errorFromResponse({
    method: request.method,
    url: answer.arrival.url,
    head: answer.arrival.head,
    body: new TextDecoder().decode(answer.body),
    fromHub: answer.arrival.url.origin === deps.options.endpoint.origin,
    sentToken: answer.credentials.sentToken !== undefined,
    nowMs: deps.clock.now(),
  })
}

function withAttempts(error: unknown, attempts: number): unknown {
  if (!(error instanceof HttpError) || attempts === 1) return error
  return rewordHttpError(error, {
    message: `${error.message} (after ${attempts} attempts)`,
    attempts,
  })
}
