import type { Agent, Dispatcher, ProxyAgent } from 'undici'
import { nameNetworkError } from './error-from-network.ts'
import { findIssuer } from './find-issuer.ts'
import type { ResolvedHttpOptions } from './options.ts'
import { createFindProxy, nameTunnelFault } from './proxy.ts'
import type { ProxySpec } from './proxy-spec.ts'
import { readTrust, type Trust } from './tls.ts'
import type { BodyTaker, Wire, WireHead, WireRequest } from './wire.ts'

/** The wire over undici, the only file that knows it. undici is loaded with its first request: it costs 100 ms. */
export function createUndiciWire(options: ResolvedHttpOptions): Wire {
  const findProxy = createFindProxy(options)
  const pools = createPools(options)
  return {
    async exchange(request, onHead) {
      request.signal?.throwIfAborted()
      const proxy = findProxy(request.url)
      const lease = await pools.take(request, proxy)
      try {
        await dispatchOne(lease.dispatcher, request, { onHead, options })
      } catch (error) {
        throw await nameNetworkError(error, request, { proxy, options, findIssuer })
      } finally {
        lease.release()
      }
    },
    close: () => pools.close(),
  }
}

/** One request and its body. What `onHead` or the taker throws ends the exchange and comes out of here. */
function dispatchOne(
  dispatcher: Dispatcher,
  request: WireRequest,
  given: {
    readonly onHead: (head: WireHead) => BodyTaker
    readonly options: ResolvedHttpOptions
  },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const { signal } = request
    // It may have been aborted while the agent was being made; a listener would not hear of that.
    if (signal?.aborted) return reject(signal.reason)
    let settled = false
    const handler = createHandler(given.onHead, (error) => {
      if (settled) return
      settled = true
      signal?.removeEventListener('abort', aborted)
      if (error === undefined) resolve()
      else reject(error)
    })
    function aborted(): void {
      handler.end(signal?.reason ?? new DOMException('aborted', 'AbortError'))
    }
    signal?.addEventListener('abort', aborted, { once: true })
    dispatcher.dispatch(dispatchOptions(request, given.options), handler.callbacks)
  })
}

/** The callbacks of one exchange. `end` gives it up: its connection is of no further use. */
function createHandler(
  onHead: (head: WireHead) => BodyTaker,
  settle: (error?: unknown) => void,
): { readonly callbacks: Dispatcher.DispatchHandler; end(error?: unknown): void } {
  let controller: Dispatcher.DispatchController | undefined
  let take: BodyTaker | undefined
  let ended = false

  function end(error?: unknown): void {
    ended = true
    settle(error)
    controller?.abort(error instanceof Error ? error : new Error('no more of this body is wanted'))
  }
  function guard(work: () => void): void {
    if (ended) return
    try {
      work()
    } catch (error) {
      end(error)
    }
  }

  return {
    end,
    callbacks: {
      onRequestStart(started) {
        controller = started
        if (ended) started.abort(new Error('the exchange is over'))
      },
      onResponseStart(started, status, headers) {
        controller = started
        if (status < 200) return
        guard(() => {
          take = onHead({ status, headers: flattenHeaders(headers) })
        })
      },
      onResponseData: (started, chunk) =>
        guard(() => {
          let resumed = false
          const appetite = take?.(chunk, () => {
            resumed = true
            started.resume()
          })
          // A taker may ask to go on before its call that asks to stop has come back.
          if (appetite === 'pause' && !resumed) started.pause()
          if (appetite === 'enough') end()
        }),
      onResponseEnd: () => settle(),
      onResponseError: (_started, error) => settle(error),
    },
  }
}

function dispatchOptions(
  request: WireRequest,
  options: ResolvedHttpOptions,
): Dispatcher.DispatchOptions {
  return {
    origin: request.url.origin,
    path: request.url.pathname + request.url.search,
    method: request.method,
    headers: { ...request.headers },
    body: request.body ?? null,
    headersTimeout: options.timeouts.headersMs,
    bodyTimeout: options.timeouts.idleMs,
    ...(request.fresh ? { reset: true } : {}),
  }
}

function flattenHeaders(
  headers: Record<string, string | string[] | undefined>,
): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined)
      flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value
  }
  return flat
}

