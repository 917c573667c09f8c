import { describe, expect, it } from 'vitest'
import {
  adaptLogger,
  redacted,
  redactText,
  scrubFields,
  Secret,
  type LogLevel,
} from '../src/index.ts'

describe('a logger of an unknown shape', () => {
  it('is called as (message, fields), with its own `this`', () => {
    const calls: unknown[][] = []
    const plain = {
      calls,
      debug(...args: unknown[]) {
        this.calls.push(['debug', ...args])
      },
      info(...args: unknown[]) {
        this.calls.push(['info', ...args])
      },
      warn(...args: unknown[]) {
        this.calls.push(['warn', ...args])
      },
      error(...args: unknown[]) {
        this.calls.push(['error', ...args])
      },
    }
    const logger = adaptLogger(plain)
    logger.debug('a')
    logger.error('b', { n: 1 })
    expect(calls).toEqual([
      ['debug', 'a'],
      ['error', 'b', { n: 1 }],
    ])
  })

  it('gives bunyan, which takes fields first, the fields first', () => {
    const { logger, calls } = record({ addSerializers: () => {} })
    adaptLogger(logger).info('file done', { size: 1 })
    expect(calls).toEqual([['info', { size: 1 }, 'file done']])
  })

  it('is refused by name when a method is missing', () => {
    const { logger } = record()
    Reflect.deleteProperty(logger, 'warn')
    expect(() => adaptLogger(logger)).toThrow(new TypeError('logger has no warn()'))
  })

  it('may throw or reject without hurting the caller', async () => {
    let calls = 0
    const throws = () => {
      calls += 1
      throw new Error('log disk is full')
    }
    const rejects = () => {
      calls += 1
      return Promise.reject(new Error('log host is down'))
    }
    const logger = adaptLogger({ debug: throws, info: rejects, warn: throws, error: rejects })
    logger.debug('a')
    logger.info('b')
    await new Promise((resolve) => setImmediate(resolve))
    expect(calls).toBe(2)
  })

  it.each<[LogLevel, string[]]>([
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
    ['silent', []],
  ])('hears at level %s: %j', (level, heard) => {
    const { logger, calls } = record()
    const adapted = adaptLogger(logger, { level })
    for (const method of ['debug', 'info', 'warn', 'error'] as const) adapted[method]('x')
    expect(calls.map(([method]) => method)).toEqual(heard)
  })
})

describe('scrubFields', () => {
  it('hides secrets by name, by type and by pattern, at any depth', () => {
    const shown = scrubFields({
      token: 'plain',
      secretObject: new Secret('hf_abcdefgh'),
      list: [{ Authorization: 'x' }, 'Bearer abc.def'],
      url: new URL('https://user:pw@cdn.example/f?sig=abc'),
      map: new Map([['name', 'Bearer xyz']]),
    })
    expect(shown).toEqual({
      token: redacted,
      secretObject: redacted,
      list: [{ Authorization: redacted }, `Bearer ${redacted}`],
      url: `https://cdn.example/f?${redacted}`,
      map: [['name', `Bearer ${redacted}`]],
    })
  })

  it('ends on circular and endless values', () => {
    const loop: Record<string, unknown> = { list: Array.from({ length: 1000 }, () => 1) }
    loop['self'] = loop
    expect(JSON.stringify(scrubFields({ loop })).length).toBeLessThan(2000)
  })

  it('keeps what JSON would lose: errors with their cause, big numbers, dates', () => {
    const error = new Error('outer', { cause: new Error('inner') })
    const shown = scrubFields({ error, big: 2n ** 60n, at: new Date(0), none: undefined })
    expect(shown).toMatchObject({
      error: { name: 'Error', message: 'outer', cause: { message: 'inner' } },
      big: '1152921504606846976',
      at: new Date(0),
    })
    expect(Object.keys(shown)).not.toContain('none')
  })
})

describe('redactText', () => {
  it.each([
    '/repo/f?X-Amz-Signature=abc123&X-Amz-Credential=abc123',
    'f?Expires=1&Policy=abc123&Signature=abc123&Key-Pair-Id=abc123',
    'access_token=abc123',
    'got eyJhbGciOiJIUzI1NiJ9.eyJabc123.abc123-x',
    'Authorization: Bearer abc123',
    'https://host/path?abc123',
  ])('hides the secret of %s', (text) => {
    expect(redactText(text)).toContain(redacted)
    expect(redactText(text)).not.toContain('abc123')
  })

  it('takes the user info out of a URL', () => {
    expect(redactText('at https://user:abc123@host/path')).toBe('at https://host/path')
  })

  it('leaves ordinary text alone', () => {
    const text = 'see https://huggingface.co/acme/tiny: 3 files, policy: none, design=good'
    expect(redactText(text)).toBe(text)
  })
})

function record(extra: Record<string, unknown> = {}) {
  const calls: unknown[][] = []
  const method =
    (name: string) =>
    (...args: unknown[]) => {
      calls.push([name, ...args])
    }
  const logger = {
    ...extra,
    debug: method('debug'),
    info: method('info'),
    warn: method('warn'),
    error: method('error'),
  }
  return { logger, calls }
}
