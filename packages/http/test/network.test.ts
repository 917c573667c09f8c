import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createHttp, type Http, type HttpOptions } from '../src/index.ts'

const fixture = (name: string): string =>
  fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

async function startTls(options: { readonly clientCa?: string } = {}): Promise<string> {
  const [cert, key] = await Promise.all([
    readFile(fixture('server.pem')),
    readFile(fixture('server-key.pem')),
  ])
  const mutual =
    options.clientCa === undefined
      ? {}
      : { ca: await readFile(options.clientCa), requestCert: true, rejectUnauthorized: true }
  const server = createTlsServer(
    { cert, key, ...mutual },
    (_request, response) => void response.end('ok'),
  )
  return `https://localhost:${await listen(server)}`
}

interface Proxy {
  readonly address: string
  readonly connects: { readonly target: string; readonly authorization: string | undefined }[]
}

/** An HTTP proxy that tunnels CONNECT and writes down who asked for what. */
async function startProxy(password?: string): Promise<Proxy> {
  const connects: Proxy['connects'] = []
  const server = createServer((_request, response) => void response.writeHead(400).end())
  server.on('connect', (request, socket: Socket) => {
    const target = request.url ?? ''
    connects.push({ target, authorization: request.headers['proxy-authorization'] })
    socket.on('error', () => undefined)
    const expected =
      password === undefined ? undefined : `Basic ${Buffer.from(password).toString('base64')}`
    if (expected !== undefined && request.headers['proxy-authorization'] !== expected) {
      socket.end(
        'HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n',
      )
      return
    }
    const [host = '', port = '443'] = target.split(':')
    const upstream = connect(Number(port), host === 'hub.example' ? '127.0.0.1' : host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.pipe(socket).pipe(upstream)
    })
    upstream.on('error', () => socket.destroy())
  })
  return { address: `127.0.0.1:${await listen(server)}`, connects }
}

function open(options: HttpOptions): Http {
  const http = createHttp({ retry: { maxRetries: 0 }, ...options })
  onTestFinished(() => http.close())
  return http
}

const get = (http: Http, url: string): Promise<string> =>
  http.transport.send({ method: 'GET', url }).then(({ body }) => Buffer.from(body).toString())

const readAll = (http: Http, url: string): Promise<string> => {
  let text = ''
  return http.rangeReader
    .readRange(
      { url, start: 0, end: 2, totalBytes: 2 },
      {
        onData(chunk) {
          text += Buffer.from(chunk).toString()
          return true
        },
      },
    )
    .then(() => text)
}

describe('PX-1: proxies carry every socket', () => {
  it.each(['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY'])(
    '%s tunnels questions and data',
    async (variable) => {
      const url = await startTls()
      const proxy = await startProxy()
      const http = open({
        endpoint: url,
        environment: { [variable]: `http://${proxy.address}` },
        ca: fixture('ca.pem'),
      })
      expect(await get(http, url)).toBe('ok')
      expect(await readAll(http, url)).toBe('ok')
      expect(new Set(proxy.connects.map(({ target }) => target))).toEqual(
        new Set([new URL(url).host]),
      )
    },
  )

  it('HTTP_PROXY serves plain URLs, NO_PROXY exempts hosts', async () => {
    const port = await listen(createServer((_request, response) => void response.end('ok')))
    const proxy = await startProxy()
    const environment = { HTTP_PROXY: `http://${proxy.address}` }
    expect(
      await get(
        open({ endpoint: `http://127.0.0.1:${port}`, environment }),
        `http://127.0.0.1:${port}/`,
      ),
    ).toBe('ok')
    expect(proxy.connects).toHaveLength(1)
    const exempt = open({
      endpoint: `http://127.0.0.1:${port}`,
      environment: { ...environment, NO_PROXY: '10.0.0.0/8, 127.0.0.0/8' },
    })
    expect(await get(exempt, `http://127.0.0.1:${port}/`)).toBe('ok')
    expect(proxy.connects).toHaveLength(1)
  })

  it('PX-2: credentials of the URL are sent, and a 407 is named without showing them', async () => {
    const url = await startTls()
    const proxy = await startProxy('user:p@ss')
    const good = open({
      endpoint: url,
      proxy: `http://user:p%40ss@${proxy.address}`,
      ca: fixture('ca.pem'),
    })
    expect(await get(good, url)).toBe('ok')
    const bad = open({
      endpoint: url,
      proxy: `http://user:wrong@${proxy.address}`,
      ca: fixture('ca.pem'),
    })
    const error: unknown = await get(bad, url).catch((error_: unknown) => error_)
    expect(error).toMatchObject({
      code: 'HUB_PROXY_AUTH',
      hint: expect.stringContaining('HTTPS_PROXY'),
    })
    expect(String(error)).not.toContain('wrong')
  })

  it('a proxy that is not there is named', async () => {
    const url = await startTls()
    const dead = open({ endpoint: url, proxy: 'http://127.0.0.1:1', ca: fixture('ca.pem') })
    await expect(get(dead, url)).rejects.toMatchObject({
      code: 'HUB_CONNECT_FAILED',
      message: expect.stringContaining('127.0.0.1:1'),
    })
  })
})

