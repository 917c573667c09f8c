import { createServer } from 'node:http'
import { type HubApi, pinFile, type RepoFile } from '@hfx/core'
import { createManyFiles } from '@hfx/fake-hub'
import { useServer } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { createHubApi } from '../src/index.ts'
import { type Canned, cannedTransport, useApi, useFakeHub } from './fixtures.ts'

const repo = { type: 'model', id: 'a/b' } as const
const oid = 'ce013625030ba8dba906f756967f9e9ca394464a'
const entry = (path: string): object => ({ type: 'file', path, size: 1, oid })
const endpoint = 'https://hub.corp/hf'
const nextLink = (url: string): Record<string, string> => ({ link: `<${url}>; rel="next"` })

async function collect(pages: AsyncIterable<readonly RepoFile[]>): Promise<string[]> {
  const paths: string[] = []
  for await (const page of pages) paths.push(...page.map((file) => file.path))
  return paths
}

function over(
  answer: (url: URL, count: number) => Canned,
  options: Parameters<typeof createHubApi>[1] = {},
): { readonly api: HubApi; readonly urls: () => string[] } {
  const transport = cannedTransport((request, count) => answer(new URL(request.url), count))
  const api = createHubApi({ transport }, { endpoint, ...options })
  return { api, urls: () => transport.asked.map((request) => request.url) }
}

describe('a listing', () => {
  it('case 47: of 25 files on pages of 10 costs three requests, with both switches sent', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 25 }, (_, n) => [`f${100 + n}.txt`, `${n}`]),
    )
    const hub = await useFakeHub({ pageSize: 10, repos: [{ id: 'a/b', commits: [{ files }] }] })
    const paths = await collect(useApi(hub.url).listTree(repo, 'main'))
    expect(paths).toEqual(Object.keys(files))
    expect(hub.requests.map((request) => request.status)).toEqual([200, 200, 200])
    for (const { url } of hub.requests) {
      expect(url).toContain('recursive=true')
      expect(url).toContain('expand=false')
    }
  })

  it.each([1, 7, 8, 9, 1000])('is whole with %d entries on a page', async (pageSize) => {
    const files = createManyFiles(20, { filesPerFolder: 6 })
    const hub = await useFakeHub({ pageSize, repos: [{ id: 'a/b', commits: [{ files }] }] })
    const paths = await collect(useApi(hub.url).listTree(repo, 'main'))
    expect(paths).toHaveLength(20)
    expect(new Set(paths).size).toBe(20)
    expect(hub.requests).toHaveLength(Math.ceil(24 / pageSize))
  })

  it('of a folder lists what it holds; of one level only that', async () => {
    const files = { 'a.txt': '1', 'sub/b.txt': '2', 'sub/deep/c.txt': '3' }
    const hub = await useFakeHub({ repos: [{ id: 'a/b', commits: [{ files }] }] })
    const api = useApi(hub.url)
    expect(await collect(api.listTree(repo, 'main', { path: 'sub' }))).toEqual([
      'sub/b.txt',
      'sub/deep/c.txt',
    ])
    expect(await collect(api.listTree(repo, 'main', { path: 'sub', recursive: false }))).toEqual([
      'sub/b.txt',
    ])
    expect(await collect(api.listTree(repo, 'main', { recursive: false }))).toEqual(['a.txt'])
  })

  it('names LFS files by sha256 and others by git’s hash, ready to be pinned', async () => {
    const files = { 'a.txt': 'hello\n', 'b.bin': { lfs: true, bytes: 'weights' } }
    const hub = await useFakeHub({ repos: [{ id: 'a/b', commits: [{ files }] }] })
    const pinned: unknown[] = []
    for await (const page of useApi(hub.url).listTree(repo, 'main'))
      pinned.push(...page.map((file) => pinFile(repo, hub.commit('a/b'), file)))
    expect(pinned).toMatchObject([
      { path: 'a.txt', sizeBytes: 6, etag: oid, hash: { algorithm: 'git-sha1' } },
      { path: 'b.bin', sizeBytes: 7, hash: { algorithm: 'sha256' } },
    ])
  })

  it('of 150,000 files is never held: one page at a time, the next asked when it is wanted', async () => {
    const entries = JSON.stringify(Array.from({ length: 1000 }, (_, n) => entry(`f${n}`)))
    const { api, urls } = over((url, count) => ({
      text: entries,
      headers: count < 150 ? nextLink(`${url.origin}${url.pathname}?cursor=${count}`) : {},
    }))
    let files = 0
    let pages = 0
    for await (const page of api.listTree(repo, 'main')) {
      files += page.length
      pages += 1
      expect(urls()).toHaveLength(pages)
      expect(page).toHaveLength(1000)
    }
    expect(files).toBe(150_000)
  })

  it('that is left early asks no further page', async () => {
    const hub = await useFakeHub({
      pageSize: 10,
      repos: [{ id: 'a/b', commits: [{ files: createManyFiles(100) }] }],
    })
    for await (const page of useApi(hub.url).listTree(repo, 'main')) {
      expect(page.length).toBeGreaterThan(0)
      break
    }
    expect(hub.requests).toHaveLength(1)
  })

  it('stops when it is aborted, with the reason given', async () => {
    const hub = await useFakeHub({
      pageSize: 10,
      repos: [{ id: 'a/b', commits: [{ files: createManyFiles(100) }] }],
    })
    const abort = new AbortController()
    const reason = new Error('enough')
    const pages = useApi(hub.url).listTree(repo, 'main', { signal: abort.signal })
    await expect(async () => {
      for await (const page of pages) if (page.length > 0) abort.abort(reason)
    }).rejects.toBe(reason)
    expect(hub.requests).toHaveLength(1)
  })

  it('of an empty repository is empty', async () => {
    const { api } = over(() => ({ json: [] }))
    const pages: unknown[] = []
    for await (const page of api.listTree(repo, 'main')) pages.push(page)
    expect(pages).toEqual([])
  })
})

