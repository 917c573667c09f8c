import { lookup } from 'node:dns/promises'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { systemClock } from '@hfx/core'
import { maskUserInfo } from '../mask-user-info.ts'
import { type DoctorContext, type Finding, guard } from './check.ts'

/** Name, sockets and certificate of the endpoint, each on its own: the first that fails is where the fault is. */
export async function checkNetwork(context: DoctorContext): Promise<readonly Finding[]> {
  const proxy = findProxyVariable(context)
  if (proxy !== undefined) {
    const skipped = ['dns', 'tcp', 'tls'].map((check) => ({
      check,
      status: 'skip' as const,
      detail: 'a proxy does this for us',
    }))
    return [{ check: 'proxy', status: 'ok', detail: proxy }, ...skipped]
  }
  const addresses = await guard('dns', () => checkDns(context))
  const direct: Finding = { check: 'proxy', status: 'ok', detail: 'none' }
  if (addresses.some(({ status }) => status === 'fail')) return [direct, ...addresses]
  const [four, six, tls] = await Promise.all([
    checkTcp(context, 4),
    checkTcp(context, 6),
    guard('tls', () => checkTls(context)),
  ])
  return [direct, ...addresses, ...judgeFamilies(four, six), ...tls]
}

function findProxyVariable({ io, endpoint, config }: DoctorContext): string | undefined {
  const { proxy } = config.settings
  if (proxy === false) return undefined
  if (proxy !== undefined) return `${maskUserInfo(proxy)} (option)`
  const exempt = (io.env['no_proxy'] ?? io.env['NO_PROXY'] ?? '').split(/[\s,]+/)
  if (exempt.some((host) => host === '*' || host.replace(/^\./, '') === endpoint.hostname))
    return undefined
  const names = [endpoint.protocol === 'https:' ? 'https_proxy' : 'http_proxy', 'all_proxy']
  const found = names.flatMap((name) => [name, name.toUpperCase()]).find((name) => io.env[name])
  return found === undefined ? undefined : `${maskUserInfo(io.env[found] ?? '')} (${found})`
}

async function checkDns({ endpoint }: DoctorContext): Promise<readonly Finding[]> {
  const host = hostOf(endpoint)
  if (isIP(host) > 0) return [{ check: 'dns', status: 'ok', detail: `${host} is an address` }]
  try {
    const found = await lookup(host, { all: true })
    return [
      {
        check: 'dns',
        status: 'ok',
        detail: `${host} is ${found
          .map(({ address }) => address)
          .slice(0, 4)
          .join(', ')}`,
      },
    ]
  } catch (error) {
    return [
      {
        check: 'dns',
        status: 'fail',
        detail: `${host} cannot be resolved (${codeOf(error)})`,
        fix: 'Check the resolver, or set HTTPS_PROXY where only a proxy may go out.',
      },
    ]
  }
}

interface Reach {
  readonly family: 4 | 6
  readonly outcome: 'ok' | 'none' | 'fail'
  readonly detail: string
}

async function checkTcp(context: DoctorContext, family: 4 | 6): Promise<Reach> {
  const { endpoint, stepMs } = context
  const host = hostOf(endpoint)
  const found = await lookup(host, { family, all: true }).catch(() => [])
  const [first] = found
  if (!first || (isIP(host) > 0 && isIP(host) !== family))
    return { family, outcome: 'none', detail: 'no address' }
  const startedMs = systemClock.monotonic()
  const socket = connectTcp({ host: first.address, port: portOf(endpoint), family })
  try {
    await opened(socket, 'connect', stepMs)
    const ms = Math.round(systemClock.monotonic() - startedMs)
    return { family, outcome: 'ok', detail: `${first.address} in ${ms} ms` }
  } catch (error) {
    return { family, outcome: 'fail', detail: `${first.address}: ${codeOf(error)}` }
  } finally {
    socket.destroy()
  }
}

/** One family is enough; an address that cannot be reached costs time at every connection. */
function judgeFamilies(four: Reach, six: Reach): readonly Finding[] {
  const anyOk = four.outcome === 'ok' || six.outcome === 'ok'
  return [four, six].map(({ family, outcome, detail }): Finding => {
    const check = `tcp v${family}`
    if (outcome === 'ok') return { check, status: 'ok', detail }
    if (outcome === 'none') return { check, status: 'skip', detail }
    if (anyOk)
      return {
        check,
        status: 'warn',
        detail,
        fix: `Set HFX_IP_FAMILY=${family === 4 ? 6 : 4} to leave it out.`,
      }
    return {
      check,
      status: 'fail',
      detail,
      fix: 'A firewall may be in the way; ask for the hosts below to be allowed.',
    }
  })
}

async function checkTls({ endpoint, stepMs }: DoctorContext): Promise<readonly Finding[]> {
  if (endpoint.protocol !== 'https:')
    return [
      {
        check: 'tls',
        status: 'warn',
        detail: 'the endpoint is plain http',
        fix: 'Use https outside of tests.',
      },
    ]
  const host = hostOf(endpoint)
  // Trust is judged afterwards, so that the issuer of a certificate that is not trusted can be named.
  const socket = connectTls({
    host,
    port: portOf(endpoint),
    servername: isIP(host) > 0 ? '' : host,
    rejectUnauthorized: false,
  })
  try {
    await opened(socket, 'secureConnect', stepMs)
    return [describeCertificate(socket)]
  } finally {
    socket.destroy()
  }
}

function describeCertificate(socket: TLSSocket): Finding {
  const { issuer, valid_to: until } = socket.getPeerCertificate()
  const name = [issuer.O, issuer.CN]
    .flat()
    .filter((part) => part !== undefined)
    .join(', ')
  const detail = `issued by ${name}, valid until ${until}`
  if (socket.authorized) return { check: 'tls', status: 'ok', detail }
  return {
    check: 'tls',
    status: 'fail',
    detail: `${detail}; not trusted: ${String(socket.authorizationError)}`,
    fix: 'If that is the proxy of your company, set NODE_EXTRA_CA_CERTS to its certificate.',
  }
}

async function opened(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  limitMs: number,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.setTimeout(limitMs, () =>
      reject(Object.assign(new Error('no answer'), { code: 'timeout' })),
    )
    socket.once('error', reject)
    socket.once(event, () => resolve())
  })
}

/** Without the brackets of an IPv6 address. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '')
}

function portOf(url: URL): number {
  return Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code)
  return error instanceof Error ? error.message : String(error)
}
