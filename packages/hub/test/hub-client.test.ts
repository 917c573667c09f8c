import { lstat, readFile, readlink, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { HubEvent } from '@hfx/core'
import { type FakeHub } from '@hfx/fake-hub'
import { beforeEach, describe, expect, it } from 'vitest'
import { type HubClient, type HubClientOptions } from '../src/index.ts'
import { openStage } from './support/hub-stage.ts'

const MiB = 1024 ** 2
let hub: FakeHub
let cacheDir: string
let open: (options?: HubClientOptions) => HubClient

beforeEach(async () => {
  ;({ hub, cacheDir, open } = await openStage({
    repos: [
      {
        id: 'acme/tiny',
        commits: [
          {
            files: {
              'config.json': '{"a": 1}\n',
              'sub/dir/x.txt': 'hello\n',
              'empty.txt': '',
              'weird name#?.txt': 'w\n',
              'model.bin': { lfs: true, generate: { sizeBytes: 20 * MiB, seed: 7 } },
            },
          },
        ],
      },
    ],
  }))
})

describe('a snapshot', () => {
  it('case 1, 4, 5, 11: brings every file, verified, into the layout that Python reads', async () => {
    const result = await open().download('acme/tiny')
    const commit = hub.commit('acme/tiny', 'main')
    expect(result).toMatchObject({
      commit,
      stale: false,
      completeness: 'proven',
      totalBytes: 20 * MiB + 17,
    })
    expect(result.files.map((file) => file.kind)).toEqual(Array.from({ length: 5 }, () => 'ok'))
    expect(result.files.find((file) => file.path === 'model.bin')).toMatchObject({
      source: 'hub',
      verifiedBy: 'sha256',
    })
    const folder = join(cacheDir, 'models--acme--tiny')
    expect(result.folder).toBe(join(folder, 'snapshots', commit))
    expect(await readFile(join(folder, 'refs/main'), 'utf8')).toBe(commit)
    expect(await readlink(join(result.folder, 'sub/dir/x.txt'))).toBe(
      '../../../../blobs/ce013625030ba8dba906f756967f9e9ca394464a',
    )
    expect(await readFile(join(result.folder, 'weird name#?.txt'), 'utf8')).toBe('w\n')
    expect((await lstat(join(result.folder, 'empty.txt'))).isSymbolicLink()).toBe(true)
  })

  it('RQ-1: costs two metadata requests, and no HEAD for files that git holds', async () => {
    await open().snapshot('acme/tiny')
    const asked = hub.requests.filter(
      (request) => request.path.startsWith('/api/') && !request.path.includes('resolve-cache'),
    )
    expect(asked.map((request) => request.method)).toEqual(['GET', 'GET'])
    expect(
      hub.requests.filter((request) => request.method === 'HEAD').map((request) => request.path),
    ).toEqual([expect.stringContaining('model.bin')])
    expect(hub.requests.filter((request) => request.path.includes('empty.txt'))).toEqual([])
  })

  it('RQ-2: a second run makes one request on a branch and none on a commit', async () => {
    await open().snapshot('acme/tiny')
    hub.clearRequests()
    const again = await open().snapshot('acme/tiny')
    expect(again.fetchedBytes).toBe(0)
    expect(hub.requests).toHaveLength(1)
    hub.clearRequests()
    await open().snapshot('acme/tiny', { revision: again.commit })
    expect(hub.requests).toHaveLength(0)
  })

  it('fetches a large file in parallel ranges', async () => {
    await open({ partBytes: 4 * MiB, connections: 5 }).snapshot('acme/tiny', {
      allowPatterns: '*.bin',
    })
    const ranges = hub.requests
      .filter((request) => request.host === 'cdn')
      .map((request) => request.range)
    expect(new Set(ranges).size).toBe(5)
  })

  it('PR-2: events tell totals before byte one, never pass them, and end each start once', async () => {
    const seen: HubEvent[] = []
    await open({ onEvent: (event) => seen.push(event) }).snapshot('acme/tiny')
    const types = seen.map((event) => event.type)
    expect(types[0]).toBe('job:start')
    expect(types.at(-1)).toBe('job:end')
    expect(types.indexOf('job:plan')).toBeLessThan(types.indexOf('file:start'))
    const phases = seen.flatMap((event) => (event.type === 'phase:start' ? [event.phase] : []))
    expect(new Set(phases)).toEqual(
      new Set(['resolve', 'list', 'plan', 'transfer', 'verify', 'commit']),
    )
    const starts = seen.flatMap((event) => (event.type === 'file:start' ? [event.path] : []))
    const ends = seen.flatMap((event) => (event.type === 'file:end' ? [event.path] : []))
    expect(ends.toSorted()).toEqual(starts.toSorted())
    let before = 0
    for (const event of seen) {
      if (event.type !== 'file:progress' || event.path !== 'model.bin') continue
      expect(event.doneBytes).toBeGreaterThanOrEqual(before)
      expect(event.doneBytes).toBeLessThanOrEqual(event.totalBytes)
      before = event.doneBytes
    }
  })

  it('reports every failure, keeps what is finished, and writes no ref', async () => {
    hub.addFault({ on: { path: /x\.txt|config\.json/ }, fault: { kind: 'flip', atByte: 0 } })
    const failing = open({ maxRetries: 0 }).snapshot('acme/tiny')
    await expect(failing).rejects.toMatchObject({
      code: 'HUB_SNAPSHOT_FAILED',
      completed: 3,
      failures: [expect.objectContaining({ path: expect.any(String) }), expect.anything()],
    })
    await expect(lstat(join(cacheDir, 'models--acme--tiny/refs/main'))).rejects.toMatchObject({
      code: 'ENOENT',
    })
  })
})

describe('one file', () => {
  it('costs one HEAD and one GET, and lands where Python looks', async () => {
    const file = await open().download('acme/tiny', 'config.json')
    expect(await readFile(file.localPath, 'utf8')).toBe('{"a": 1}\n')
    // A public git file is served by a relative redirect; only the hops to its end count as its own.
    const ends = hub.requests.filter((request) => request.status === 200)
    expect(ends.map((request) => request.method)).toEqual(['HEAD', 'GET'])
    hub.clearRequests()
    expect((await open().download('acme/tiny', 'config.json')).source).toBe('cache')
    expect(hub.requests.filter((request) => !request.path.includes('resolve-cache'))).toHaveLength(
      1,
    )
  })

  it('case 25: remembers that a file is missing', async () => {
    await expect(open().download('acme/tiny', 'nope/missing.txt')).rejects.toMatchObject({
      code: 'HUB_ENTRY_NOT_FOUND',
    })
    const commit = hub.commit('acme/tiny', 'main')
    const marker = join(cacheDir, 'models--acme--tiny/.no_exist', commit, 'nope/missing.txt')
    expect(await readFile(marker, 'utf8')).toBe('')
    hub.clearRequests()
    await expect(
      open().download('acme/tiny', 'nope/missing.txt', { revision: commit }),
    ).rejects.toMatchObject({ code: 'HUB_ENTRY_NOT_FOUND' })
    expect(hub.requests).toEqual([])
  })
})

describe('without the Hub', () => {
  it('OF-1: offline is no request at all, and a miss that says what is missing', async () => {
    await expect(open({ offline: true }).snapshot('acme/tiny')).rejects.toMatchObject({
      code: 'HUB_OFFLINE_MISS',
    })
    expect(hub.requests).toEqual([])
    await open().snapshot('acme/tiny')
    hub.clearRequests()
    expect((await open({ offline: true }).snapshot('acme/tiny')).completeness).toBe('proven')
    expect(hub.requests).toEqual([])
  })

  it('OF-3: an incomplete copy is an error that names the missing files', async () => {
    const { folder } = await open().snapshot('acme/tiny')
    await rm(join(folder, 'config.json'))
    await rm(join(cacheDir, 'models--acme--tiny/blobs/cb5b2f69babc53f9145b45ad20b9a075d48717ef'))
    await expect(open({ offline: true }).snapshot('acme/tiny')).rejects.toMatchObject({
      code: 'HUB_INCOMPLETE_SNAPSHOT',
      missing: ['config.json'],
    })
  })

  it('RQ-4: a Hub that is down gives way to a complete copy, marked stale', async () => {
    await open().snapshot('acme/tiny')
    hub.addFault({ on: { host: 'hub' }, fault: { kind: 'status', status: 503 } })
    expect((await open().snapshot('acme/tiny')).stale).toBe(true)
    expect((await open().download('acme/tiny', 'config.json')).stale).toBe(true)
    await expect(
      open({ maxRetries: 0 }).snapshot('acme/tiny', { policy: { kind: 'network' } }),
    ).rejects.toMatchObject({ status: 503 })
  })
})

it('SL-3: a plan writes nothing and counts what a download would take', async () => {
  const plan = await open().plan('acme/tiny')
  expect(plan).toMatchObject({
    fetchBytes: 20 * MiB + 17,
    cachedBytes: 0,
    totalBytes: 20 * MiB + 17,
  })
  await expect(lstat(join(cacheDir, 'models--acme--tiny/snapshots'))).rejects.toMatchObject({
    code: 'ENOENT',
  })
  await open().snapshot('acme/tiny')
  expect(await open().plan('acme/tiny')).toMatchObject({ fetchBytes: 0, requests: 0 })
})

it('lists, describes and reads refs', async () => {
  const client = open()
  const paths: string[] = []
  for await (const file of client.listFiles('acme/tiny')) paths.push(file.path)
  expect(paths.toSorted()).toEqual(
    ['config.json', 'empty.txt', 'model.bin', 'sub/dir/x.txt', 'weird name#?.txt'].toSorted(),
  )
  expect(await client.fileInfo('acme/tiny', 'model.bin')).toMatchObject({ sizeBytes: 20 * MiB })
  expect((await client.repoInfo('acme/tiny')).commit).toBe(hub.commit('acme/tiny', 'main'))
  expect((await client.listRefs('acme/tiny')).branches.map((branch) => branch.name)).toEqual([
    'main',
  ])
})

it('NO-2: abort rejects, closes sockets and keeps the partial for the next run', async () => {
  hub.addFault({ on: { host: 'cdn' }, fault: { kind: 'rate', bytesPerSecond: 2 * MiB } })
  const job = open({ partBytes: MiB, connections: 4 }).snapshot('acme/tiny')
  for await (const event of job) {
    if (event.type === 'file:progress' && event.doneBytes > 4 * MiB) job.abort(new Error('enough'))
  }
  await expect(job).rejects.toThrow('enough')
  const before = hub.requests.filter((request) => request.host === 'cdn').length
  const plan = await open({ partBytes: MiB }).plan('acme/tiny')
  expect(plan.resumeBytes).toBeGreaterThan(0)
  hub.clearRequests()
  const again = await open({ partBytes: MiB }).snapshot('acme/tiny', { allowPatterns: 'model.bin' })
  expect(again.fetchedBytes).toBeLessThan(20 * MiB)
  expect(before).toBeGreaterThan(0)
}, 30_000)
