import { createHash } from 'node:crypto'
import { type HubApi, type PinnedFile, pinFile } from '@hfx/core'
import { type FakeHub, type FakeHubOptions } from '@hfx/fake-hub'
import { describe, expect, it } from 'vitest'
import { createHubApi } from '../src/index.ts'
import { cannedTransport, useApi, useFakeHub } from './fixtures.ts'

const repo = { type: 'model', id: 'a/b' } as const
const helloOid = 'ce013625030ba8dba906f756967f9e9ca394464a'
const weightsSha = createHash('sha256').update('weights').digest('hex')
const files = {
  'hello.txt': 'hello\n',
  'weird name#?.txt': 'w\n',
  'empty.txt': '',
  'model.bin': { lfs: true, bytes: 'weights' },
  'xet.bin': { bytes: 'xet weights', xetHash: 'ab'.repeat(32) },
} as const

async function start(
  options: FakeHubOptions = {},
): Promise<{ readonly hub: FakeHub; readonly api: HubApi; readonly commit: string }> {
  const hub = await useFakeHub({ repos: [{ id: 'a/b', commits: [{ files }] }], ...options })
  return { hub, api: useApi(hub.url), commit: hub.commit('a/b') }
}

const asked = (hub: FakeHub): string[] =>
  hub.requests.map(({ method, host, path, status }) => `${method} ${host} ${path} ${status}`)

/** What the listing says of a file. */
async function pinned(api: HubApi, commit: string, path: string): Promise<PinnedFile> {
  const [file] = await api.describePaths(repo, commit, [path])
  if (!file) throw new Error(`${path} is not there`)
  return pinFile(repo, commit, file)
}

describe('describing a file', () => {
  it.each(['hello.txt', 'weird name#?.txt', 'empty.txt', 'model.bin', 'xet.bin'])(
    'cases 5, 6, 9: says of %s what the listing says, with HEAD requests to the Hub only',
    async (path) => {
      const { hub, api, commit } = await start()
      const { file } = await api.describeFile(repo, 'main', path)
      expect(new Set(hub.requests.map(({ method, host }) => `${method} ${host}`))).toEqual(
        new Set(['HEAD hub']),
      )
      expect(file).toEqual(await pinned(api, commit, path))
    },
  )

  it('names an LFS file by its sha256 and points at the signed URL and its end', async () => {
    const { hub, api } = await start()
    const { file, location } = await api.describeFile(repo, 'main', 'model.bin')
    expect(file).toMatchObject({
      etag: weightsSha,
      hash: { algorithm: 'sha256', digest: weightsSha },
      sizeBytes: 7,
    })
    expect(new URL(location.url).origin).toBe(hub.cdnUrl)
    expect(location.expiresAtMs).toBeGreaterThan(1_700_000_000_000)
    expect(asked(hub)).toEqual(['HEAD hub /a/b/resolve/main/model.bin 302'])
  })

  it('asks for identity encoding, so that the length is that of the file', async () => {
    const { hub, api } = await start()
    await api.describeFile(repo, 'main', 'hello.txt')
    expect(hub.requests[0]?.headers['accept-encoding']).toBe('identity')
  })

  it('case 24: of a renamed repository follows once and keeps the name that was asked for', async () => {
    const hub = await useFakeHub({
      users: [{ token: 'hf_good', name: 'ada', access: ['a/new', 'a/b'] }],
      repos: [
        { id: 'a/new', private: true, commits: [{ files }] },
        { id: 'a/b', renamedTo: 'a/new' },
      ],
    })
    const { file } = await useApi(hub.url, { token: 'hf_good' }).describeFile(
      repo,
      'main',
      'hello.txt',
    )
    expect(file).toMatchObject({ repo, commit: hub.commit('a/new'), etag: helloOid })
    expect(hub.requests.map((request) => request.headers['authorization'])).toEqual([
      '<token:ada>',
      '<token:ada>',
    ])
  })

  it.each(['v1.0', 'refs/pr/1', 'feature/x+y'])(
    'at %s names the commit that it means',
    async (revision) => {
      const hub = await useFakeHub({
        repos: [
          {
            id: 'a/b',
            commits: [{ files }, { files: { ...files, 'hello.txt': 'new' } }],
            branches: { main: 1, 'feature/x+y': 0 },
            tags: { 'v1.0': 0 },
            prs: { 1: 0 },
          },
        ],
      })
      const { file } = await useApi(hub.url).describeFile(repo, revision, 'hello.txt')
      expect(file).toMatchObject({ commit: hub.commit('a/b', 'v1.0'), etag: helloOid })
    },
  )

  it('case 23: takes a hash in capitals for a branch and asks', async () => {
    const { hub, api, commit } = await start()
    await expect(api.describeFile(repo, commit.toUpperCase(), 'hello.txt')).rejects.toMatchObject({
      code: 'HUB_REVISION_NOT_FOUND',
    })
    expect(hub.requests).toHaveLength(1)
  })

  it('case 22: takes a short hash to the whole one', async () => {
    const { api, commit } = await start()
    const { file } = await api.describeFile(repo, commit.slice(0, 7), 'hello.txt')
    expect(file.commit).toBe(commit)
  })
})

