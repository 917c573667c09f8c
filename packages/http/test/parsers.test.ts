import { array, assert, constantFrom, integer, property, string, webUrl } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { errorFromResponse } from '../src/error-from-response.ts'
import { createNoProxy } from '../src/no-proxy.ts'
import { createFindProxy, parseProxy } from '../src/proxy.ts'
import { readRateLimit, readRetryAfter } from '../src/retry-after.ts'

const runs = { numRuns: 500 }

describe('whatever a server sends', () => {
  it('a Retry-After is a wait between nothing and a day, or none', () => {
    assert(
      property(string(), (text) => {
        const waitMs = readRetryAfter({ 'retry-after': text, ratelimit: text }, 0)
        expect(waitMs === undefined || (waitMs >= 0 && waitMs <= 86_400_000)).toBe(true)
      }),
      runs,
    )
  })

  it('a RateLimit is read whole or not at all', () => {
    assert(
      property(
        string(),
        integer({ min: 0, max: 9_999 }),
        integer({ min: 0, max: 9_999 }),
        (name, r, t) => {
          const limit = readRateLimit({ ratelimit: `"${name}";r=${r};t=${t}` })
          if (limit) expect(limit).toMatchObject({ remaining: r, resetMs: t * 1000 })
          expect(limit === undefined).toBe(name === '' || name.includes('"'))
        },
      ),
      runs,
    )
  })

  it('a refusal becomes an error with a code and a short message, without secrets', () => {
    assert(
      property(
        constantFrom(400, 401, 403, 404, 416, 429, 500, 503, 599),
        string(),
        webUrl({ withQueryParameters: true }),
        (status, body, url) => {
          const error = errorFromResponse({
            method: 'GET',
            url: new URL(url),
            head: { status, headers: { 'x-error-message': body } },
            body: `${body}hf_abcdefghijklmnop`.repeat(50),
            fromHub: true,
            sentToken: true,
            nowMs: 0,
          })
          expect(error.code).toMatch(/^HUB_/)
          expect(error.message.length).toBeLessThan(url.length + 700)
          expect(error.message).not.toContain('hf_abcdefghijklmnop')
        },
      ),
      runs,
    )
  })
})

describe('NO_PROXY', () => {
  it.each([
    ['10.0.0.0/8', 'https://hub.example/', false],
    ['10.0.0.0/8', 'http://[fd00::1]/', false],
    // An address has no domain above it.
    ['0.0.1', 'http://10.0.0.1/', false],
    ['::1', 'http://[fe80::1]/', false],
    ['example.com', 'https://example.com/', true],
    ['example.com', 'https://a.example.com/', true],
    ['.example.com', 'https://a.example.com/', true],
    ['example.com', 'https://notexample.com/', false],
    ['example.com:8080', 'https://example.com/', false],
    ['example.com:8080', 'http://example.com:8080/', true],
    ['10.0.0.0/8', 'http://10.1.2.3/', true],
    ['10.0.0.0/8', 'http://11.1.2.3/', false],
    ['fd00::/8', 'http://[fd00::1]/', true],
    ['*', 'https://anything/', true],
    ['', 'https://anything/', false],
  ])('%s and %s: %s', (list, url, exempt) => {
    expect(createNoProxy(list)(new URL(url))).toBe(exempt)
  })

  it('never fails on a list of any shape', () => {
    assert(
      property(array(string()), (list) => {
        expect(typeof createNoProxy(list.join(','))(new URL('https://hub.example/'))).toBe(
          'boolean',
        )
      }),
      runs,
    )
  })
})

describe('proxy addresses', () => {
  it('are read with and without a scheme, and never repeat a password', () => {
    expect(parseProxy('proxy.example:3128')).toMatchObject({
      protocol: 'http:',
      hostname: 'proxy.example',
      port: 3128,
    })
    expect(JSON.stringify(parseProxy('https://u:secret@proxy.example'))).not.toContain('secret')
    expect(() => parseProxy('socks5://u:secret@proxy.example')).toThrow(/^(?!.*secret)/)
  })

  it('a lower-case variable wins, and an explicit proxy wins over both', () => {
    const environment = { https_proxy: 'http://low:1', HTTPS_PROXY: 'http://up:2' }
    const url = new URL('https://hub.example/')
    expect(createFindProxy({ proxy: undefined, environment })(url)?.hostname).toBe('low')
    expect(createFindProxy({ proxy: 'http://own:3', environment })(url)?.hostname).toBe('own')
    expect(createFindProxy({ proxy: false, environment })(url)).toBeUndefined()
  })
})