interface Lease {
  readonly dispatcher: Dispatcher
  release(): void
}

/** One agent for direct connections, one for each proxy, and throw-away agents for fresh connections. */
function createPools(options: ResolvedHttpOptions): {
  take(request: WireRequest, proxy: ProxySpec | undefined): Promise<Lease>
  close(): Promise<void>
} {
  const agents = new Map<string, Promise<Agent | ProxyAgent>>()
  const passing = new Set<Agent | ProxyAgent>()

  function shared(proxy: ProxySpec | undefined): Promise<Agent | ProxyAgent> {
    const key = proxy ? `${proxy.protocol}//${proxy.hostname}:${proxy.port}` : ''
    const known = agents.get(key)
    if (known) return known
    const made = createAgent(options, proxy)
    agents.set(key, made)
    // A certificate file that cannot be read today may be there tomorrow.
    made.catch(() => agents.delete(key))
    return made
  }

  return {
    async take(request, proxy) {
      if (!request.fresh) return { dispatcher: await shared(proxy), release: () => undefined }
      const agent = await createAgent(options, proxy)
      passing.add(agent)
      return {
        dispatcher: agent,
        release() {
          passing.delete(agent)
          agent.destroy().catch(() => undefined)
        },
      }
    },
    async close() {
      const made = await Promise.allSettled(agents.values())
      const open = made.flatMap((agent) => (agent.status === 'fulfilled' ? [agent.value] : []))
      const all = [...open, ...passing]
      agents.clear()
      passing.clear()
      await Promise.all(all.map((agent) => agent.destroy()))
    },
  }
}

async function createAgent(
  options: ResolvedHttpOptions,
  proxy: ProxySpec | undefined,
): Promise<Agent | ProxyAgent> {
  // By its file: for the bare name Bun puts a stand-in of its own that can dispatch nothing.
  const [undici, trust] = await Promise.all([import('undici/index.js'), readTrust(options)])
  const connect = connectOptions(options, trust)
  const shared = {
    connections: options.maxSockets,
    pipelining: 1,
    maxHeaderSize: options.maxHeaderBytes,
    allowH2: false,
    keepAliveTimeout: 15_000,
  }
  if (!proxy) return new undici.Agent({ ...shared, connect })
  // The pools of a proxy are made without our limits: neither those of the tunnels nor those to the proxy itself.
  const toProxy = { ...shared, headersTimeout: options.timeouts.tlsMs }
  return new undici.ProxyAgent({
    ...shared,
    // As curl does: plain http goes through as it is. Many proxies allow tunnels to port 443 only.
    proxyTunnel: false,
    clientFactory: (origin, given) =>
      new undici.Pool(origin, Object.assign({}, toProxy, given)).compose(failTunnels),
    factory: (origin, given) => new undici.Pool(origin, Object.assign({}, shared, given)),
    uri: `${proxy.protocol}//${proxy.hostname}:${proxy.port}`,
    ...(proxy.authorization ? { token: proxy.authorization.reveal() } : {}),
    requestTls: connect,
    proxyTls: connect,
  })
}

/** undici takes a proxy that hangs up for a server that may be asked again at once, and asks for ever. */
const failTunnels: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (wish, handler) =>
  dispatch(wish, {
    onRequestStart: (...told) => handler.onRequestStart?.(...told),
    onRequestUpgrade: (...told) => handler.onRequestUpgrade?.(...told),
    onResponseStart: (...told) => handler.onResponseStart?.(...told),
    onResponseData: (...told) => handler.onResponseData?.(...told),
    onResponseEnd: (...told) => handler.onResponseEnd?.(...told),
    onResponseError: (started, error) => handler.onResponseError?.(started, nameTunnelFault(error)),
  })

function connectOptions(options: ResolvedHttpOptions, trust: Trust) {
  return {
    ...trust,
    timeout: options.timeouts.connectMs,
    rejectUnauthorized: options.verifySsl,
    ...(options.family === 'auto'
      ? { autoSelectFamily: true, autoSelectFamilyAttemptTimeout: 250 }
      : { family: options.family, autoSelectFamily: false }),
  }
}
