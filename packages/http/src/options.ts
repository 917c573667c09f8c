import { anonymous, HubError, type TokenSource } from '@hfx/core'

/** Each of the ways in which a server can keep us waiting has its own limit, in milliseconds. */
export interface HttpTimeouts {
  /** Name lookup and TCP connection, all addresses together. @default 10_000 */
  readonly connectMs?: number
  /** TLS handshake, and the proxy's answer to CONNECT. @default connectMs */
  readonly tlsMs?: number
  /** From the request to the last byte of the answer's header. @default 20_000 */
  readonly headersMs?: number
  /** Silence inside a body. A socket that the reader has paused is not silent. @default 20_000 */
  readonly idleMs?: number
  /** One whole small exchange, body included, waits at the rate limit not; byte ranges have no such limit. @default 60_000 */
  readonly requestMs?: number
}

/** How often and how patiently a request is sent again. */
export interface RetryOptions {
  /** Attempts after the first. Failures to connect get at most two of them. @default 5 */
  readonly maxRetries?: number
  /** Wait before the first retry, in milliseconds; it doubles each time and is spread at random. @default 500 */
  readonly baseMs?: number
  /**
   * All waiting of one request together, in milliseconds: back-off, `Retry-After`, rate limit.
   * A request that would have to wait longer fails at once. The Hub's window is 300 s. @default 330_000
   */
  readonly maxWaitMs?: number
}

/** What requests are made with. Everything is optional; nothing is read from the process unasked. */
export interface HttpOptions {
  /** Base URL of the Hub or of a mirror. The token goes to its origin only. @default 'https://huggingface.co' */
  readonly endpoint?: string
  /** @default anonymous */
  readonly token?: TokenSource
  /** Appended to `hfx/<version>; node/<version>`, as in `my-tool/1.2; origin/ci`. @default none */
  readonly userAgent?: string
  /** Sent with each request to the endpoint's origin, and never to another. @default none */
  readonly headers?: Readonly<Record<string, string>>
  readonly timeouts?: HttpTimeouts
  readonly retry?: RetryOptions
  /**
   * Where proxy variables (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY, both cases) and CA variables
   * (NODE_EXTRA_CA_CERTS, SSL_CERT_FILE, REQUESTS_CA_BUNDLE) are read from. @default none
   */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** A proxy for every request, whatever the environment says; `false` for none. @default from environment */
  readonly proxy?: string | false
  /** Further trusted certificates: PEM text or the path of a PEM file. Node's own roots stay trusted. @default none */
  readonly ca?: string | readonly string[]
  /** Client certificate: PEM text or the path of a PEM file. @default none */
  readonly cert?: string
  /** Key of the client certificate: PEM text or the path of a PEM file. @default none */
  readonly key?: string
  /** Check server certificates. Off means that anyone on the way can read and change everything. @default true */
  readonly verifySsl?: boolean
  /** Connections per origin. @default 64 */
  readonly maxSockets?: number
  /**
   * Origins besides the endpoint's own that may be asked, redirects included: `https://cdn.example`, or a host
   * with its subdomains as `*.example.com`. An empty list keeps all traffic at the endpoint. @default any
   */
  readonly allowedOrigins?: readonly string[]
  /** @default 10 */
  readonly maxRedirects?: number
  /** Largest header of an answer, in bytes. @default 65_536 */
  readonly maxHeaderBytes?: number
  /** IP version; `auto` tries one a quarter of a second after the other, and next time the one that answered first. @default 'auto' */
  readonly family?: 4 | 6 | 'auto'
  /** Own limit on requests to the Hub in any five minutes. @default none */
  readonly maxRequestsPerWindow?: number
  /**
   * Use own HTTP/1.1 sockets that read into large buffers, for about half the processor time; requests through a
   * proxy use undici either way. Off: undici for everything. @default true
   */
  readonly leanSockets?: boolean
}

export interface ResolvedTimeouts {
  readonly connectMs: number
  readonly tlsMs: number
  readonly headersMs: number
  readonly idleMs: number
  readonly requestMs: number
}

export interface ResolvedRetry {
  readonly maxRetries: number
  readonly baseMs: number
  readonly maxWaitMs: number
}

export interface ResolvedHttpOptions {
  readonly endpoint: URL
  readonly token: TokenSource
  readonly userAgent: string
  readonly headers: Readonly<Record<string, string>>
  readonly timeouts: ResolvedTimeouts
  readonly retry: ResolvedRetry
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly proxy: string | false | undefined
  readonly ca: readonly string[]
  readonly cert: string | undefined
  readonly key: string | undefined
  readonly verifySsl: boolean
  readonly maxSockets: number
  readonly allowedOrigins: readonly string[] | undefined
  readonly maxRedirects: number
  readonly maxHeaderBytes: number
  readonly family: 4 | 6 | 'auto'
  readonly maxRequestsPerWindow: number
  readonly leanSockets: boolean
}

