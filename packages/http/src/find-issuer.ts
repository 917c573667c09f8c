import { request } from 'node:http'
import { isIP, type Socket } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { visible } from '@hfx/core'
import type { ProxySpec } from './proxy-spec.ts'

export interface FindIssuerOptions {
  /** The way to the host: a proxy that breaks TLS open shows its own certificate. */
  readonly proxy: ProxySpec | undefined
  readonly limitMs: number
}

/**
 * Who signed the certificate that a host shows, for an error message: an unencrypted word with an untrusted host
 * costs nothing and tells which proxy sits in between. Undefined when it cannot be learnt.
 */
export function findIssuer(url: URL, options: FindIssuerOptions): Promise<string | undefined> {
  const { proxy, limitMs } = options
  return new Promise((resolve) => {
    let last: { destroy(): unknown } | undefined
    const timer = setTimeout(() => done(undefined), limitMs)
    const done = (issuer: string | undefined): void => {
      clearTimeout(timer)
      resolve(issuer)
      // What is below TLS goes with it; Node crashes when it goes first.
      last?.destroy()
    }
    const shake = (through?: Socket): void => {
      const socket = openTls(url, through)
      last = socket
      socket.once('secureConnect', () => done(nameIssuer(socket)))
      socket.on('error', () => done(undefined))
    }
    if (proxy === undefined) return shake()
    // To a proxy over TLS we would have to prove first that it is the one.
    if (proxy.protocol === 'https:') return done(undefined)
    const tunnel = openTunnel(url, proxy)
    last = tunnel
    tunnel.once('connect', (answer, socket: Socket) => {
      last = socket
      if (answer.statusCode === 200) shake(socket)
      else done(undefined)
    })
    tunnel.on('error', () => done(undefined))
  })
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1')
}

function openTls(url: URL, through: Socket | undefined): TLSSocket {
  const host = hostOf(url)
  return connect({
    host,
    port: Number(url.port) || 443,
    ...(through ? { socket: through } : {}),
    // An address is no server name: Node warns of it.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    rejectUnauthorized: false,
  })
}

function openTunnel(url: URL, proxy: ProxySpec): ReturnType<typeof request> {
  const target = `${url.hostname}:${Number(url.port) || 443}`
  const { authorization } = proxy
  const tunnel = request({
    method: 'CONNECT',
    host: proxy.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: proxy.port,
    path: target,
    agent: false,
    headers: {
      host: target,
      ...(authorization ? { 'proxy-authorization': authorization.reveal() } : {}),
    },
  })
  tunnel.end()
  return tunnel
}

/** A name that anybody may have chosen, as one short line. */
function nameIssuer(socket: TLSSocket): string | undefined {
  const { issuer } = socket.getPeerCertificate()
  const name = issuer ? [issuer.O ?? issuer.CN].flat()[0] : undefined
  return name === undefined ? undefined : visible(name.slice(0, 200))
}