describe('MI-2: a mirror that leaves headers out', () => {
  it.each([
    ['X-Repo-Commit', 'hello.txt', ['HEAD', 'GET', 'POST']],
    ['X-Repo-Commit', 'model.bin', ['HEAD', 'GET', 'POST']],
    ['Content-Length', 'hello.txt', ['HEAD', 'POST']],
    ['ETag', 'hello.txt', ['HEAD', 'POST']],
    ['X-Linked-Etag', 'model.bin', ['HEAD', 'POST']],
    ['X-Linked-Size', 'model.bin', ['HEAD', 'POST']],
  ])('%s of %s: the rest is asked from the listing', async (header, path, methods) => {
    const { hub, api, commit } = await start()
    hub.addFault({ on: { method: 'HEAD' }, fault: { kind: 'dropHeaders', names: [header] } })
    const { file } = await api.describeFile(repo, 'main', path)
    const final = hub.requests.filter(({ status }) => status !== 307)
    expect(final.map(({ method }) => method)).toEqual(methods)
    hub.clearFaults()
    expect(file).toEqual(await pinned(api, commit, path))
  })

  it('and has no paths-info either: a named commit and the ETag are enough, without a hash', async () => {
    const { hub, api, commit } = await start()
    hub.addFault({
      on: { method: 'HEAD' },
      fault: { kind: 'dropHeaders', names: ['X-Repo-Commit'] },
    })
    hub.addFault({ on: { path: 'paths-info' }, fault: { kind: 'status', status: 404 } })
    const { file } = await api.describeFile(repo, commit, 'hello.txt')
    expect(file).toEqual({ repo, commit, path: 'hello.txt', sizeBytes: 6, etag: helloOid })
  })

  it.each([
    ['ETag', 'hello.txt'],
    ['Content-Length', 'hello.txt'],
  ])(
    'and neither says %s: the error names it, the file and the next step',
    async (header, path) => {
      const { hub, api, commit } = await start()
      hub.addFault({ on: { method: 'HEAD' }, fault: { kind: 'dropHeaders', names: [header] } })
      hub.addFault({ on: { path: 'paths-info' }, fault: { kind: 'status', status: 404 } })
      await expect(api.describeFile(repo, commit, path)).rejects.toMatchObject({
        code: 'HUB_METADATA_MISSING',
        message: expect.stringMatching(new RegExp(`${path} of model a/b: ${header}`)),
        hint: expect.stringContaining('endpoint'),
        retryable: false,
      })
    },
  )

  it('but a failing paths-info is the failure, not a guess', async () => {
    const { hub, api, commit } = await start()
    hub.addFault({ on: { method: 'HEAD' }, fault: { kind: 'dropHeaders', names: ['ETag'] } })
    hub.addFault({ on: { path: 'paths-info' }, fault: { kind: 'status', status: 503 } })
    await expect(api.describeFile(repo, commit, 'hello.txt')).rejects.toMatchObject({ status: 503 })
  })

  it.each([405, 501])(
    'that knows no HEAD (%d) is asked for the listing instead',
    async (status) => {
      const { hub, api, commit } = await start()
      hub.addFault({ on: { method: 'HEAD' }, fault: { kind: 'status', status } })
      const { file, location } = await api.describeFile(repo, 'main', 'xet.bin')
      expect(file).toEqual(await pinned(api, commit, 'xet.bin'))
      expect(location).toEqual({ url: `${hub.url}/a/b/resolve/main/xet.bin` })
    },
  )

  it('case 8: with weak ETags names the blob as Python does and proves it by the listing', async () => {
    const { hub, api } = await start()
    hub.addFault({
      on: { method: 'HEAD' },
      fault: { kind: 'setHeaders', headers: { ETag: `W/"${helloOid}"` } },
    })
    const { file } = await api.describeFile(repo, 'main', 'hello.txt')
    expect(file).toMatchObject({
      etag: helloOid,
      hash: { algorithm: 'git-sha1', digest: helloOid },
    })
  })

  it('case 8: with ETags of its own keeps them as names', async () => {
    const { hub, api } = await start()
    hub.addFault({
      on: { method: 'HEAD' },
      fault: { kind: 'setHeaders', headers: { ETag: '"abc-gzip"' } },
    })
    const { file } = await api.describeFile(repo, 'main', 'hello.txt')
    expect(file).toMatchObject({
      etag: 'abc-gzip',
      hash: { algorithm: 'git-sha1', digest: helloOid },
    })
  })
})

