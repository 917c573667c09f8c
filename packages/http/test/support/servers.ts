import { readFile } from 'node:fs/promises'
import {
  createServer,
  type IncomingMessage,
  request as forward,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { useServer } from '@hfx/testing'

/** Path of a certificate or key of the tests. */
export const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url))

export interface TlsServerOptions {
  /** Path of the CA whose clients alone are served. @default everybody is */
  readonly clientCa?: string
  /** @default says `ok` */
  readonly answer?: RequestListener
}

/** A server that the tests' CA vouches for, as `https://localhost:<port>`. */
export async function startTls(options: TlsServerOptions = {}): Promise<string> {
  const [cert, key] = await Promise.all([
    readFile(fixture('server.pem')),
    readFile(fixture('server-key.pem')),
  ])
  const mutual =
    options.clientCa === undefined
      ? {}
      : { ca: await readFile(options.clientCa), requestCert: true, rejectUnauthorized: true }
  const answer = options.answer ?? ((_request, response) => void response.end('ok'))
  return `https://localhost:${await useServer(createTlsServer({ cert, key, ...mutual }, answer))}`
}

/** What went through a proxy: the target of a tunnel, or a whole URL. */
export interface ProxyVisit {
  readonly method: string
  readonly target: string
  readonly authorization: string | undefined
}

export interface TestProxy {
  /** `127.0.0.1:<port>` */
  readonly address: string
  readonly visits: readonly ProxyVisit[]
}

export interface TestProxyOptions {
  /** `user:password` without which it answers 407. @default open to everybody */
  readonly password?: string
  /** What it answers to CONNECT in place of a tunnel. @default a tunnel */
  readonly refusal?: string
  /** It takes CONNECT and says nothing. @default false */
  readonly isSilent?: boolean
}

/** An HTTP proxy that tunnels CONNECT, forwards whole URLs, and writes down who asked for what. */
export async function startProxy(options: TestProxyOptions = {}): Promise<TestProxy> {
  const visits: ProxyVisit[] = []
  const isAllowed = (message: IncomingMessage): boolean => {
    const authorization = message.headers['proxy-authorization']
    visits.push({ method: message.method ?? '', target: message.url ?? '', authorization })
    const { password } = options
    return (
      password === undefined ||
      authorization === `Basic ${Buffer.from(password).toString('base64')}`
    )
  }
  const server = createServer((message, response) => {
    if (isAllowed(message)) forwardPlain(message, response)
    else response.writeHead(407, { 'proxy-authenticate': 'Basic' }).end()
  })
  server.on('connect', (message, socket: Socket) => {
    socket.on('error', () => undefined)
    const refused = isAllowed(message)
      ? options.refusal
      : 'HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n'
    if (options.isSilent) return
    if (refused === undefined) openTunnel(message.url ?? '', socket)
    else socket.end(refused)
  })
  return { address: `127.0.0.1:${await useServer(server)}`, visits }
}

function forwardPlain(message: IncomingMessage, response: ServerResponse): void {
  if (!URL.canParse(message.url ?? '')) return void response.writeHead(400).end()
  const { 'proxy-authorization': _own, ...headers } = message.headers
  const onward = forward(
    new URL(message.url ?? ''),
    { method: message.method ?? 'GET', headers },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    },
  )
  onward.on('error', () => void response.writeHead(502).end())
  message.pipe(onward)
}

function openTunnel(target: string, socket: Socket): void {
  const [host = '', port = '443'] = target.split(':')
  const upstream = connect(Number(port), host === 'hub.example' ? '127.0.0.1' : host, () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    upstream.pipe(socket).pipe(upstream)
  })
  upstream.on('error', () => socket.destroy())
}
