import { readFile } from 'node:fs/promises'
import { inspect } from 'node:util'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { anyCommit, createHub, serveRaw } from './raw-hub.ts'
import { type Box, useBox } from './use-box.ts'

const MiB = 1024 ** 2
const weights = { lfs: true, generate: { sizeBytes: 2 * MiB, seed: 1 } } as const

async function failureOf(asked: Promise<unknown>): Promise<unknown> {
  return asked.then(
    (result) => ({ unexpected: result }),
    (error: unknown) => error,
  )
}

describe('SE-2: an ETag', () => {
  it.each([
    ['../../../../outside/evil'],
    ['"../../../../outside/evil"'],
    ['W/"../../x"'],
    ['/etc/passwd'],
    [String.raw`..\..\evil`],
    ['.hidden'],
    ['a/b'],
    ['x'.repeat(300)],
    ['"a b"'],
    ['C:evil'],
    ['%2e%2e%2fevil'],
    ['*'],
  ])('%j is no name of a file', async (etag) => {
    for (const lfs of [true, false]) {
      const box = await useBox({ commit: { files: { 'a.txt': { bytes: 'a', lfs, etag } } } })
      for (const options of [{}, { localDir: box.localDir }]) {
        const error = await failureOf(box.open().download('evil/repo', 'a.txt', options))
        expect(error).toMatchObject({
          code: expect.stringMatching(/HUB_(UNSAFE_PATH|METADATA_MISSING|RESPONSE_TOO_LARGE)/),
        })
        await box.expectConfined()
      }
    }
  })

  it.each(['W/"abc"', '""abc""', 'WW//abc'])(
    '%j is one, with its decoration gone',
    async (etag) => {
      const box = await useBox({ commit: { files: { 'a.txt': { bytes: 'a', etag } } } })
      const result = await box.open().download('evil/repo', 'a.txt')
      expect(await readFile(result.localPath, 'utf8')).toBe('a')
      await box.expectConfined()
    },
  )
})

describe('SE-4: sizes that', () => {
  it.each([
    ['are smaller than the file', { 'x-linked-size': '10' }],
    ['are larger than the file', { 'x-linked-size': String(3 * MiB) }],
    ['no file can have', { 'x-linked-size': String(2 ** 53) }],
    ['are below nothing', { 'x-linked-size': '-1' }],
    ['fill every disk', { 'x-linked-size': String(2 ** 52) }],
    ['are no numbers', { 'x-linked-size': '1e3' }],
  ])('%s publish no wrong file', async (_name, headers) => {
    const box = await useBox({ commit: { files: { 'model.bin': weights } } })
    box.hub.addFault({ on: { method: 'HEAD' }, fault: { kind: 'setHeaders', headers } })
    const asked = box.open({ partBytes: MiB }).download('evil/repo', 'model.bin')
    const result = await asked.catch((error: unknown) => error)
    if (result instanceof Error)
      expect(result).toMatchObject({ code: expect.stringMatching(/^HUB_/) })
    else expect(result).toMatchObject({ sizeBytes: 2 * MiB })
    await box.expectConfined()
  })
})

describe('SE-4: data that', () => {
  it('is a bomb in gzip is never inflated', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * MiB))
    const box = await useBox({ commit: { files: { 'model.bin': weights } } })
    box.hub.addFault({
      on: { host: 'cdn' },
      fault: {
        kind: 'status',
        status: 200,
        headers: { 'content-encoding': 'gzip' },
        body: bomb.toString('latin1'),
      },
    })
    const error = await failureOf(box.open().download('evil/repo', 'model.bin'))
    expect(error).toMatchObject({ code: 'HUB_BAD_RESPONSE' })
  })

  it('never ends is cut off where the file does', async () => {
    let sent = 0
    const flood = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      const pour = (): void => {
        while (!socket.destroyed && socket.write(Buffer.alloc(64 * 1024))) sent += 64 * 1024
        socket.once('drain', pour)
      }
      pour()
    })
    const box = await useBox({
      commit: { files: { 'model.bin': weights } },
      cdnRedirect: flood.url,
    })
    const error = await failureOf(box.open().download('evil/repo', 'model.bin'))
    expect(error).toMatchObject({ code: expect.stringMatching(/^HUB_/) })
    expect(sent).toBeLessThan(200 * MiB)
  }, 30_000)
})

