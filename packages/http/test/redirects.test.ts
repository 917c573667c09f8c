import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { fixedToken } from '@hfx/core'
import { useServer } from '@hfx/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createHttp, type Http, type HttpOptions } from '../src/index.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

interface Origin {
  readonly url: string
  readonly seen: {
    readonly path: string
    readonly method: string
    readonly authorization: string | undefined
    readonly cookie: string | undefined
  }[]
  answer: Answer
}

async function startOrigin(
  answer: Answer = (_request, response) => void response.end('end'),
): Promise<Origin> {
  const origin: { url: string; seen: Origin['seen']; answer: Answer } = {
    url: '',
    seen: [],
    answer,
  }
  const server: Server = createServer((request, response) => {
    origin.seen.push({
      path: request.url ?? '',
      method: request.method ?? '',
      authorization: request.headers.authorization,
      cookie: request.headers.cookie,
    })
    origin.answer(request, response)
  })
  origin.url = `http://127.0.0.1:${await useServer(server)}`
  return origin
}

const redirectTo =
  (location: string, status = 302): Answer =>
  (_request, response) =>
    void response.writeHead(status, { location }).end()

describe.each(['lean', 'undici'] as const)('the %s wire', (name) => {
  function open(options: HttpOptions): Http {
    const http = createHttp({
      token: fixedToken('hf_secret_token'),
      retry: { maxRetries: 0 },
      leanSockets: name === 'lean',
      ...options,
    })
    onTestFinished(() => http.close())
    return http
  }

  describe('SE-1: the token goes to its own origin only', () => {
    it.each([301, 302, 303, 307, 308])('a %i to another port loses it', async (status) => {
      const stranger = await startOrigin()
      const hub = await startOrigin(redirectTo(`${stranger.url}/data`, status))
      await open({ endpoint: hub.url, headers: { Cookie: 'a=b' } }).transport.send({
        method: 'GET',
        url: `${hub.url}/x`,
      })
      expect(hub.seen[0]).toMatchObject({ authorization: 'Bearer hf_secret_token', cookie: 'a=b' })
      expect(stranger.seen).toEqual([
        { path: '/data', method: 'GET', authorization: undefined, cookie: undefined },
      ])
    })

    it('another host name for the same address loses it too', async () => {
      const hub = await startOrigin()
      const lookAlike = hub.url.replace('127.0.0.1', 'localhost')
      hub.answer = (request, response) => {
        if (request.url === '/x') redirectTo(`${lookAlike}/y`)(request, response)
        else response.end()
      }
      await open({ endpoint: hub.url, family: 4 }).transport.send({
        method: 'GET',
        url: `${hub.url}/x`,
      })
      expect(hub.seen.map((request) => request.authorization)).toEqual([
        'Bearer hf_secret_token',
        undefined,
      ])
    })

    it('A→B→A does not get it back', async () => {
      const hub = await startOrigin()
      const stranger = await startOrigin(redirectTo(`${hub.url}/back`))
      hub.answer = (request, response) => {
        if (request.url === '/x') redirectTo(`${stranger.url}/b`)(request, response)
        else response.end()
      }
      await open({ endpoint: hub.url }).transport.send({ method: 'GET', url: `${hub.url}/x` })
      expect(hub.seen.map((request) => request.authorization)).toEqual([
        'Bearer hf_secret_token',
        undefined,
      ])
    })

    it('a URL of another host never gets it, as in a hostile Link header', async () => {
      const hub = await startOrigin()
      const stranger = await startOrigin()
      await open({ endpoint: hub.url }).transport.send({
        method: 'GET',
        url: `${stranger.url}/next`,
      })
      expect(stranger.seen[0]?.authorization).toBeUndefined()
    })

    it('an Authorization of the caller, in any letter case, stays at home as well', async () => {
      const stranger = await startOrigin()
      const hub = await startOrigin(redirectTo(stranger.url))
      await open({ endpoint: hub.url }).transport.send({
        method: 'GET',
        url: `${hub.url}/x`,
        headers: { Authorization: 'Basic abc' },
      })
      expect(stranger.seen[0]?.authorization).toBeUndefined()
    })

    it('a range reader follows the same rule', async () => {
      const stranger = await startOrigin(
        (_request, response) => void response.writeHead(200, { 'content-length': 4 }).end('abcd'),
      )
      const hub = await startOrigin(redirectTo(`${stranger.url}/data`))
      const range = { url: `${hub.url}/x`, start: 0, end: 4, totalBytes: 4 }
      await open({ endpoint: hub.url }).rangeReader.readRange(range, { onData: () => true })
      expect(stranger.seen[0]?.authorization).toBeUndefined()
    })
  })

  describe('redirects are followed with care', () => {
    it('SE-4: a loop ends after a bounded number of hops', async () => {
      const hub = await startOrigin()
      hub.answer = redirectTo('/again')
      await expect(
        open({ endpoint: hub.url, maxRedirects: 4 }).transport.send({
          method: 'GET',
          url: `${hub.url}/x`,
        }),
      ).rejects.toMatchObject({ code: 'HUB_TOO_MANY_REDIRECTS' })
      expect(hub.seen).toHaveLength(5)
    })

    it.each([
      'ftp://127.0.0.1/x',
      'file:///etc/passwd',
      'data:text/plain,x',
      'javascript:alert(1)',
      'http://user:pw@127.0.0.1/x',
      'http://user@127.0.0.1/x',
      'http://[',
      'http://127.0.0.1:99999/',
      'http://:80/',
    ])('refuses to go to %s', async (location) => {
      const hub = await startOrigin(redirectTo(location))
      await expect(
        open({ endpoint: hub.url }).transport.send({ method: 'GET', url: `${hub.url}/x` }),
      ).rejects.toMatchObject({ code: 'HUB_UNSAFE_REDIRECT' })
    })

    it('SE-4: the body of a redirect is read to a limit, and followed though it never ends', async () => {
      const hub = await startOrigin((request, response) => {
        if (request.url === '/y') return void response.end('end')
        response.writeHead(302, { location: '/y' })
        response.write('x'.repeat(100_000))
      })
      const answer = await open({ endpoint: hub.url }).transport.send({
        method: 'GET',
        url: `${hub.url}/x`,
      })
      expect(Buffer.from(answer.body).toString()).toBe('end')
    })

    it('a same-origin request stops where the origin ends, and gives that answer', async () => {
      const stranger = await startOrigin()
      const hub = await startOrigin()
      hub.answer = (request, response) => {
        if (request.url === '/x') redirectTo('/y?kept=1', 307)(request, response)
        else redirectTo(`${stranger.url}/signed?secret=1`)(request, response)
      }
      const answer = await open({ endpoint: hub.url }).transport.send({
        method: 'HEAD',
        url: `${hub.url}/x`,
        redirect: 'same-origin',
      })
      expect(answer).toMatchObject({
        status: 302,
        url: `${hub.url}/y?kept=1`,
        headers: { location: `${stranger.url}/signed?secret=1` },
      })
      expect(stranger.seen).toEqual([])
    })

    it.each([
      [303, 'GET', ''],
      [302, 'GET', ''],
      [307, 'POST', 'a=1'],
      [308, 'POST', 'a=1'],
    ])('a POST answered with %i goes on as %s', async (status, method, expected) => {
      const bodies: string[] = []
      const hub = await startOrigin((request, response) => {
        let body = ''
        request.on('data', (chunk: Buffer) => (body += chunk.toString()))
        request.on('end', () => {
          bodies.push(body)
          if (request.url === '/x') redirectTo('/y', status)(request, response)
          else response.end()
        })
      })
      await open({ endpoint: hub.url }).transport.send({
        method: 'POST',
        url: `${hub.url}/x`,
        body: 'a=1',
      })
      expect(hub.seen.at(-1)).toMatchObject({ method, path: '/y' })
      expect(bodies).toEqual(['a=1', expected])
    })

    it('MI-1: with allowed origins named, no other host is asked', async () => {
      const stranger = await startOrigin()
      const hub = await startOrigin(redirectTo(stranger.url))
      await expect(
        open({ endpoint: hub.url, allowedOrigins: [] }).transport.send({
          method: 'GET',
          url: `${hub.url}/x`,
        }),
      ).rejects.toMatchObject({ code: 'HUB_UNSAFE_REDIRECT' })
      const direct = { method: 'GET', url: `${stranger.url}/next` } as const
      await expect(
        open({ endpoint: hub.url, allowedOrigins: [] }).transport.send(direct),
      ).rejects.toMatchObject({ code: 'HUB_UNSAFE_REDIRECT' })
      expect(stranger.seen).toEqual([])
      await open({ endpoint: hub.url, allowedOrigins: [stranger.url] }).transport.send({
        method: 'GET',
        url: `${hub.url}/x`,
      })
      expect(stranger.seen).toHaveLength(1)
    })
  })

  describe('SE-4: every size from outside has a cap', () => {
    it('a body larger than asked for', async () => {
      const hub = await startOrigin((_request, response) => void response.end(Buffer.alloc(2000)))
      await expect(
        open({ endpoint: hub.url }).transport.send({
          method: 'GET',
          url: `${hub.url}/x`,
          maxBodyBytes: 1000,
        }),
      ).rejects.toMatchObject({ code: 'HUB_RESPONSE_TOO_LARGE' })
    })

    it('a small body that becomes large when decoded', async () => {
      const { gzipSync } = await import('node:zlib')
      const bomb = gzipSync(Buffer.alloc(5_000_000))
      const hub = await startOrigin(
        (_request, response) =>
          void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
      )
      const http = open({ endpoint: hub.url })
      await expect(
        http.transport.send({ method: 'GET', url: `${hub.url}/x`, maxBodyBytes: 1_000_000 }),
      ).rejects.toMatchObject({ code: 'HUB_RESPONSE_TOO_LARGE' })
      expect(
        (await http.transport.send({ method: 'GET', url: `${hub.url}/x`, maxBodyBytes: 6_000_000 }))
          .body,
      ).toHaveLength(5_000_000)
    })

    it('a header larger than its limit', async () => {
      const hub = await startOrigin(
        (_request, response) => void response.writeHead(200, { 'x-long': 'x'.repeat(9000) }).end(),
      )
      await expect(
        open({ endpoint: hub.url, maxHeaderBytes: 4096 }).transport.send({
          method: 'GET',
          url: `${hub.url}/x`,
        }),
      ).rejects.toMatchObject({ code: 'HUB_RESPONSE_TOO_LARGE' })
    })

    it('ER-3: an error page is named, not shown', async () => {
      const hub = await startOrigin(
        (_request, response) =>
          void response
            .writeHead(502, { 'content-type': 'text/html' })
            .end(`<html>${'x'.repeat(50_000)}</html>`),
      )
      const failed = open({ endpoint: hub.url }).transport.send({
        method: 'GET',
        url: `${hub.url}/x?sig=secret`,
      })
      await expect(failed).rejects.toMatchObject({
        status: 502,
        retryable: true,
        message: expect.stringMatching(/^(?!.*(secret|xxxx)).*HTML page$/),
      })
    })

    it('ER-3: what a server says is one line that moves no cursor', async () => {
      const hub = await startOrigin(
        (_request, response) =>
          void response
            .writeHead(403, { 'content-type': 'application/json' })
            .end(JSON.stringify({ error: 'no\u001B[2J\u0007\nway\u202E!' })),
      )
      const failed = open({ endpoint: hub.url }).transport.send({
        method: 'GET',
        url: `${hub.url}/x`,
      })
      await expect(failed).rejects.toMatchObject({
        message: expect.stringMatching(/: no \[2J way !$/),
      })
    })
  })
})