describe('the next page', () => {
  it('SE-1: on another host is asked from the endpoint, and neither request nor token goes there', async () => {
    const foreign: string[] = []
    const server = createServer((request, response) => {
      foreign.push(request.url ?? '')
      response.end('[]')
    })
    const port = await useServer(server)
    const hub = await useFakeHub({
      pageSize: 2,
      users: [{ token: 'hf_good', name: 'ada', access: ['a/b'] }],
      repos: [{ id: 'a/b', private: true, commits: [{ files: { a: '1', b: '2', c: '3' } }] }],
    })
    // What a mirror does that passes the Hub's header on: the path and cursor are right, the host is not.
    const first = await fetch(`${hub.url}/api/models/a/b/tree/main?recursive=true&expand=false`, {
      headers: { authorization: 'Bearer hf_good' },
    })
    const link = (first.headers.get('link') ?? '').replace(hub.url, `http://127.0.0.1:${port}`)
    expect(link).toContain(String(port))
    hub.clearRequests()
    hub.addFault({
      on: { path: '/tree/' },
      times: 1,
      fault: { kind: 'setHeaders', headers: { Link: link } },
    })
    const paths = await collect(useApi(hub.url, { token: 'hf_good' }).listTree(repo, 'main'))
    expect(paths).toEqual(['a', 'b', 'c'])
    expect(foreign).toEqual([])
    expect(hub.requests.map((request) => request.headers['authorization'])).toEqual([
      '<token:ada>',
      '<token:ada>',
    ])
  })

  it('on another host under another path is refused, and nothing is asked there', async () => {
    const { api, urls } = over(() => ({
      json: [entry('a')],
      headers: nextLink('https://evil.example/steal?cursor=1'),
    }))
    await expect(collect(api.listTree(repo, 'main'))).rejects.toMatchObject({
      code: 'HUB_UNSAFE_REDIRECT',
    })
    expect(urls()).toHaveLength(1)
  })

  it.each([
    ['the Hub’s own', 'https://huggingface.co/api/models/a/b/tree/main?cursor=x%3D'],
    ['one without the prefix', 'https://hub.corp/api/models/a/b/tree/main?cursor=x%3D'],
    ['a relative one', '/hf/api/models/a/b/tree/main?cursor=x%3D'],
    ['the endpoint’s', 'https://hub.corp/hf/api/models/a/b/tree/main?cursor=x%3D'],
  ])('MI-2: %s is asked below the endpoint’s path prefix', async (_name, link) => {
    const { api, urls } = over((url) =>
      url.searchParams.has('cursor') ? { json: [] } : { json: [], headers: nextLink(link) },
    )
    await collect(api.listTree(repo, 'main'))
    expect(urls()[1]).toBe(`${endpoint}/api/models/a/b/tree/main?cursor=x%3D`)
  })

  it('of a revision with slashes may be written either way', async () => {
    const { api, urls } = over((url) =>
      url.searchParams.has('cursor')
        ? { json: [] }
        : {
            json: [],
            headers: nextLink('https://huggingface.co/api/models/a/b/tree/refs/pr/1?cursor=1'),
          },
    )
    await collect(api.listTree(repo, 'refs/pr/1'))
    expect(urls()[1]).toBe(`${endpoint}/api/models/a/b/tree/refs%2Fpr%2F1?cursor=1`)
  })

  it.each([1, 2, 3, 5])('that leads in a circle of %d is noticed', async (length) => {
    const { api, urls } = over((url, count) => ({
      json: [entry('a')],
      headers: nextLink(`${url.origin}${url.pathname}?cursor=${count % length}`),
    }))
    await expect(collect(api.listTree(repo, 'main'))).rejects.toMatchObject({
      code: 'HUB_BAD_RESPONSE',
    })
    expect(urls().length).toBeLessThan(20)
  })

  it('that is no URL is an error', async () => {
    const { api } = over(() => ({ json: [], headers: nextLink('https://%') }))
    await expect(collect(api.listTree(repo, 'main'))).rejects.toMatchObject({
      code: 'HUB_BAD_RESPONSE',
    })
  })
})