describe('SE-4: heads that', () => {
  const good = (extra: string): string => `HTTP/1.1 200 OK\r\n${extra}Content-Length: 2\r\n\r\n[]`
  it.each([
    ['are too large', good(`X-Long: ${'x'.repeat(100_000)}\r\n`), 'HUB_RESPONSE_TOO_LARGE'],
    ['hold too many lines', good('X: y\r\n'.repeat(20_000)), 'HUB_RESPONSE_TOO_LARGE'],
    ['cost a pattern dearly', good(`X:${'\t'.repeat(60_000)}\0\r\n`), 'HUB_BAD_RESPONSE'],
    ['end lines in two ways', 'HTTP/1.1 200 OK\nX: y\n\n', 'HUB_TIMEOUT'],
    ['fold a line', good('X: a\r\n b\r\n'), 'HUB_BAD_RESPONSE'],
    ['hold a NUL', good('X: a\0b\r\n'), 'HUB_BAD_RESPONSE'],
    ['name two lengths', good('Content-Length: 5\r\n'), 'HUB_BAD_RESPONSE'],
    ['name a length and chunks', good('Transfer-Encoding: chunked\r\n'), 'HUB_BAD_RESPONSE'],
    [
      'name an odd coding',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n',
      'HUB_BAD_RESPONSE',
    ],
    [
      'name a length below nothing',
      'HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n',
      'HUB_BAD_RESPONSE',
    ],
    [
      'name an odd chunk',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n',
      'HUB_BAD_RESPONSE',
    ],
    ['change protocol', 'HTTP/1.1 101 Switching\r\nUpgrade: evil\r\n\r\n', 'HUB_BAD_RESPONSE'],
    ['are of another time', 'HTTP/0.9 200 OK\r\n\r\n', 'HUB_BAD_RESPONSE'],
    [
      'are of a body of its own kind',
      good('Content-Encoding: constructor\r\n'),
      'HUB_BAD_RESPONSE',
    ],
    ['never arrive', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(3000), 'HUB_TIMEOUT'],
  ])('%s', async (_name, text, code) => {
    const hub = await serveRaw((socket) => void socket.write(text, 'latin1'))
    const box = await useBox({ commit: { files: {} } })
    const client = box.open({ endpoint: hub.url, requestTimeoutMs: 1_000 })
    await expect(client.snapshot('evil/repo')).rejects.toMatchObject({ code })
  })

  it.each([
    ['a head', 'HTTP/1.1 200 OK\r\n', 'X-A: b\r\n'],
    ['a body', 'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n', ' '],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', '1;ext=1\r\n \r\n'],
    ['interim answers', '', 'HTTP/1.1 102 Processing\r\n\r\n'],
  ])('NW-3: drip for ever: %s', async (_name, first, drop) => {
    const hub = await serveRaw((socket) => {
      socket.write(first)
      const timer = setInterval(() => socket.write(drop), 10)
      socket.on('close', () => clearInterval(timer))
    })
    const box = await useBox({ commit: { files: {} } })
    const client = box.open({ endpoint: hub.url, requestTimeoutMs: 500 })
    await expect(client.snapshot('evil/repo')).rejects.toMatchObject({ code: 'HUB_TIMEOUT' })
  })

  it('name a request with signs for a terminal are not repeated', async () => {
    const hub = await serveRaw((socket) =>
      socket.end(
        'HTTP/1.1 500 \u001B[2J\r\nX-Request-Id: \u001B]0;evil\u0007\r\nX-Error-Message: \u009B2J\u001B[31mhi\r\nContent-Length: 0\r\n\r\n',
        'latin1',
      ),
    )
    const box = await useBox({ commit: { files: {} } })
    const error = await failureOf(box.open({ endpoint: hub.url }).snapshot('evil/repo'))
    expect(error).toMatchObject({ code: 'HUB_SERVER_ERROR', requestId: undefined })
    for (const sign of '\u001B\u0007\u009B') expect(String(error)).not.toContain(sign)
  })
})