const defaults = {
  endpoint: 'https://huggingface.co',
  timeouts: { connectMs: 10_000, headersMs: 20_000, idleMs: 20_000, requestMs: 60_000 },
  retry: { maxRetries: 5, baseMs: 500, maxWaitMs: 330_000 },
  maxSockets: 64,
  maxRedirects: 10,
  maxHeaderBytes: 65_536,
} as const

/** Fills in defaults. Throws a `RangeError`, a `TypeError` or a `HubError` for what no request could be made with. */
export function resolveHttpOptions(options: HttpOptions = {}): ResolvedHttpOptions {
  return {
    ...resolveIdentity(options),
    ...resolveTls(options),
    ...resolveLimits(options),
    timeouts: resolveTimeouts(options.timeouts),
    retry: resolveRetry(options.retry),
    environment: options.environment ?? {},
    proxy: options.proxy,
  }
}

function resolveIdentity(
  options: HttpOptions,
): Pick<
  ResolvedHttpOptions,
  'endpoint' | 'token' | 'userAgent' | 'headers' | 'allowedOrigins' | 'leanSockets'
> {
  const endpoint = new URL(options.endpoint ?? defaults.endpoint)
  if (endpoint.protocol !== 'https:' && endpoint.protocol !== 'http:') {
    throw new TypeError(`endpoint must be an http or https URL, not ${endpoint.protocol}`)
  }
  return {
    endpoint,
    token: options.token ?? anonymous,
    userAgent: options.userAgent ?? '',
    headers: options.headers ?? {},
    allowedOrigins: options.allowedOrigins,
    leanSockets: options.leanSockets ?? true,
  }
}

function resolveTls(
  options: HttpOptions,
): Pick<ResolvedHttpOptions, 'ca' | 'cert' | 'key' | 'verifySsl' | 'family'> {
  const ca = options.ca ?? []
  if ((options.cert === undefined) !== (options.key === undefined))
    throw new HubError({
      code: 'HUB_INVALID_CONFIG',
      message: 'cert and key go together: a client certificate is nothing without its key',
      hint: 'Give both options, or neither.',
    })
  return {
    ca: typeof ca === 'string' ? [ca] : ca,
    cert: options.cert,
    key: options.key,
    verifySsl: options.verifySsl ?? true,
    family: options.family ?? 'auto',
  }
}

function resolveLimits(
  options: HttpOptions,
): Pick<
  ResolvedHttpOptions,
  'maxSockets' | 'maxRedirects' | 'maxHeaderBytes' | 'maxRequestsPerWindow'
> {
  const { maxSockets = defaults.maxSockets, maxRedirects = defaults.maxRedirects } = options
  const { maxHeaderBytes = defaults.maxHeaderBytes, maxRequestsPerWindow = Infinity } = options
  return {
    maxSockets: atLeast(1, maxSockets, 'maxSockets'),
    maxRedirects: atLeast(0, maxRedirects, 'maxRedirects'),
    maxHeaderBytes: atLeast(1024, maxHeaderBytes, 'maxHeaderBytes'),
    maxRequestsPerWindow: atLeast(1, maxRequestsPerWindow, 'maxRequestsPerWindow'),
  }
}

function resolveTimeouts(timeouts: HttpTimeouts = {}): ResolvedTimeouts {
  const connectMs = atTimer(timeouts.connectMs ?? defaults.timeouts.connectMs, 'connectMs')
  return {
    connectMs,
    tlsMs: atTimer(timeouts.tlsMs ?? connectMs, 'tlsMs'),
    headersMs: atTimer(timeouts.headersMs ?? defaults.timeouts.headersMs, 'headersMs'),
    idleMs: atTimer(timeouts.idleMs ?? defaults.timeouts.idleMs, 'idleMs'),
    requestMs: atTimer(timeouts.requestMs ?? defaults.timeouts.requestMs, 'requestMs'),
  }
}

/** The longest that a timer of Node can wait, 24 days; it takes anything longer for one millisecond. */
const longestTimerMs = 2 ** 31 - 1

function atTimer(valueMs: number, name: string): number {
  return Math.min(longestTimerMs, atLeast(1, valueMs, name))
}

function resolveRetry(retry: RetryOptions = {}): ResolvedRetry {
  return {
    maxRetries: atLeast(0, retry.maxRetries ?? defaults.retry.maxRetries, 'maxRetries'),
    baseMs: atLeast(0, retry.baseMs ?? defaults.retry.baseMs, 'baseMs'),
    maxWaitMs: atLeast(0, retry.maxWaitMs ?? defaults.retry.maxWaitMs, 'maxWaitMs'),
  }
}

function atLeast(least: number, value: number, name: string): number {
  if (Number.isNaN(value) || value < least) {
    throw new RangeError(`${name} must be ${least} or more, not ${value}`)
  }
  return value
}