describe('case 72: a hostile Hub', () => {
  it.each(['"../../../evil"', '"a/b"', '".x"'])(
    'that sends the ETag %s is refused',
    async (etag) => {
      const { hub, api } = await start()
      hub.addFault({
        on: { method: 'HEAD' },
        fault: { kind: 'setHeaders', headers: { ETag: etag } },
      })
      await expect(api.describeFile(repo, 'main', 'hello.txt')).rejects.toMatchObject({
        code: 'HUB_UNSAFE_PATH',
      })
    },
  )

  it.each(['../../../x', 'main'])('that sends the commit %s is refused', async (commit) => {
    const { hub, api } = await start()
    hub.addFault({
      on: { method: 'HEAD' },
      fault: { kind: 'setHeaders', headers: { 'X-Repo-Commit': commit } },
    })
    await expect(api.describeFile(repo, 'main', 'hello.txt')).rejects.toMatchObject({
      code: 'HUB_BAD_RESPONSE',
    })
  })
})

describe('locating a pinned file', () => {
  it('of git costs no request', async () => {
    const { hub, api, commit } = await start()
    const file = await pinned(api, commit, 'hello.txt')
    hub.clearRequests()
    expect(await api.locateFile(file)).toEqual({
      url: `${hub.url}/a/b/resolve/${commit}/hello.txt`,
    })
    expect(hub.requests).toEqual([])
  })

  it.each(['model.bin', 'xet.bin'])(
    'behind a signed URL (%s) costs one HEAD; its parts then cost no redirect',
    async (path) => {
      const { hub, api, commit } = await start()
      const file = await pinned(api, commit, path)
      hub.clearRequests()
      const location = await api.locateFile(file)
      expect(asked(hub)).toEqual([`HEAD hub /a/b/resolve/${commit}/${path} 302`])
      expect(new URL(location.url).origin).toBe(hub.cdnUrl)
      expect(location.expiresAtMs).toBeGreaterThan(1_700_000_000_000)
      hub.clearRequests()
      for (const range of ['bytes=0-2', 'bytes=3-6'])
        await (await fetch(location.url, { headers: { range }, redirect: 'error' })).arrayBuffer()
      expect(hub.requests.map(({ host, status }) => `${host} ${status}`)).toEqual([
        'cdn 206',
        'cdn 206',
      ])
    },
  )

  it('asks anew each time, for a signed URL that has ended', async () => {
    const { hub, api, commit } = await start()
    const file = await pinned(api, commit, 'model.bin')
    hub.clearRequests()
    await api.locateFile(file)
    await api.locateFile(file)
    expect(hub.requests).toHaveLength(2)
  })

  it('whose hash nobody named costs a HEAD and may lie at the resolve URL', async () => {
    const { hub, api, commit } = await start()
    const { hash: _hash, ...file } = await pinned(api, commit, 'hello.txt')
    hub.clearRequests()
    const { url } = await api.locateFile(file)
    expect(hub.requests.every(({ method }) => method === 'HEAD')).toBe(true)
    expect(await (await fetch(url)).text()).toBe('hello\n')
  })

  it('on a Hub without HEAD is left to the resolve URL', async () => {
    const { hub, api, commit } = await start()
    const file = await pinned(api, commit, 'model.bin')
    hub.addFault({ on: { method: 'HEAD' }, fault: { kind: 'status', status: 405 } })
    expect(await api.locateFile(file)).toEqual({
      url: `${hub.url}/a/b/resolve/${commit}/model.bin`,
    })
  })
})

describe('a path that cannot be a file', () => {
  it.each(['', '..', '../x', '/etc/passwd', 'C:\\x', 'x\0y'])(
    '%j is refused before anything is sent',
    async (path) => {
      const transport = cannedTransport(() => ({}))
      const api = createHubApi({ transport })
      await expect(api.describeFile(repo, 'main', path)).rejects.toMatchObject({
        code: 'HUB_INVALID_PATH',
      })
      await expect(api.describePaths(repo, 'main', [path])).rejects.toMatchObject({
        code: 'HUB_INVALID_PATH',
      })
      expect(transport.asked).toEqual([])
    },
  )
})