describe('SE-3: what we send holds only what we mean', () => {
  it.each([
    ['a revision', { revision: 'main\r\nX-Evil: 1' }],
    ['a revision of blanks', { revision: 'main HTTP/1.1\r\n\r\nGET /evil' }],
  ])('%s cannot end a line', async (_name, options) => {
    const box = await useBox({ commit: { files: {} } })
    await expect(box.open().snapshot('evil/repo', options)).rejects.toMatchObject({
      code: 'HUB_INVALID_OPTION',
    })
    expect(box.hub.requests).toEqual([])
  })

  it('a file name is percent-encoded, a user agent cleaned', async () => {
    const name = 'a\r\nX-Evil: 1\r\n\r\nb?c#d%2e.txt'
    const box = await useBox({ commit: { files: { [name]: 'a' } } })
    const client = box.open({ userAgent: 'me/1\r\nX-Evil: 2' })
    await client.download('evil/repo', name)
    expect(box.hub.requests.length).toBeGreaterThan(0)
    for (const { headers, path } of box.hub.requests) {
      expect(Object.keys(headers)).not.toContain('x-evil')
      expect(path).not.toMatch(/[\s?#]/)
    }
    expect(box.hub.requests[0]?.headers['user-agent']).toContain('me/1')
  })

  it.each(['hf_a\r\nX-Evil: 1', 'hf_a b', 'hf_\u00FC', 'hf_\0'])(
    'the token %j is refused, not sent',
    async (token) => {
      const box = await useBox({ commit: { files: {} } })
      const error = await failureOf(box.open({ token }).snapshot('evil/repo'))
      expect(error).toBeInstanceOf(Error)
      expect(inspect(error, { depth: 9 })).not.toContain(token)
      expect(box.hub.requests).toEqual([])
    },
  )
})

describe('SE-1: redirects', () => {
  const secret = 'Signature=s3cr3t'

  async function redirect(to: string, times = Infinity): Promise<{ box: Box; error: unknown }> {
    const users = [{ token: 'hf_token_of_the_test', name: 'ada' }]
    const box = await useBox({ users, commit: { files: { 'model.bin': weights } } })
    box.hub.addFault({ on: { path: /resolve/ }, times, fault: { kind: 'redirect', to } })
    const asked = box.open({ token: 'hf_token_of_the_test' }).download('evil/repo', 'model.bin')
    return { box, error: await failureOf(asked) }
  }

  const targets: [to: string, code: string][] = [
    ['file:///etc/passwd', 'HUB_UNSAFE_REDIRECT'],
    ['data:text/plain,x', 'HUB_UNSAFE_REDIRECT'],
    ['javascript:alert(1)', 'HUB_UNSAFE_REDIRECT'],
    ['ftp://evil.example/x', 'HUB_UNSAFE_REDIRECT'],
    ['http://user:s3cr3t@127.0.0.1:1/x', 'HUB_UNSAFE_REDIRECT'],
    [`http://127.0.0.1:1/${'x'.repeat(12_000)}`, 'HUB_CONNECT_FAILED'],
    [`http://127.0.0.1:1/x?${secret}`, 'HUB_CONNECT_FAILED'],
    ['http://[', 'HUB_'],
    ['{url}', 'HUB_TOO_MANY_REDIRECTS'],
  ]
  it.each(targets.map(([to, code]) => ({ to, code, name: to.slice(0, 60) })))(
    'to $name',
    async ({ to, code }) => {
      const { box, error } = await redirect(to)
      expect(error).toMatchObject({ code: expect.stringContaining(code) })
      for (const text of [inspect(error, { depth: 9 }), inspect(box.told, { depth: 9 })])
        expect(text).not.toMatch(/s3cr3t|hf_token_of_the_test|user:s3cr3t/)
      await box.expectConfined()
    },
  )

  it('MI-1: with allowedOrigins, no address of the inner network is asked', async () => {
    const inner = await createHub({ '/': { body: 'inner' } })
    const box = await useBox({ commit: { files: { 'model.bin': weights } } })
    const to = `${inner.url}/latest/meta-data?${secret}`
    box.hub.addFault({ on: { path: /resolve/ }, fault: { kind: 'redirect', to } })
    const asked = box.open({ allowedOrigins: [] }).download('evil/repo', 'model.bin')
    await expect(asked).rejects.toMatchObject({ code: 'HUB_UNSAFE_REDIRECT' })
    expect(inner.requests).toEqual([])
  })

  it('a question that is answered by another host shows it no token', async () => {
    const tokens: (string | undefined)[] = []
    const stranger = await serveRaw((socket, request) => {
      tokens.push(/authorization: (.*)/i.exec(request)?.[1])
      const body = JSON.stringify({ sha: anyCommit, id: 'evil/repo' })
      socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    })
    const box = await useBox({ commit: { files: {} } })
    box.hub.addFault({ on: {}, fault: { kind: 'redirect', to: `${stranger.url}/x` } })
    await failureOf(box.open({ token: 'hf_token_of_the_test' }).snapshot('evil/repo'))
    expect(tokens.length).toBeGreaterThan(0)
    expect(new Set(tokens)).toEqual(new Set([undefined]))
  })
})