describe('what a listing may cost', () => {
  it('is capped in pages', async () => {
    const { api, urls } = over(
      (url, count) => ({
        json: [],
        headers: count < 50 ? nextLink(`${url.origin}${url.pathname}?cursor=${count}`) : {},
      }),
      { maxTreePages: 3 },
    )
    await expect(collect(api.listTree(repo, 'main'))).rejects.toMatchObject({
      code: 'HUB_RESPONSE_TOO_LARGE',
    })
    expect(urls()).toHaveLength(4)
  })

  it('is capped in entries, folders included', async () => {
    const json = [entry('a'), { type: 'directory', path: 'd', size: 0, oid }, entry('d/b')]
    const { api } = over(() => ({ json }), { maxTreeEntries: 2 })
    await expect(collect(api.listTree(repo, 'main'))).rejects.toMatchObject({
      code: 'HUB_RESPONSE_TOO_LARGE',
    })
    const roomy = over(() => ({ json }), { maxTreeEntries: 3 })
    expect(await collect(roomy.api.listTree(repo, 'main'))).toEqual(['a', 'd/b'])
  })

  it('is capped in bytes of one answer', async () => {
    const hub = await useFakeHub({
      repos: [{ id: 'a/b', commits: [{ files: createManyFiles(500) }] }],
    })
    const api = useApi(hub.url, { maxBodyBytes: 10_000 })
    await expect(collect(api.listTree(repo, 'main'))).rejects.toMatchObject({
      code: 'HUB_RESPONSE_TOO_LARGE',
    })
  })

  it.each(['maxBodyBytes', 'maxTreePages', 'maxTreeEntries', 'pathsPerRequest'] as const)(
    '%s must be a count',
    (name) => {
      for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
        expect(() => over(() => ({}), { [name]: value })).toThrowError(
          expect.objectContaining({
            code: 'HUB_INVALID_OPTION',
            message: expect.stringContaining(name),
          }),
        )
    },
  )

  it.each([
    ['a login page', { text: '<html>Sign in</html>' }, 'HTML'],
    ['cut JSON', { text: '[{"type":' }, 'malformed JSON'],
    ['a bomb of brackets', { text: '['.repeat(30_000_000) }, 'nested too deeply'],
    ['a bomb of objects', { text: `{"a":`.repeat(101) }, 'nested too deeply'],
    ['brackets in a text', { text: `["${String.raw`\"`}${'['.repeat(500)}"` }, 'malformed JSON'],
    ['an object', { json: { files: [] } }, 'no list'],
  ])('of %s says so', async (_name, canned, told) => {
    const { api } = over(() => ({ ...canned }))
    await expect(collect(api.listTree(repo, 'main'))).rejects.toMatchObject({
      code: 'HUB_BAD_RESPONSE',
      message: expect.stringContaining(told),
    })
  })
})
