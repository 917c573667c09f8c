import { readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { type CachePolicy, isHubError } from '@hfx/core'
import { type FakeHub, type Fault } from '@hfx/fake-hub'
import { useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { type HubStage, openStage } from './support/hub-stage.ts'

const useStage = (): Promise<HubStage> =>
  openStage(
    {
      repos: [
        {
          id: 'a/b',
          commits: [
            { files: { 'config.json': '{"a": 1}\n' } },
            { files: { 'config.json': '{"a": 2}\n', 'new.txt': 'new\n' } },
          ],
          branches: { main: 0 },
          prs: { 1: 1 },
        },
      ],
    },
    { maxRetries: 1 },
  )

const status = (code: number, headers: Record<string, string> = {}): Fault => ({
  kind: 'status',
  status: code,
  headers,
})

/** `download.md` 5.2, and what Python answers where the file is cached and where it is not. */
const matrix: readonly (readonly [
  answer: string,
  fault: Fault,
  cached: string,
  missing: string,
])[] = [
  ['401', status(401), 'cached', 'HUB_REPO_NOT_FOUND'],
  [
    '401 for the token',
    status(401, { 'x-error-message': 'Invalid credentials in Authorization header' }),
    'cached',
    'HUB_TOKEN_INVALID',
  ],
  ['403 gated', status(403, { 'x-error-code': 'GatedRepo' }), 'cached', 'HUB_GATED_REPO'],
  [
    '403 disabled',
    status(403, { 'x-error-message': 'Access to this resource is disabled.' }),
    'cached',
    'HUB_REPO_DISABLED',
  ],
  ['403 other', status(403), 'cached', 'HUB_FORBIDDEN'],
  [
    '404 repository',
    status(404, { 'x-error-code': 'RepoNotFound' }),
    'cached',
    'HUB_REPO_NOT_FOUND',
  ],
  [
    '404 revision',
    status(404, { 'x-error-code': 'RevisionNotFound' }),
    'HUB_REVISION_NOT_FOUND',
    'HUB_REVISION_NOT_FOUND',
  ],
  [
    '404 entry',
    status(404, { 'x-error-code': 'EntryNotFound' }),
    'HUB_ENTRY_NOT_FOUND',
    'HUB_ENTRY_NOT_FOUND',
  ],
  ['400', status(400), 'cached', 'HUB_BAD_REQUEST'],
  ['500', status(500), 'cached', 'HUB_SERVER_ERROR'],
  ['the socket closes without an answer', { kind: 'refuse' }, 'cached', 'HUB_CONNECTION_LOST'],
]

describe('case 59, 60: what a failing question means for one file', () => {
  it.each(matrix)('%s', async (...[, fault, cached, missing]) => {
    const { hub, open } = await useStage()
    const empty = open({ cacheDir: await useTempDir() })
    const full = open()
    await full.download('a/b', 'config.json')
    hub.addFault({ on: { host: 'hub' }, fault })
    await expect(empty.download('a/b', 'config.json')).rejects.toMatchObject({ code: missing })
    const outcome: string = await full.download('a/b', 'config.json').then(
      (file) => (file.stale && file.source === 'cache' ? 'cached' : 'asked'),
      (error: unknown) => (isHubError(error) ? error.code : String(error)),
    )
    expect(outcome).toBe(cached)
  })

  it('503 once: one more question where nothing is cached, and then the file', async () => {
    const { hub, open } = await useStage()
    hub.addFault({ on: { method: 'HEAD' }, times: 1, fault: status(503) })
    expect(await open().download('a/b', 'config.json')).toMatchObject({
      source: 'hub',
      stale: false,
    })
  })

  it('RQ-4: a Hub that never answers costs seconds, not minutes, where the file is cached', async () => {
    const { hub, open } = await useStage()
    await open().download('a/b', 'config.json')
    hub.addFault({ on: { host: 'hub' }, fault: { kind: 'latency', ms: 60_000 } })
    const waiting = open()
    expect(await waiting.download('a/b', 'config.json')).toMatchObject({ stale: true })
  })
})

describe('RQ-4: a Hub that falls silent over the listing', () => {
  it('gives way to the complete copy in the time of one question', async () => {
    const { hub, open } = await useStage()
    const { commit } = await open().snapshot('a/b')
    hub.push('a/b', { files: { 'config.json': '{"a": 9}\n' } })
    hub.addFault({ on: { path: /\/tree\// }, fault: { kind: 'latency', ms: 60_000 } })
    expect(await open().snapshot('a/b')).toMatchObject({ stale: true, commit })
  })

  it('at its second page, too', async () => {
    const { hub, open } = await useStage()
    const { commit } = await open().snapshot('a/b')
    const files = Object.fromEntries(Array.from({ length: 1200 }, (_, at) => [`f${at}`, 'x']))
    hub.push('a/b', { files })
    const second = { path: /\/tree\/.*cursor=/ }
    hub.addFault({ on: second, fault: { kind: 'latency', ms: 60_000 } })
    expect(await open().snapshot('a/b')).toMatchObject({ stale: true, commit })
    expect(hub.requests.some(({ url }) => url.includes('cursor='))).toBe(true)
  })
})

describe('OF-2: policies', () => {
  const requestsFor = async (hub: FakeHub, work: () => Promise<unknown>): Promise<number> => {
    hub.clearRequests()
    await work()
    return hub.requests
      .filter((request) => request.path.startsWith('/api/') || request.method === 'HEAD')
      .filter((request) => !request.path.includes('resolve-cache')).length
  }
  const policies: readonly (readonly [CachePolicy, snapshot: number, file: number])[] = [
    [{ kind: 'cache-only' }, 0, 0],
    [{ kind: 'cache-first' }, 0, 0],
    [{ kind: 'revalidate', ttlMs: 3_600_000 }, 0, 0],
    [{ kind: 'revalidate', ttlMs: 0 }, 1, 1],
    [{ kind: 'network' }, 1, 1],
  ]

  it.each(policies)(
    '%j asks a warm branch as often as it should',
    async (policy, snapshot, file) => {
      const { hub, open } = await useStage()
      await open().snapshot('a/b')
      const client = open({ policy })
      expect(await requestsFor(hub, () => client.snapshot('a/b'))).toBe(snapshot)
      expect(await requestsFor(hub, () => client.download('a/b', 'config.json'))).toBe(file)
      expect(
        await requestsFor(hub, () =>
          client.snapshot('a/b', { revision: hub.commit('a/b', 'main') }),
        ),
      ).toBe(0)
    },
  )

  it('case 20: a branch that moved is followed, and the old commit stays readable', async () => {
    const { hub, open } = await useStage()
    const before = await open().snapshot('a/b')
    hub.push('a/b', { files: { 'config.json': '{"a": 3}\n' } })
    expect((await open({ policy: { kind: 'cache-first' } }).snapshot('a/b')).commit).toBe(
      before.commit,
    )
    const after = await open().snapshot('a/b')
    expect(after.commit).not.toBe(before.commit)
    expect(
      (await open({ offline: true }).snapshot('a/b', { revision: before.commit })).folder,
    ).toBe(before.folder)
  })

  it('case 7: another revision shares the blobs it has in common, and costs only what is new', async () => {
    const { hub, open } = await useStage()
    await open().snapshot('a/b')
    hub.clearRequests()
    const pr = await open().snapshot('a/b', { revision: 'refs/pr/1', allowPatterns: 'new.txt' })
    expect(pr.fetchedBytes).toBe(4)
    expect(hub.requests.some((request) => request.path.includes('config.json'))).toBe(false)
  })

  it('a network policy takes no stale copy', async () => {
    const { hub, open } = await useStage()
    await open().snapshot('a/b')
    hub.addFault({ on: { host: 'hub' }, fault: status(500) })
    await expect(open({ policy: { kind: 'network' } }).snapshot('a/b')).rejects.toMatchObject({
      code: 'HUB_SERVER_ERROR',
    })
  })

  it('case 45: a snapshot that failed at the listing falls back to the complete copy (weak point 15)', async () => {
    const { hub, open } = await useStage()
    const { commit } = await open().snapshot('a/b')
    hub.push('a/b', { files: { 'config.json': '{"a": 9}\n' } })
    hub.addFault({ on: { path: /\/tree\// }, fault: status(503) })
    expect(await open().snapshot('a/b')).toMatchObject({ stale: true, commit })
  })
})

/** Within the first second nobody can tell that a file was touched: clocks of file systems are coarse. */
async function touch(path: string, text: string): Promise<void> {
  await writeFile(path, text)
  const later = (await stat(path)).mtimeMs / 1000 + 10
  await utimes(path, later, later)
}

describe('local folders', () => {
  it('case 40, DU-1: what the cache has comes from there, without a body request', async () => {
    const { hub, open } = await useStage()
    await open().snapshot('a/b')
    hub.clearRequests()
    const localDir = await useTempDir()
    const result = await open().snapshot('a/b', { localDir })
    expect(result).toMatchObject({ folder: localDir, fetchedBytes: 0 })
    expect(result.files).toEqual([expect.objectContaining({ source: 'link', path: 'config.json' })])
    expect(hub.requests).toHaveLength(1)
    hub.clearRequests()
    await open().snapshot('a/b', { localDir, revision: result.commit })
    expect(hub.requests).toHaveLength(0)
  })

  it('a file of another commit, or that was touched, is not taken for the one that is asked for', async () => {
    const { hub, open } = await useStage()
    const localDir = await useTempDir()
    const next = { localDir, revision: hub.commit('a/b', 'refs/pr/1') }
    await open().download('a/b', 'config.json', { localDir })
    const other = await open().download('a/b', 'config.json', next)
    expect(await readFile(other.localPath, 'utf8')).toBe('{"a": 2}\n')
    hub.clearRequests()
    expect((await open().download('a/b', 'config.json', next)).source).toBe('cache')
    expect(hub.requests).toEqual([])
    await touch(other.localPath, '{"a": 7}\n')
    const again = await open().download('a/b', 'config.json', next)
    expect(await readFile(again.localPath, 'utf8')).toBe('{"a": 2}\n')
    expect(again).toMatchObject({ source: 'hub', stale: false })
    await touch(other.localPath, '{"a": 8}\n')
    expect(await open({ offline: true }).download('a/b', 'config.json', next)).toMatchObject({
      source: 'cache',
      stale: true,
    })
  })

  it('case 41, 42: a Hub that is down leaves what is there; an empty folder is an error', async () => {
    const { hub, open } = await useStage()
    const localDir = await useTempDir()
    await open().snapshot('a/b', { localDir })
    hub.addFault({ on: { host: 'hub' }, fault: status(503) })
    expect(await open().snapshot('a/b', { localDir })).toMatchObject({ stale: true })
    await expect(
      open({ cacheDir: await useTempDir() }).snapshot('a/b', { localDir: await useTempDir() }),
    ).rejects.toMatchObject({ status: 503 })
    await expect(
      open({ offline: true, cacheDir: await useTempDir() }).snapshot('a/b', {
        localDir: await useTempDir(),
      }),
    ).rejects.toMatchObject({ code: 'HUB_OFFLINE_MISS' })
  })
})

describe('many at once', () => {
  it('case 33: fifty calls for one file make one body request', async () => {
    const { hub, open } = await useStage()
    const client = open()
    const results = await Promise.all(
      Array.from({ length: 50 }, () => client.download('a/b', 'config.json')),
    )
    expect(new Set(results.map((result) => result.localPath)).size).toBe(1)
    expect(
      hub.requests.filter((request) => request.method === 'GET' && request.status === 200),
    ).toHaveLength(1)
  })
})

describe('bad input', () => {
  it.each([
    ['a--b', 'HUB_INVALID_REPO_ID'],
    ['', 'HUB_INVALID_REPO_ID'],
    ['a/b/c', 'HUB_INVALID_REPO_ID'],
    ['hf://nope', 'HUB_INVALID_URI'],
    ['https://example.org/a/b', 'HUB_INVALID_URI'],
  ])('%j is refused before a request', async (repo, code) => {
    const { hub, open } = await useStage()
    await expect(open().download(repo)).rejects.toMatchObject({ code })
    expect(hub.requests).toEqual([])
  })

  it('an option that cannot be meant is named', async () => {
    const { open } = await useStage()
    await expect(open({ connections: -1 }).download('a/b')).rejects.toMatchObject({
      code: 'HUB_INVALID_CONFIG',
      message: expect.stringContaining('connections'),
    })
  })

  it('reads hf:// URIs and pasted pages', async () => {
    const { hub, open } = await useStage()
    expect((await open().download('hf://a/b@refs/pr/1')).commit).toBe(
      hub.commit('a/b', 'refs/pr/1'),
    )
    expect((await open().download(`${hub.url}/a/b/blob/main/config.json`)).files).toHaveLength(1)
    await expect(open().download('hf://a/b@main', { revision: 'other' })).rejects.toMatchObject({
      code: 'HUB_INVALID_OPTION',
    })
  })
})
