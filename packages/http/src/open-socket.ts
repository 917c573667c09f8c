import { connect, isIP, type NetConnectOpts, type OnReadOpts, type Socket } from 'node:net'
import type { ConnectionOptions, SecureContext, TLSSocket } from 'node:tls'
import { createFamilyMemory, type FamilyMemory } from './family-memory.ts'
import type { ResolvedHttpOptions } from './options.ts'
import { readTrust } from './tls.ts'
import { WireError } from './wire-error.ts'

/** Opens sockets to one origin. */
export interface SocketOpener {
  open(onread: OnReadOpts): { readonly socket: Socket; readonly ready: Promise<void> }
}

/** What all sockets of a wire share. */
export interface SocketShare {
  /** The opener for an origin; over TLS the certificates are read with the first one. */
  openerFor(url: URL): Promise<SocketOpener>
}

export function createSocketShare(
  options: ResolvedHttpOptions,
  families: FamilyMemory = createFamilyMemory(),
): SocketShare {
  let tls: Promise<TlsParts> | undefined
  return {
    async openerFor(url) {
      const way: Way = { url, options, families }
      if (url.protocol !== 'https:') return { open: (onread) => openPlain(way, onread) }
      tls ??= loadTls(options)
      return createTlsOpener(way, await tls)
    },
  }
}

/** Where to, and how. */
interface Way {
  readonly url: URL
  readonly options: ResolvedHttpOptions
  readonly families: FamilyMemory
}

interface TlsParts {
  connect(options: ConnectionOptions): TLSSocket
  readonly secureContext: SecureContext
}

/** One context for all sockets: making one with own certificates takes tens of milliseconds. */
async function loadTls(options: ResolvedHttpOptions): Promise<TlsParts> {
  const [tls, trust] = await Promise.all([import('node:tls'), readTrust(options)])
  return { connect: tls.connect, secureContext: tls.createSecureContext(trust) }
}

function describeTarget({ url, options, families }: Way) {
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    ...(options.family === 'auto'
      ? {
          autoSelectFamily: true,
          autoSelectFamilyAttemptTimeout: 250,
          lookup: families.lookup,
        }
      : { family: options.family, autoSelectFamily: false }),
  }
}

function openPlain(way: Way, onread: OnReadOpts) {
  const target = { ...describeTarget(way), onread }
  const wishes: NetConnectOpts = target
  const socket = connect(wishes)
  return { socket, ready: whenReady(socket, way, target.host) }
}

/** Sessions are resumed: the second of many connections costs less than the first. */
function createTlsOpener(way: Way, parts: TlsParts): SocketOpener {
  let session: Buffer | undefined
  return {
    open(onread) {
      const target = describeTarget(way)
      const wishes: ConnectionOptions & { readonly onread: OnReadOpts } = {
        ...target,
        onread,
        secureContext: parts.secureContext,
        rejectUnauthorized: way.options.verifySsl,
        ALPNProtocols: ['http/1.1'],
        ...(isIP(target.host) === 0 ? { servername: target.host } : {}),
        ...(session ? { session } : {}),
      }
      const socket = parts.connect(wishes)
      socket.on('session', (fresh) => {
        session = fresh
      })
      return { socket, ready: whenReady(socket, way, target.host) }
    },
  }
}

function whenReady(socket: Socket | TLSSocket, way: Way, host: string): Promise<void> {
  const { connectMs, tlsMs } = way.options.timeouts
  const isTls = 'encrypted' in socket
  return new Promise((resolve, reject) => {
    let timer = setTimeout(
      () => fail(new WireError('WIRE_CONNECT_TIMEOUT', 'no connection')),
      connectMs,
    )
    function fail(error: Error): void {
      clearTimeout(timer)
      reject(error)
      socket.destroy()
    }
    function succeed(): void {
      clearTimeout(timer)
      resolve()
    }
    socket.once('error', fail)
    socket.once('close', () =>
      fail(new WireError('WIRE_BROKEN', 'the other side closed the connection')),
    )
    socket.once('connect', () => {
      way.families.note(host, socket)
      clearTimeout(timer)
      if (!isTls) return succeed()
      timer = setTimeout(() => fail(new WireError('WIRE_TLS_TIMEOUT', 'no handshake')), tlsMs)
    })
    if (isTls) socket.once('secureConnect', succeed)
  })
}
