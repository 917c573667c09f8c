import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createHub, serveRaw } from './raw-hub.ts'
import { type Box, useBox } from './use-box.ts'

const oid = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'
const other = '2e65efe2a145dda7ee51d1741299f848e5bf752e'
const file = { type: 'file', path: 'a.txt', size: 0, oid }

/** A Hub that answers the tree listing with this text. */
async function listing(text: string, headers: Record<string, string> = {}): Promise<Box> {
  const box = await useBox({ commit: { files: { 'a.txt': '' } } })
  const json = { 'content-type': 'application/json', ...headers }
  box.hub.addFault({
    on: { path: /\/tree\// },
    fault: { kind: 'status', status: 200, body: text, headers: json },
  })
  return box
}

async function failureOf(box: Box): Promise<unknown> {
  const error: unknown = await box
    .open()
    .snapshot('evil/repo')
    .then((result) => result)
    .catch((error_: unknown) => error_)
  await box.expectConfined()
  return error
}

describe('SE-4: a listing that is', () => {
  it.each([
    ['no JSON', '{', 'HUB_BAD_RESPONSE'],
    ['an object', '{"0":{}}', 'HUB_BAD_RESPONSE'],
    ['a list of lists', '[[]]', 'HUB_BAD_RESPONSE'],
    ['a list of null', '[null]', 'HUB_BAD_RESPONSE'],
    ['without a path', '[{"type":"file"}]', 'HUB_BAD_RESPONSE'],
    ['a path that is no text', '[{"type":"file","path":["..","x"]}]', 'HUB_BAD_RESPONSE'],
    ['a size below nothing', one({ size: -1 }), 'HUB_BAD_RESPONSE'],
    ['half a byte', one({ size: 0.5 }), 'HUB_BAD_RESPONSE'],
    ['more than can be counted', one({ size: 2 ** 53 }), 'HUB_BAD_RESPONSE'],
    ['infinite', `[{"type":"file","path":"a","size":1e999,"oid":"${oid}"}]`, 'HUB_BAD_RESPONSE'],
    ['a size as text', one({ size: '5' }), 'HUB_BAD_RESPONSE'],
    ['without a size', one({ size: undefined }), 'HUB_BAD_RESPONSE'],
    ['an id with a path', one({ oid: '../../../etc/passwd' }), 'HUB_BAD_RESPONSE'],
    ['an LFS id with a path', one({ lfs: { oid: '../x', size: 1 } }), 'HUB_BAD_RESPONSE'],
    ['an LFS entry of another kind', one({ lfs: 'sha256' }), 'HUB_BAD_RESPONSE'],
    ['a nest', '['.repeat(5_000_000), 'HUB_BAD_RESPONSE'],
    ['a name of megabytes', one({ path: 'x'.repeat(5_000_000) }), 'HUB_UNSAFE_PATH'],
    ['more than may be read', ' '.repeat(65 * 1024 ** 2), 'HUB_RESPONSE_TOO_LARGE'],
  ])('%s', async (_name, text, code) => {
    const error = await failureOf(await listing(text))
    expect(error).toMatchObject({ code })
    expect(String(error).length).toBeLessThan(1000)
  })

  it.each([
    ['gzip', gzipSync],
    [
      'br',
      (bytes: Buffer) =>
        brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
    ],
  ] as const)('a bomb in %s', async (encoding, compress) => {
    const bomb = compress(Buffer.alloc(80 * 1024 ** 2, ' '))
    const hub = await createHub({
      '/tree/': { headers: { 'content-encoding': encoding }, body: bomb },
    })
    const box = await useBox({ commit: { files: {} } })
    await expect(box.open({ endpoint: hub.url }).snapshot('evil/repo')).rejects.toMatchObject({
      code: 'HUB_RESPONSE_TOO_LARGE',
    })
  })

  it('about prototypes makes files, not prototypes', async () => {
    const text = `[{"__proto__":{"polluted":1},"type":"file","path":"__proto__","size":0,"oid":"${oid}"}]`
    const result = await failureOf(await listing(text))
    expect(result).toMatchObject({ files: [{ kind: 'ok', path: '__proto__' }] })
    expect('polluted' in {}).toBe(false)
  })

  it('two minds about a file', async () => {
    const twice = [file, { ...file, oid: other, size: 1 }]
    expect(await failureOf(await listing(JSON.stringify(twice)))).toMatchObject({
      code: 'HUB_BAD_RESPONSE',
      message: expect.stringContaining('a.txt'),
    })
    const disguised = [file, { ...file, path: './/a.txt', oid: other, size: 1 }]
    expect(await failureOf(await listing(JSON.stringify(disguised)))).toMatchObject({
      code: 'HUB_BAD_RESPONSE',
    })
  })

  it('the same twice is listed once', async () => {
    const result = await failureOf(await listing(JSON.stringify([file, file])))
    expect(result).toMatchObject({ files: [{ path: 'a.txt', kind: 'ok' }] })
  })
})

describe('SE-4: pages that', () => {
  it.each([
    ['lead to themselves', 'self', 'HUB_BAD_RESPONSE'],
    ['lead to another host', 'https://evil.example/api/x', 'HUB_UNSAFE_REDIRECT'],
    ['lead to a look-alike', 'http://127.0.0.1.evil.example/next', 'HUB_UNSAFE_REDIRECT'],
    ['lead to a file', 'file:///etc/passwd', 'HUB_UNSAFE_REDIRECT'],
    ['carry a password', 'https://user:pw@evil.example/', 'HUB_UNSAFE_REDIRECT'],
  ])('%s', async (_name, target, code) => {
    const box = await useBox({ commit: { files: {} } })
    const next = target === 'self' ? '{url}' : target
    const hub = await createHub({
      '/tree/': (url) => ({
        headers: { link: `<${next.replace('{url}', url)}>; rel="next"` },
        body: JSON.stringify([file]),
      }),
    })
    const error: unknown = await box
      .open({ endpoint: hub.url })
      .snapshot('evil/repo')
      .catch((error_: unknown) => error_)
    expect(error).toMatchObject({ code })
    expect(String(error)).not.toContain('pw')
    expect(hub.requests.length).toBeLessThan(10)
  })
})

describe('SE-2: the commit that', () => {
  it.each(['../../../../evil', 'main', ''])(
    'the question for a revision names: %j',
    async (hash) => {
      const box = await useBox({ commit: { files: { 'a.txt': 'a' }, hash } })
      await expect(box.open().snapshot('evil/repo')).rejects.toMatchObject({
        code: 'HUB_BAD_RESPONSE',
      })
      await box.expectConfined()
    },
  )

  it.each(['../../../../evil', 'A'.repeat(40), 'main'])(
    'the answer to HEAD names: %j',
    async (commit) => {
      const box = await useBox({ commit: { files: { 'a.txt': 'a' } } })
      box.hub.addFault({
        on: { method: 'HEAD' },
        fault: { kind: 'setHeaders', headers: { 'x-repo-commit': commit } },
      })
      await expect(box.open().download('evil/repo', 'a.txt')).rejects.toMatchObject({
        code: 'HUB_BAD_RESPONSE',
      })
      await box.expectConfined()
    },
  )

  it('a 404 names is not where anything is remembered', async () => {
    const box = await useBox({ commit: { files: {} } })
    box.hub.addFault({
      on: { method: 'HEAD' },
      fault: {
        kind: 'status',
        status: 404,
        headers: { 'x-error-code': 'EntryNotFound', 'x-repo-commit': '../../../../outside/evil' },
      },
    })
    await expect(box.open().download('evil/repo', 'a.txt')).rejects.toMatchObject({
      code: 'HUB_ENTRY_NOT_FOUND',
    })
    await box.expectConfined()
  })
})

it('refs with odd names are told, not followed', async () => {
  const odd = ['../../evil', '/etc/passwd', '\u001B[2J', '__proto__', '']
  const branches = odd.map((name) => ({ name, ref: `refs/heads/${name}`, targetCommit: oid }))
  const hub = await serveRaw((socket) => {
    const body = JSON.stringify({ branches, tags: [{ name: 'x', ref: 'x', targetCommit: '../x' }] })
    socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  })
  const box = await useBox({ commit: { files: {} } })
  const refs = await box.open({ endpoint: hub.url }).listRefs('evil/repo')
  expect(refs.branches.map(({ name }) => name)).toEqual(odd)
  expect(refs.tags).toEqual([])
  await box.expectConfined()
})

function one(change: object): string {
  return JSON.stringify([{ ...file, ...change }])
}
