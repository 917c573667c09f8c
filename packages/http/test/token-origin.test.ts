import { createServer } from 'node:http'
import { fixedToken } from '@hfx/core'
import { useServer } from '@hfx/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { headersForHop } from '../src/authorize.ts'
import { nextHop } from '../src/follow.ts'
import { createHttp, type HttpOptions } from '../src/index.ts'
import { resolveHttpOptions } from '../src/options.ts'
import { fixture, startTls } from './support/servers.ts'

const credentials = {
  headers: { authorization: 'Bearer hf_x', 'x-own': '1' },
  sentToken: undefined,
}

/** What a redirect from the endpoint to a target would send there; why not, where nothing is sent. */
function judge(endpoint: string, location: string): 'token' | 'no token' | 'refused' {
  const options = resolveHttpOptions({ endpoint })
  const from = { url: options.endpoint, trusted: true }
  try {
    const hop = nextHop(options, from, { status: 302, headers: { location }, hops: 0 })
    const headers = headersForHop(
      { headers: { cookie: 'a=b' } },
      { trusted: !!hop?.trusted, credentials },
    )
    const secrets = ['authorization', 'cookie', 'x-own'].filter((name) => name in headers)
    if (secrets.length === 0) return 'no token'
    expect(secrets).toHaveLength(3)
    return 'token'
  } catch (error) {
    expect(error).toMatchObject({ code: 'HUB_UNSAFE_REDIRECT' })
    return 'refused'
  }
}

describe('SE-1: who is the endpoint, and who only looks like it', () => {
  it.each([
    ['/path', 'token'],
    ['//hub.example/path', 'token'],
    ['https://hub.example/', 'token'],
    ['HTTPS://HUB.EXAMPLE/', 'token'],
    ['https://hub.example:443/', 'token'],
    ['https://hub.exam%70le/', 'token'],
    ['https://ｈub.example/', 'token'],
    ['https://hub.example:444/', 'no token'],
    ['https://hub.example./', 'no token'],
    ['https://hub.example.evil/', 'no token'],
    ['https://evilhub.example/', 'no token'],
    ['https://evil.hub.example/', 'no token'],
    ['https://example/', 'no token'],
    ['https://evil.example/hub.example', 'no token'],
    ['https://evil.example?@hub.example/', 'no token'],
    ['https://evil.example#@hub.example/', 'no token'],
    [String.raw`https://evil.example\@hub.example/`, 'no token'],
    ['https://hüb.example/', 'no token'],
    ['https://xn--hb-xka.example/', 'no token'],
    ['https://hub.example\t.evil/', 'no token'],
    ['///evil.example/', 'no token'],
    [String.raw`\\evil.example\x`, 'no token'],
    ['https:evil.example', 'token'],
    ['https:/evil.example', 'token'],
    ['https:///evil.example', 'no token'],
    ['https://hub.example@evil.example/', 'refused'],
    ['https://hub.example:443@evil.example/', 'refused'],
    ['https://user:pw@hub.example/', 'refused'],
    ['http://hub.example/', 'refused'],
    ['http://hub.example:443/', 'refused'],
    ['file:///etc/passwd', 'refused'],
    ['data:text/plain,x', 'refused'],
    ['javascript:alert(1)', 'refused'],
    ['blob:https://hub.example/1', 'refused'],
    ['ws://hub.example/', 'refused'],
    ['https://hub.example:99999/', 'refused'],
    ['https://hub .example/', 'refused'],
  ] as const)('https://hub.example to %j: %s', (location, expected) => {
    expect(judge('https://hub.example', location)).toBe(expected)
    expect(judge('https://hub.example:443/', location)).toBe(expected)
  })

  it.each([
    ['http://hub.example', 'http://hub.example:80/', 'token'],
    ['http://hub.example', 'https://hub.example/', 'no token'],
    ['http://hub.example:8080', 'http://hub.example/', 'no token'],
    ['http://127.0.0.1:8080', 'http://127.1:8080/', 'token'],
    ['http://127.0.0.1:8080', 'http://0x7f.0.0.1:8080/', 'token'],
    ['http://127.0.0.1:8080', 'http://2130706433:8080/', 'token'],
    ['http://127.0.0.1:8080', 'http://localhost:8080/', 'no token'],
    ['http://127.0.0.1:8080', 'http://[::1]:8080/', 'no token'],
    ['http://127.0.0.1:8080', 'http://[::ffff:127.0.0.1]:8080/', 'no token'],
    ['http://127.0.0.1:8080', 'http://127.0.0.2:8080/', 'no token'],
    ['https://[::1]:8443', 'https://[0:0:0:0:0:0:0:1]:8443/', 'token'],
    ['https://xn--hb-xka.example', 'https://hüb.example/', 'token'],
    ['https://mirror.example/hf', 'https://mirror.example/other', 'token'],
  ] as const)('%s to %s: %s', (endpoint, location, expected) => {
    expect(judge(endpoint, location)).toBe(expected)
  })

  it('trust that is lost on the way does not come back', () => {
    const options = resolveHttpOptions({ endpoint: 'https://hub.example' })
    const stranger = { url: new URL('https://cdn.example'), trusted: false }
    const answer = { status: 307, headers: { location: 'https://hub.example/' }, hops: 1 }
    expect(nextHop(options, stranger, answer)).toMatchObject({ trusted: false })
  })
})

describe.each([true, false])(
  'SE-1: schemes, over a real socket (own sockets: %s)',
  (leanSockets) => {
    const send = (options: HttpOptions, url: string): Promise<unknown> => {
      const http = createHttp({
        token: fixedToken('hf_secret_token'),
        retry: { maxRetries: 0 },
        ca: fixture('ca.pem'),
        leanSockets,
        ...options,
      })
      onTestFinished(() => http.close())
      return http.transport.send({ method: 'GET', url })
    }

    it('up from http to https loses the token', async () => {
      const seen: (string | undefined)[] = []
      const safe = await startTls({
        answer(request, response) {
          seen.push(request.headers.authorization)
          response.end('ok')
        },
      })
      const hub = await useServer(
        createServer(
          (_request, response) => void response.writeHead(302, { location: safe }).end(),
        ),
      )
      await send({ endpoint: `http://localhost:${hub}` }, `http://localhost:${hub}/x`)
      expect(seen).toEqual([undefined])
    })

    it.each([301, 302, 303, 307, 308])(
      'down from https to http is refused (%i)',
      async (status) => {
        let visits = 0
        const plain = await useServer(
          createServer((_request, response) => {
            visits += 1
            response.end()
          }),
        )
        const location = `http://localhost:${plain}/x?sig=secret`
        const hub = await startTls({
          answer: (_request, response) => void response.writeHead(status, { location }).end(),
        })
        await expect(send({ endpoint: hub }, `${hub}/x`)).rejects.toMatchObject({
          code: 'HUB_UNSAFE_REDIRECT',
          message: expect.not.stringContaining('secret'),
        })
        expect(visits).toBe(0)
      },
    )
  },
)
