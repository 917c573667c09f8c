import { HttpError, type HttpErrorInit, isHubError, redactText, redactUrl } from '@hfx/core'
import type { ResolvedHttpOptions } from './options.ts'
import type { ProxySpec } from './proxy-spec.ts'
import type { WireRequest } from './wire.ts'

/** Who signed the certificate that a host shows; `proxy` is the way to it. Undefined when it cannot be learnt. */
export type FindIssuer = (
  url: URL,
  options: { readonly proxy: ProxySpec | undefined; readonly limitMs: number },
) => Promise<string | undefined>

interface Circumstances {
  readonly proxy: ProxySpec | undefined
  readonly options: ResolvedHttpOptions
  readonly findIssuer?: FindIssuer
}

type Kind = Pick<HttpErrorInit, 'code' | 'retryable'> & {
  readonly what: string
  readonly hint: string
}

/** An error of the way to the server, as one that says what a person can do. Errors of ours and aborts pass through. */
export async function nameNetworkError(
  error: unknown,
  request: WireRequest,
  circumstances: Circumstances,
): Promise<unknown> {
  if (request.signal?.aborted) return request.signal.reason
  if (isHubError(error) || !(error instanceof Error)) return error
  const code = codeOf(error)
  const kind = isTlsCode(code)
    ? await describeTls(code, request, circumstances)
    : describeKind(code, error, circumstances)
  if (!kind) return error
  return new HttpError({
    code: kind.code,
    message: `${request.method} ${redactUrl(request.url)}: ${kind.what}`,
    hint: kind.hint,
    url: redactUrl(request.url),
    retryable: kind.retryable,
    cause: error,
  })
}

/** The first code in the chain of causes: wrappers such as AggregateError carry it further down. */
function codeOf(error: Error): string {
  const inner =
    error instanceof AggregateError ? error.errors.find((one) => one instanceof Error) : error.cause
  const own = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  if (own !== undefined && own !== '') return own
  return inner instanceof Error ? codeOf(inner) : error.name
}

type Describe = (code: string, circumstances: Circumstances) => Kind

const kinds: readonly (readonly [codes: readonly string[], describe: Describe])[] = [
  [
    ['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA'],
    () =>
      lost(
        'HUB_DNS_FAILED',
        'the host name cannot be resolved',
        'Check the network, DNS and HF_ENDPOINT.',
      ),
  ],
  [
    ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'],
    (code, circumstances) =>
      lost(
        'HUB_CONNECT_FAILED',
        `no connection${viaProxy(circumstances)} (${code})`,
        'Check the network, a firewall, HF_ENDPOINT and HTTPS_PROXY.',
      ),
  ],
  [
    ['UND_ERR_CONNECT_TIMEOUT', 'WIRE_CONNECT_TIMEOUT', 'ETIMEDOUT'],
    (_code, circumstances) =>
      lost(
        'HUB_TIMEOUT',
        `no connection${viaProxy(circumstances)} within ${circumstances.options.timeouts.connectMs} ms`,
        'Check the network, a firewall and HTTPS_PROXY.',
      ),
  ],
  [
    ['WIRE_TLS_TIMEOUT'],
    (_code, { options }) =>
      lost(
        'HUB_TIMEOUT',
        `no TLS handshake within ${options.timeouts.tlsMs} ms`,
        'Check the network and a firewall.',
      ),
  ],
  [
    ['UND_ERR_HEADERS_TIMEOUT', 'WIRE_HEADERS_TIMEOUT'],
    (_code, { options }) =>
      lost(
        'HUB_TIMEOUT',
        `no answer within ${options.timeouts.headersMs} ms`,
        'Run it again; the server is slow or overloaded.',
      ),
  ],
  [
    ['UND_ERR_BODY_TIMEOUT', 'WIRE_BODY_TIMEOUT'],
    (_code, { options }) =>
      lost(
        'HUB_TIMEOUT',
        `silence for ${options.timeouts.idleMs} ms inside the answer`,
        'Run it again; what arrived is kept.',
      ),
  ],
  [
    ['UND_ERR_HEADERS_OVERFLOW', 'HPE_HEADER_OVERFLOW', 'WIRE_HEADERS_OVERFLOW'],
    (_code, { options }) => ({
      code: 'HUB_RESPONSE_TOO_LARGE',
      retryable: false,
      what: `the answer's header passes ${options.maxHeaderBytes} bytes`,
      hint: 'The server is broken or hostile.',
    }),
  ],
]

function describeKind(code: string, error: Error, circumstances: Circumstances): Kind | undefined {
  const { proxy } = circumstances
  if (proxy && /proxy/i.test(error.message)) return describeProxy(error, proxy)
  const known = kinds.find(([codes]) => codes.includes(code))
  return known ? known[1](code, circumstances) : describeBreak(code)
}

function viaProxy({ proxy }: Circumstances): string {
  return proxy ? ` through the proxy ${proxy.hostname}:${proxy.port}` : ''
}

function describeBreak(code: string): Kind | undefined {
  const broken = [
    'ECONNRESET',
    'EPIPE',
    'ECONNABORTED',
    'WIRE_BROKEN',
    'UND_ERR_SOCKET',
    'UND_ERR_CLOSED',
    'UND_ERR_DESTROYED',
    'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  ]
  if (broken.includes(code) || code.startsWith('UND_ERR_')) {
    return lost(
      'HUB_CONNECTION_LOST',
      `the connection broke (${code})`,
      'Run it again; what arrived is kept.',
    )
  }
  if (code.startsWith('HPE_') || code === 'HTTPParserError' || code === 'WIRE_NOT_HTTP') {
    return {
      code: 'HUB_BAD_RESPONSE',
      retryable: true,
      what: `the answer is not HTTP (${code})`,
      hint: 'Check HF_ENDPOINT and proxies in between.',
    }
  }
  return undefined
}

function describeProxy(error: Error, proxy: ProxySpec): Kind {
  const status = /\((\d{3})\)/.exec(error.message)?.[1]
  const address = `${proxy.hostname}:${proxy.port}`
  if (status === '407') {
    return {
      code: 'HUB_PROXY_AUTH',
      retryable: false,
      what: `the proxy ${address} wants other credentials (407)`,
      hint: 'Put user and password into HTTPS_PROXY: http://user:password@host:port.',
    }
  }
  return {
    code: 'HUB_PROXY_FAILED',
    retryable: true,
    what: `the proxy ${address} refused: ${redactText(error.message)}`,
    hint: 'Check HTTPS_PROXY, or exempt the host with NO_PROXY.',
  }
}

function isTlsCode(code: string): boolean {
  return /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|EPROTO)/.test(code)
}

async function describeTls(
  code: string,
  request: WireRequest,
  { proxy, options, findIssuer: find }: Circumstances,
): Promise<Kind> {
  const issuer = await find?.(request.url, { proxy, limitMs: options.timeouts.connectMs })
  return {
    code: 'HUB_TLS_FAILED',
    retryable: false,
    what: `the certificate${issuer === undefined ? '' : `, issued by "${issuer}",`} is not trusted (${code})`,
    hint: 'If that is your company, set NODE_EXTRA_CA_CERTS (or the option ca) to its CA file.',
  }
}

function lost(code: HttpErrorInit['code'], what: string, hint: string): Kind {
  return { code, retryable: true, what, hint }
}
