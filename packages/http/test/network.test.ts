import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { inspect } from 'node:util'
import { fixedToken } from '@hfx/core'
import { useServer } from '@hfx/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createHttp, type Http, type HttpOptions } from '../src/index.ts'
import { fixture, startProxy, startTls } from './support/servers.ts'

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
      expect(new Set(proxy.visits.map(({ target }) => target))).toEqual(
        new Set([new URL(url).host]),
      )
    },
  )

  it.each(['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'])(
    '%s takes plain URLs whole, as every proxy allows; NO_PROXY exempts hosts',
    async (variable) => {
      const port = await useServer(createServer((_request, response) => void response.end('ok')))
      const endpoint = `http://127.0.0.1:${port}`
      const proxy = await startProxy()
      const environment = { [variable]: `http://${proxy.address}` }
      const http = open({ endpoint, environment })
      expect(await get(http, `${endpoint}/a?b=1`)).toBe('ok')
      expect(await readAll(http, `${endpoint}/data`)).toBe('ok')
      expect(proxy.visits).toEqual([
        { method: 'GET', target: `${endpoint}/a?b=1`, authorization: undefined },
        { method: 'GET', target: `${endpoint}/data`, authorization: undefined },
      ])
      for (const list of ['10.0.0.0/8, 127.0.0.0/8', `127.0.0.1:${port}`, '*']) {
        const exempt = open({ endpoint, environment: { ...environment, NO_PROXY: list } })
        expect(await get(exempt, `${endpoint}/`)).toBe('ok')
        expect(await readAll(exempt, `${endpoint}/`)).toBe('ok')
      }
      expect(proxy.visits).toHaveLength(2)
    },
  )

  it('a redirect to a host that NO_PROXY names goes there directly', async () => {
    const data = await useServer(createServer((_request, response) => void response.end('ok')))
    const hub = await useServer(
      createServer(
        (_request, response) =>
          void response.writeHead(302, { location: `http://localhost:${data}/x` }).end(),
      ),
    )
    const proxy = await startProxy()
    const environment = { http_proxy: proxy.address, no_proxy: 'localhost' }
    const endpoint = `http://127.0.0.1:${hub}`
    expect(await readAll(open({ endpoint, environment }), `${endpoint}/x`)).toBe('ok')
    expect(proxy.visits.map(({ target }) => target)).toEqual([`${endpoint}/x`])
  })

  it.each([
    ['through a tunnel', () => startTls()],
    [
      'in front of a plain server',
      async () => {
        const server = createServer((_request, response) => void response.end('ok'))
        return `http://127.0.0.1:${await useServer(server)}`
      },
    ],
  ])('PX-2: credentials of the URL are sent %s, and a 407 is named without them', async (_, go) => {
    const url = await go()
    const proxy = await startProxy({ password: 'user:p@ss' })
    const trust = { endpoint: url, ca: fixture('ca.pem') }
    const good = open({ ...trust, proxy: `http://user:p%40ss@${proxy.address}` })
    expect(await get(good, url)).toBe('ok')
    expect(await readAll(good, url)).toBe('ok')
    const bad = open({ ...trust, proxy: `http://user:s3cr3t@${proxy.address}` })
    for (const asked of [get(bad, url), readAll(bad, url)]) {
      const error: unknown = await asked.catch((error_: unknown) => error_)
      expect(error).toMatchObject({
        code: 'HUB_PROXY_AUTH',
        retryable: false,
        hint: expect.stringContaining('HTTPS_PROXY'),
      })
      expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/s3cr3t|dXNlcjpzM2NyM3Q/)
    }
  })

  it.each([false, true])('the token is not shown to a tunnel (undici only: %s)', async (only) => {
    const url = await startTls()
    const proxy = await startProxy()
    const http = open({
      endpoint: url,
      token: fixedToken('hf_not_for_proxies'),
      leanSockets: !only,
      proxy: `http://${proxy.address}`,
      ca: fixture('ca.pem'),
    })
    expect(await get(http, url)).toBe('ok')
    expect(JSON.stringify(proxy.visits)).not.toContain('hf_not')
  })

  it.each([
    ['HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n', 'HUB_PROXY_FAILED'],
    ['HTTP/1.1 502 Bad Gateway\r\n\r\n<html>no</html>', 'HUB_PROXY_FAILED'],
    ['HTTP/1.1 200 OK\r\n\r\nnot TLS at all', 'HUB_TLS_FAILED'],
    ['', 'HUB_PROXY_FAILED'],
    ['SSH-2.0-OpenSSH\r\n', 'HUB_BAD_RESPONSE'],
  ])('a proxy that answers CONNECT with %j is %s', async (refusal, code) => {
    const url = await startTls()
    const proxy = await startProxy({ refusal })
    const http = open({ endpoint: url, proxy: proxy.address, ca: fixture('ca.pem') })
    await expect(get(http, url)).rejects.toMatchObject({ code })
  })

  it('NW-3: a proxy that takes CONNECT and says nothing has the time of a handshake', async () => {
    const url = await startTls()
    const proxy = await startProxy({ isSilent: true })
    const timeouts = { tlsMs: 100 }
    const http = open({ endpoint: url, proxy: proxy.address, timeouts, ca: fixture('ca.pem') })
    await expect(readAll(http, url)).rejects.toMatchObject({ code: 'HUB_TIMEOUT' })
  }, 10_000)

  it('PX-5: a proxy that breaks TLS open is named by its certificate', async () => {
    const url = await startTls()
    const proxy = await startProxy({ password: 'u:p' })
    await expect(
      get(open({ endpoint: url, proxy: `http://u:p@${proxy.address}` }), url),
    ).rejects.toMatchObject({
      code: 'HUB_TLS_FAILED',
      message: expect.stringContaining('Acme Interception CA'),
      hint: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    })
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

describe.each([true, false])('PX-3: certificates (own sockets: %s)', (leanSockets) => {
  it.each(['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE'])(
    '%s names further trusted ones',
    async (variable) => {
      const url = await startTls()
      expect(
        await get(
          open({ leanSockets, endpoint: url, environment: { [variable]: fixture('ca.pem') } }),
          url,
        ),
      ).toBe('ok')
    },
  )

  it('the option takes a path or the text itself', async () => {
    const url = await startTls()
    expect(
      await get(
        open({ leanSockets, endpoint: url, ca: await readFile(fixture('ca.pem'), 'utf8') }),
        url,
      ),
    ).toBe('ok')
    await expect(
      get(open({ leanSockets, endpoint: url, ca: '/nowhere/ca.pem' }), url),
    ).rejects.toMatchObject({
      code: 'HUB_INVALID_CONFIG',
    })
  })

  it('PX-5: an untrusted one is an error that names the issuer and the variable to set', async () => {
    const url = await startTls()
    await expect(get(open({ leanSockets, endpoint: url }), url)).rejects.toMatchObject({
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
    const http = createHttp({ leanSockets, endpoint: url, verifySsl: false }, { logger })
    onTestFinished(() => http.close())
    expect(await get(http, url)).toBe('ok')
    expect(warnings[0]).toMatch(/not verified/)
  })

  it('a client certificate is shown to every host of the endpoint', async () => {
    const mutual = { clientCa: fixture('ca.pem') }
    const data = await startTls(mutual)
    const url = await startTls({
      ...mutual,
      answer: (_request, response) => void response.writeHead(302, { location: data }).end(),
    })
    const own = { cert: fixture('client.pem'), key: fixture('client-key.pem') }
    const http = open({ leanSockets, endpoint: url, ca: fixture('ca.pem'), ...own })
    expect(await get(http, url)).toBe('ok')
    expect(await readAll(http, url)).toBe('ok')
  })

  it('a client certificate is shown where it is asked for', async () => {
    const url = await startTls({ clientCa: fixture('ca.pem') })
    const trusted = { leanSockets, endpoint: url, ca: fixture('ca.pem') }
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
    const port = await useServer(createTcpServer(() => undefined))
    const url = `http://127.0.0.1:${port}`
    await expect(
      get(open({ endpoint: url, timeouts: { headersMs: 100 } }), url),
    ).rejects.toMatchObject({ code: 'HUB_TIMEOUT', retryable: true })
  }, 10_000)

  it('silence inside a body', async () => {
    const port = await useServer(
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
    const port = await useServer(
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
    const port = await useServer(
      createTcpServer((socket) => void socket.end('SSH-2.0-OpenSSH\r\n')),
    )
    const url = `http://127.0.0.1:${port}`
    await expect(get(open({ endpoint: url }), url)).rejects.toMatchObject({
      code: 'HUB_BAD_RESPONSE',
    })
  })
})