describe('PX-3: certificates', () => {
  it.each(['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE'])(
    '%s names further trusted ones',
    async (variable) => {
      const url = await startTls()
      expect(
        await get(open({ endpoint: url, environment: { [variable]: fixture('ca.pem') } }), url),
      ).toBe('ok')
    },
  )

  it('the option takes a path or the text itself', async () => {
    const url = await startTls()
    expect(
      await get(open({ endpoint: url, ca: await readFile(fixture('ca.pem'), 'utf8') }), url),
    ).toBe('ok')
    await expect(get(open({ endpoint: url, ca: '/nowhere/ca.pem' }), url)).rejects.toMatchObject({
      code: 'HUB_INVALID_CONFIG',
    })
  })

  it('PX-5: an untrusted one is an error that names the issuer and the variable to set', async () => {
    const url = await startTls()
    await expect(get(open({ endpoint: url }), url)).rejects.toMatchObject({
      code: 'HUB_TLS_FAILED',
      retryable: false,
      message: expect.stringContaining('Acme Interception CA'),
      hint: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    })
  })

  it('verifySsl: false goes on, and warns', async () => {
    const url = await startTls()
    const warnings: string[] = []
    const logger = {
      debug() {},
      info() {},
      error() {},
      warn: (message: string) => void warnings.push(message),
    }
    const http = createHttp({ endpoint: url, verifySsl: false }, { logger })
    onTestFinished(() => http.close())
    expect(await get(http, url)).toBe('ok')
    expect(warnings[0]).toMatch(/not verified/)
  })

  it('a client certificate is shown where it is asked for', async () => {
    const url = await startTls({ clientCa: fixture('ca.pem') })
    const trusted = { endpoint: url, ca: fixture('ca.pem') }
    await expect(get(open(trusted), url)).rejects.toMatchObject({
      code: expect.stringMatching(/HUB_(TLS_FAILED|CONNECTION_LOST)/),
    })
    expect(
      await get(
        open({ ...trusted, cert: fixture('client.pem'), key: fixture('client-key.pem') }),
        url,
      ),
    ).toBe('ok')
  })
})

describe('NW-3: each way to keep us waiting has its own limit', () => {
  it('no answer', async () => {
    const port = await listen(createTcpServer(() => undefined))
    const url = `http://127.0.0.1:${port}`
    await expect(
      get(open({ endpoint: url, timeouts: { headersMs: 100 } }), url),
    ).rejects.toMatchObject({ code: 'HUB_TIMEOUT', retryable: true })
  }, 10_000)

  it('silence inside a body', async () => {
    const port = await listen(
      createTcpServer(
        (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc'),
      ),
    )
    const url = `http://127.0.0.1:${port}`
    await expect(
      get(open({ endpoint: url, timeouts: { idleMs: 100 } }), url),
    ).rejects.toMatchObject({ code: 'HUB_TIMEOUT' })
  }, 10_000)

  it('an answer that drips for longer than a whole request may take', async () => {
    const port = await listen(
      createTcpServer((socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n')
        const timer = setInterval(() => socket.write('x'), 20)
        socket.on('close', () => clearInterval(timer))
      }),
    )
    const url = `http://127.0.0.1:${port}`
    await expect(
      get(open({ endpoint: url, timeouts: { requestMs: 300 } }), url),
    ).rejects.toMatchObject({ code: 'HUB_TIMEOUT' })
  }, 10_000)

  it.each([
    ['http://127.0.0.1:1/', 'HUB_CONNECT_FAILED'],
    ['http://no-such-host.invalid/', 'HUB_DNS_FAILED'],
  ])('%s is %s, with the next step', async (url, code) => {
    await expect(get(open({ endpoint: url }), url)).rejects.toMatchObject({
      code,
      hint: expect.stringContaining('Check the network'),
    })
  })

  it('garbage instead of HTTP', async () => {
    const port = await listen(createTcpServer((socket) => void socket.end('SSH-2.0-OpenSSH\r\n')))
    const url = `http://127.0.0.1:${port}`
    await expect(get(open({ endpoint: url }), url)).rejects.toMatchObject({
      code: 'HUB_BAD_RESPONSE',
    })
  })
})
