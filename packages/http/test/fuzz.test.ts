import { systemClock } from '@hfx/core'
import { fuzzRuns, tame } from '@hfx/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkRangeAnswer } from '../src/check-range-answer.ts'
import { errorFromResponse } from '../src/error-from-response.ts'
import { nextHop } from '../src/follow.ts'
import { createNoProxy } from '../src/no-proxy.ts'
import { resolveHttpOptions } from '../src/options.ts'
import { parseHead } from '../src/parse-head.ts'
import { createFindProxy, parseProxy } from '../src/proxy.ts'
import { createChunkedReader } from '../src/read-chunked.ts'
import { readRateLimit, readRetryAfter } from '../src/retry-after.ts'
import { createNotices } from '../src/server-notices.ts'
import { writeHead } from '../src/write-head.ts'

const runs = fuzzRuns()
/** Bytes as a socket gives them, read as Latin-1; often with the signs that a grammar is made of. */
const wireText = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) }),
  fc
    .array(
      fc.constantFrom(
        '\r\n',
        '\n',
        ':',
        ' ',
        '\t',
        ',',
        '0',
        '5',
        'a',
        'chunked',
        '\0',
        ';',
        '"',
        '-',
        '/',
        '*',
        'bytes',
        '=',
      ),
    )
    .map((parts) => parts.join('')),
)
const token = 'hf_abcdefghijklmnop'

