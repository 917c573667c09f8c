import { HubError, Secret } from '@hfx/core'
import { createNoProxy } from './no-proxy.ts'
import type { ProxySpec } from './proxy-spec.ts'

export type FindProxy = (url: URL) => ProxySpec | undefined

export interface ProxySettings {
  readonly proxy: string | false | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
}

/**
 * Says which proxy a URL goes through, by the rules curl made common: lower-case variables win over upper-case
 * ones, the scheme's own variable over ALL_PROXY, and NO_PROXY over all of them. An explicit proxy obeys NO_PROXY too.
 */
export function createFindProxy(settings: ProxySettings): FindProxy {
  if (settings.proxy === false) return () => undefined
  const read = (name: string): string | undefined =>
    settings.environment[name.toLowerCase()] || settings.environment[name] || undefined
  const all = settings.proxy ?? read('ALL_PROXY')
  const plain = parseOptional(settings.proxy ?? read('HTTP_PROXY') ?? all)
  const secure = parseOptional(settings.proxy ?? read('HTTPS_PROXY') ?? all)
  const isExempt = createNoProxy(read('NO_PROXY') ?? '')
  return (url) => {
    const spec = url.protocol === 'https:' ? secure : plain
    return spec && !isExempt(url) ? spec : undefined
  }
}

function parseOptional(text: string | undefined): ProxySpec | undefined {
  return text ? parseProxy(text) : undefined
}

/** Parses `http://user:password@host:port`; the scheme may be left out. Throws a `HubError` that does not repeat the password. */
export function parseProxy(text: string): ProxySpec {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined
  const protocol = url?.protocol
  if (!url || (protocol !== 'http:' && protocol !== 'https:')) throw unsupported(protocol)
  return {
    protocol,
    hostname: url.hostname,
    port: Number(url.port) || (protocol === 'https:' ? 443 : 80),
    ...(url.username && {
      authorization: new Secret(`Basic ${encodeUser(url.username, url.password)}`),
    }),
  }
}

function unsupported(protocol: string | undefined): HubError {
  return new HubError({
    code: 'HUB_INVALID_CONFIG',
    message: `the proxy ${protocol ? `scheme ${protocol}//` : 'address'} is not supported`,
    hint: 'Give an HTTP proxy, as in http://proxy.example:3128.',
  })
}

function encodeUser(username: string, password: string): string {
  return Buffer.from(`${decode(username)}:${decode(password)}`).toString('base64')
}

/** Percent signs that encode nothing are meant as they are. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A fault between us and a proxy that opens a tunnel, told apart from one of the server behind it. */
export function nameTunnelFault(error: Error): Error {
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'UND_ERR_HEADERS_TIMEOUT')
    return Object.assign(new Error('no answer to CONNECT', { cause: error }), {
      code: 'WIRE_TLS_TIMEOUT',
    })
  if (code !== 'UND_ERR_SOCKET' && code !== 'UND_ERR_INFO') return error
  return Object.assign(new Error('the proxy hung up', { cause: error }), { code: 'ECONNRESET' })
}
