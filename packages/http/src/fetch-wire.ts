import { HttpError, joinSignals, redactUrl } from '@hfx/core'
import { nameNetworkError } from './error-from-network.ts'
import type { FetchAnswer, FetchFunction } from './fetch-options.ts'
import type { ResolvedHttpOptions } from './options.ts'
import { pumpBody } from './pump-body.ts'
import type { BodyTaker, Wire, WireHead, WireRequest } from './wire.ts'
import { WireError, type WireErrorCode } from './wire-error.ts'

/** The wire over `fetch`: for pages and workers, where there are no sockets. It cannot promise a fresh connection. */
export function createFetchWire(fetch: FetchFunction, options: ResolvedHttpOptions): Wire {
  const running = new Set<AbortController>()
  const deps: FetchDeps = { fetch, options, hidesRedirects: false }
  return {
    async exchange(request, onHead) {
      request.signal?.throwIfAborted()
      const own = new AbortController()
      const joined = joinSignals(request.signal, own.signal)
      running.add(own)
      const leg: Leg = { request, own, signal: joined.signal, hasHead: false }
      try {
        await exchange(deps, leg, onHead)
      } catch (error) {
        throw await nameError(error, leg, options)
      } finally {
        running.delete(own)
        // What is left of the body is not wanted, and its connection goes with it.
        own.abort()
        joined.leave()
      }
    },
    close() {
      for (const own of running) own.abort(new WireError('WIRE_BROKEN', 'closed'))
      return Promise.resolve()
    },
  }
}

interface FetchDeps {
  readonly fetch: FetchFunction
  readonly options: ResolvedHttpOptions
  /** This is a page: it is never shown a redirect, so its browser has to follow them. */
  hidesRedirects: boolean
}

interface Leg {
  readonly request: WireRequest
  readonly own: AbortController
  readonly signal: AbortSignal
  hasHead: boolean
}

async function exchange(
  deps: FetchDeps,
  leg: Leg,
  onHead: (head: WireHead) => BodyTaker,
): Promise<void> {
  const { headersMs, idleMs } = deps.options.timeouts
  const untilHead: Limit = { ms: headersMs, code: 'WIRE_HEADERS_TIMEOUT' }
  const silence: Limit = { ms: idleMs, code: 'WIRE_BODY_TIMEOUT' }
  const answer = await within(leg, untilHead, () => askOrFollow(deps, leg))
  leg.hasHead = true
  const take = onHead(readHead(answer, leg.request))
  if (answer.body === null) return
  await pumpBody(answer.body.getReader(), take, {
    signal: leg.signal,
    read: (work) => within(leg, silence, work),
  })
}

/** Redirects are shown where that can be: we know better than `fetch` what may follow one. */
async function askOrFollow(deps: FetchDeps, leg: Leg): Promise<FetchAnswer> {
  const { request } = leg
  if (!(deps.hidesRedirects && request.follow)) {
    const answer = await ask(deps, leg, 'manual')
    if (answer.type !== 'opaqueredirect') return answer
    deps.hidesRedirects = true
    if (!request.follow) return answer
  }
  return ask(deps, leg, 'follow')
}

function ask(deps: FetchDeps, leg: Leg, redirect: 'follow' | 'manual'): Promise<FetchAnswer> {
  const { method, url, headers, body } = leg.request
  return deps.fetch(url.href, {
    method,
    headers: { ...headers },
    ...(body === undefined ? {} : { body }),
    signal: leg.signal,
    redirect,
    credentials: 'omit',
    cache: 'no-store',
  })
}

/** A redirect that is not shown is one without a target: whoever wants the bytes asks the same URL. */
function readHead(answer: FetchAnswer, request: WireRequest): WireHead {
  if (answer.type === 'opaqueredirect') return { status: 302, headers: {} }
  const headers: Record<string, string> = {}
  answer.headers.forEach((value, name) => {
    headers[name.toLowerCase()] = value
  })
  if (headers['content-encoding'] !== undefined && request.method !== 'HEAD') {
    // `fetch` has decoded the body; the length is that of what was sent.
    delete headers['content-encoding']
    delete headers['content-length']
  }
  return {
    status: answer.status,
    headers,
    ...(answer.url === '' ? {} : { url: new URL(answer.url) }),
  }
}

interface Limit {
  readonly ms: number
  /** What is said when the work takes longer. */
  readonly code: WireErrorCode
}

/** Gives the exchange up when the work takes longer. */
async function within<T>(leg: Leg, limit: Limit, work: () => Promise<T>): Promise<T> {
  const timer = setTimeout(() => leg.own.abort(new WireError(limit.code, 'too long')), limit.ms)
  try {
    return await work()
  } finally {
    clearTimeout(timer)
  }
}

async function nameError(error: unknown, leg: Leg, options: ResolvedHttpOptions): Promise<unknown> {
  const { request, own } = leg
  const cause: unknown =
    own.signal.aborted && own.signal.reason instanceof WireError ? own.signal.reason : error
  const named = await nameNetworkError(cause, request, { proxy: undefined, options })
  // A page is told no more than this: of a dead network and of a server that does not want it alike.
  if (!(named instanceof TypeError)) return named
  return new HttpError({
    code: leg.hasHead ? 'HUB_CONNECTION_LOST' : 'HUB_CONNECT_FAILED',
    message: `${request.method} ${redactUrl(request.url)}: ${named.message}`,
    hint: 'Check the network; in a browser its console says whether the server lets this page read it (CORS).',
    url: redactUrl(request.url),
    retryable: true,
    cause: named,
  })
}