describe('fuzz: what comes over the wire', () => {
  it('parseHead: a head, or no HTTP', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('HTTP/1.1 200 OK\r\n', 'HTTP/1.0 404\r\n', ''),
        wireText,
        (first, rest) => {
          const head = tame(() => parseHead(first + rest, 'GET'))
          if (!head) return
          for (const [name, value] of Object.entries(head.headers)) {
            expect(name).toBe(name.toLowerCase())
            expect(value).not.toMatch(/[\r\n\0]/)
          }
          if (head.body.kind === 'length') expect(head.body.bytes).toBeGreaterThan(0)
        },
      ),
      runs,
    )
  })

  it('createChunkedReader: never takes more than it is given, however it is cut', () => {
    const chunks = fc.oneof(
      wireText,
      fc
        .array(fc.string({ minLength: 1 }))
        .map(
          (texts) =>
            `${texts.map((text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`).join('')}0\r\n\r\n`,
        ),
    )
    fc.assert(
      fc.property(chunks, fc.nat(), (text, cut) => {
        const bytes = Buffer.from(text)
        const take = (pieces: readonly Buffer[]): string | undefined =>
          tame(() => {
            const reader = createChunkedReader()
            let content = ''
            for (const piece of pieces) {
              const used = reader.read(
                piece,
                (part) => void (content += Buffer.from(part).toString('latin1')),
              )
              expect(used).toBeLessThanOrEqual(piece.length)
            }
            return content
          })
        const at = bytes.length === 0 ? 0 : cut % bytes.length
        expect(take([bytes.subarray(0, at), bytes.subarray(at)])).toBe(take([bytes]))
      }),
      runs,
    )
  })

  it('checkRangeAnswer: the range that was asked for, or an error', () => {
    const range = fc.oneof(
      wireText,
      fc
        .tuple(fc.nat(20), fc.nat(20), fc.nat(20))
        .map(([from, to, of]) => `bytes ${from}-${to}/${of}`),
    )
    fc.assert(
      fc.property(range, fc.constantFrom(200, 206, 204, 416), wireText, (text, status, length) => {
        const answer = tame(() =>
          checkRangeAnswer(
            {
              url: new URL('https://cdn.example/x'),
              head: { status, headers: { 'content-range': text, 'content-length': length } },
            },
            { url: 'https://cdn.example/x', start: 0, end: 10, totalBytes: 20 },
          ),
        )
        if (answer && status === 206) expect(text).toMatch(/^\s*bytes 0-9\/(20|\*)\s*$/)
      }),
      runs,
    )
  })

  it('readRetryAfter, readRateLimit: a wait of at most a day', () => {
    const limit = fc
      .tuple(fc.string(), fc.bigInt({ min: 0n }), fc.bigInt({ min: 0n }))
      .map(([name, r, t]) => `"${name}";r=${r};t=${t}`)
    fc.assert(
      fc.property(
        fc.oneof(wireText, limit),
        fc.oneof(wireText, fc.date().map(String), fc.bigInt().map(String)),
        (one, other) => {
          const headers = { ratelimit: one, 'retry-after': other, 'ratelimit-policy': one }
          const waits = [readRetryAfter(headers, 0), readRateLimit(headers)?.resetMs]
          for (const waitMs of waits)
            if (waitMs !== undefined) expect(waitMs >= 0 && waitMs <= 86_400_000).toBe(true)
        },
      ),
      runs,
    )
  })

  it('errorFromResponse: an error with a code, short and without the secrets it was told', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 400, max: 599 }),
        fc.tuple(
          fc.oneof(
            wireText,
            fc.jsonValue().map((value) => JSON.stringify({ error: value })),
          ),
          wireText,
        ),
        fc.webUrl({ withQueryParameters: true }),
        (status, [body, header], url) => {
          const error = errorFromResponse({
            method: 'GET',
            url: new URL(url),
            head: {
              status,
              headers: {
                'x-error-message': `${header} ${token}`,
                'x-error-code': header,
                'x-request-id': header,
                'x-repo-commit': header,
              },
            },
            body: `${body} Bearer ${token}`,
            fromHub: true,
            sentToken: true,
            nowMs: systemClock.now(),
          })
          tame(() => {
            throw error
          })
          expect(error.message).not.toContain(token)
        },
      ),
      runs,
    )
  })

  it('nextHop: a place to go, or an error; never a way from https to anything else', () => {
    const options = resolveHttpOptions({ endpoint: 'https://hub.example' })
    const location = fc.oneof(
      wireText,
      fc.webUrl(),
      fc
        .array(
          fc.constantFrom(
            'https:',
            'http:',
            '//',
            '/',
            '\\',
            '@',
            'hub.example',
            '.',
            'evil',
            ':443',
            '?',
            '#',
            '%2f',
            '\t',
            '[::1]',
          ),
        )
        .map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(location, (text) => {
        const hop = tame(() =>
          nextHop(
            options,
            { url: options.endpoint, trusted: true },
            { status: 302, headers: { location: text }, hops: 0 },
          ),
        )
        if (!hop) return
        expect(hop.url.protocol).toBe('https:')
        expect(hop.url.username + hop.url.password).toBe('')
        if (hop.trusted) expect(hop.url.host).toBe('hub.example')
      }),
      runs,
    )
  })

  it('createNotices: a line, however it was sent', () => {
    fc.assert(
      fc.property(wireText, (text) => {
        const said: string[] = []
        const logger = {
          debug() {},
          info() {},
          error() {},
          warn: (message: string) => void said.push(message),
        }
        createNotices({ logger }, () => ({})).hear({ 'x-hf-warning': text }, {})
        for (const line of said) expect(line).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u)
      }),
      runs,
    )
  })
})

describe('fuzz: what comes from the environment', () => {
  it('createNoProxy: an answer for every list and host', () => {
    const entry = fc.oneof(
      fc.string(),
      fc.domain(),
      fc.ipV4(),
      fc.ipV6(),
      fc.tuple(fc.ipV4(), fc.nat(99)).map(([ip, bits]) => `${ip}/${bits}`),
      fc.tuple(fc.domain(), fc.nat(70_000)).map(([host, port]) => `${host}:${port}`),
    )
    fc.assert(
      fc.property(fc.array(entry), fc.webUrl(), (list, url) => {
        expect(typeof createNoProxy(list.join(','))(new URL(url))).toBe('boolean')
        expect(createNoProxy(`${list.join(',')},${new URL(url).hostname}`)(new URL(url))).toBe(true)
      }),
      runs,
    )
  })

  it('parseProxy, createFindProxy: a proxy, or an error without the password', () => {
    const address = fc.oneof(
      fc.string(),
      fc.webUrl(),
      fc
        .tuple(fc.string(), fc.domain())
        .map(([user, host]) => `http://${user}:s3cr3t-word@${host}`),
    )
    fc.assert(
      fc.property(address, (text) => {
        try {
          const found = createFindProxy({ proxy: undefined, environment: { all_proxy: text } })(
            new URL('https://x.example'),
          )
          if (found) expect(JSON.stringify(found)).not.toContain('s3cr3t-word')
          if (text !== '') parseProxy(text)
        } catch (error) {
          tame(() => {
            throw error
          })
          expect(String(error)).not.toContain('s3cr3t-word')
        }
      }),
      runs,
    )
  })

  it('writeHead: one request, or none at all', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.oneof(fc.string(), fc.constant('x-a')), fc.oneof(wireText, fc.string())),
        fc.webUrl(),
        (headers, url) => {
          let head = ''
          try {
            head = writeHead({
              method: 'GET',
              url: new URL(url),
              headers,
              fresh: false,
              follow: false,
            })
          } catch (error) {
            expect(error).toBeInstanceOf(TypeError)
            return
          }
          expect(head.indexOf('\r\n\r\n')).toBe(head.length - 4)
          expect(head.split('\r\n').length).toBeLessThanOrEqual(Object.keys(headers).length + 5)
        },
      ),
      runs,
    )
  })
})
