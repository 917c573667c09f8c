import { getEventListeners } from 'node:events'
import { utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@hfx/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { composeParts } from '../src/index.ts'
import { resolveListing } from '../src/resolve-listing.ts'
import { type HubStage, openStage } from './support/hub-stage.ts'
import { createSnapshotWork } from './support/snapshot-work.ts'

type Files = Readonly<Record<string, string>>

const useStage = (
  files: Files = { 'config.json': '{}\n', 'model/a.txt': 'a\n' },
): Promise<HubStage> =>
  openStage({ repos: [{ id: 'a/b', commits: [{ files }] }], pageSize: 200_000 }, { maxRetries: 0 })

const down = { on: { host: 'hub' }, fault: { kind: 'status', status: 503 } } as const

describe('a local copy that holds only single files', () => {
  it('is no reason to be impatient with the Hub', async () => {
    const { hub, open } = await useStage()
    await open().download('a/b', 'config.json')
    hub.addFault({ on: { path: /\/revision\// }, fault: { kind: 'latency', ms: 3_000 } })
    const result = await open().snapshot('a/b')
    expect(result).toMatchObject({ stale: false, completeness: 'proven' })
    expect(result.files).toHaveLength(2)
  })

  it('does not make a pattern wrong: why the Hub could not be asked is the error', async () => {
    const { hub, open } = await useStage()
    await open().download('a/b', 'config.json')
    hub.addFault(down)
    for (const allowPatterns of ['model/*', 'model/a.txt']) {
      await expect(open().snapshot('a/b', { allowPatterns })).rejects.toMatchObject({
        code: 'HUB_SERVER_ERROR',
      })
    }
  })

  it('case 50: answers for the folder as it is where nobody can be asked', async () => {
    const { hub, open } = await useStage()
    await open().download('a/b', 'model/a.txt')
    const files = [expect.objectContaining({ path: 'model/a.txt', sizeBytes: 2, source: 'cache' })]
    const expected = { files, completeness: 'unknown', totalBytes: 2, fetchedBytes: 0 }
    expect(await open({ offline: true }).snapshot('a/b')).toMatchObject(expected)
    hub.addFault(down)
    expect(await open().snapshot('a/b')).toMatchObject({ ...expected, stale: true })
  })

  it('and the network forbidden: what is missing is missing here, not in the repository', async () => {
    const { open } = await useStage()
    await open().download('a/b', 'config.json')
    await expect(
      open({ offline: true }).snapshot('a/b', { allowPatterns: 'model/*' }),
    ).rejects.toMatchObject({ code: 'HUB_OFFLINE_MISS' })
  })
})

describe('a complete copy of an older commit', () => {
  it('cache-first: a pattern that it cannot answer is a question to the Hub', async () => {
    const { hub, open } = await useStage()
    await open().snapshot('a/b')
    hub.push('a/b', { files: { 'config.json': '{}\n', 'new.txt': 'new\n' } })
    const client = open({ policy: { kind: 'cache-first' } })
    const result = await client.snapshot('a/b', { allowPatterns: 'new.txt' })
    expect(result.files.map(({ path }) => path)).toEqual(['new.txt'])
  })

  it('and a Hub that is down: a pattern that matches nothing here says nothing of the Hub', async () => {
    const { hub, open } = await useStage()
    await open().snapshot('a/b')
    hub.addFault(down)
    await expect(open().snapshot('a/b', { allowPatterns: 'new.txt' })).rejects.toMatchObject({
      code: 'HUB_SERVER_ERROR',
    })
  })

  it('a ref from the future was not checked a moment ago', async () => {
    const { hub, cacheDir, open } = await useStage()
    await open().snapshot('a/b')
    const later = new Date('2100-01-01')
    await utimes(join(cacheDir, 'models--a--b/refs/main'), later, later)
    hub.push('a/b', { files: { 'config.json': '{"new": true}\n' } })
    const client = open()
    expect((await client.download('a/b', 'config.json')).commit).toBe(hub.commit('a/b', 'main'))
    await utimes(join(cacheDir, 'models--a--b/refs/main'), later, later)
    const next = hub.push('a/b', { files: { 'config.json': '{"new": 2}\n' } })
    expect(next).toBeDefined()
    expect((await client.snapshot('a/b')).commit).toBe(hub.commit('a/b', 'main'))
  })
})

describe('strange repositories', () => {
  it('an empty one is downloaded whole, and is whole offline', async () => {
    const { open } = await useStage({})
    expect((await open().snapshot('a/b')).files).toEqual([])
    expect((await open({ offline: true }).snapshot('a/b')).files).toEqual([])
  })

  it('two names for the same bytes cost them once, and the plan says so', async () => {
    const { hub, open } = await useStage({ 'a.txt': 'same\n', 'b.txt': 'same\n' })
    const plan = await open().plan('a/b')
    expect(plan).toMatchObject({ totalBytes: 10, fetchBytes: 5, diskBytes: 5, requests: 1 })
    hub.clearRequests()
    const result = await open().snapshot('a/b')
    expect(result.fetchedBytes).toBe(5)
    expect(result.files.map((file) => file.kind)).toEqual(['ok', 'ok'])
    expect(
      hub.requests.filter(({ path }) => /\.txt/.test(path) && path.includes('resolve-cache')),
    ).toHaveLength(1)
  })

  it('all files on one page are listed, however many', async () => {
    const { hub, cacheDir } = await useStage()
    const options = { env: {}, token: false, endpoint: hub.url, cacheDir } as const
    const parts = await composeParts(options, silentLogger)
    onTestFinished(() => parts.close())
    const page = Array.from({ length: 200_000 }, (_, at) => ({
      path: `f${at}`,
      sizeBytes: 1,
      blobId: 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391',
    }))
    async function* listTree() {
      yield await Promise.resolve(page)
    }
    const listing = await resolveListing(
      {
        ...parts,
        api: { ...parts.api, listTree },
        store: { ...parts.openStore(undefined), writeTree: () => Promise.resolve() },
        clock: systemClock,
      },
      { repo: { type: 'model', id: 'a/b' }, revision: 'main' },
      createSnapshotWork({ partBytes: 1 }),
    )
    expect(listing.files.fileCount).toBe(200_000)
  })
})

describe('what an address names', () => {
  it('a folder, with or without a slash at its end', async () => {
    const { hub, open } = await useStage()
    for (const input of ['hf://a/b/model', 'hf://a/b/model/', `${hub.url}/a/b/tree/main/model`]) {
      expect((await open().plan(input)).files.map(({ path }) => path)).toEqual(['model/a.txt'])
    }
  })

  it('a file whose name looks like a pattern', async () => {
    const { open } = await useStage({ 'x[1].txt': '1\n', x1: '2\n', '*': '3\n' })
    expect((await open().plan('hf://a/b/x[1].txt')).files.map(({ path }) => path)).toEqual([
      'x[1].txt',
    ])
    expect((await open().plan('hf://a/b/*')).files.map(({ path }) => path)).toEqual(['*'])
  })
})

describe('ears', () => {
  it('a listener that rejects is a listener that throws', async () => {
    const unhandled: unknown[] = []
    const hear = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', hear)
    onTestFinished(() => void process.off('unhandledRejection', hear))
    const errors: unknown[] = []
    const { open } = await useStage()
    const logger = { debug() {}, info() {}, warn() {}, error: (text: string) => errors.push(text) }
    const deaf = (): unknown => Promise.reject(new Error('deaf'))
    const client = open({ logger, onEvent: deaf })
    await client.snapshot('a/b')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(unhandled).toEqual([])
    expect(errors).toHaveLength(1)
  })

  it('an iterator that is asked twice at once answers twice', async () => {
    const { open } = await useStage()
    const job = open().snapshot('a/b')
    const events = job[Symbol.asyncIterator]()
    expect(await Promise.all([events.next(), events.next()])).toEqual([
      { done: false, value: expect.objectContaining({ type: 'job:start' }) },
      { done: false, value: expect.objectContaining({ type: 'phase:start' }) },
    ])
    await job
  })
})

describe('a client that is closed', () => {
  it('asks nothing any more, in the middle of a listing either', async () => {
    const { hub, open } = await useStage()
    const client = open()
    const files = client.listFiles('a/b')[Symbol.asyncIterator]()
    hub.addFault({ on: { path: /\/tree\// }, fault: { kind: 'latency', ms: 60_000 } })
    const first = files.next()
    first.catch(() => undefined)
    await expect.poll(() => hub.requests.length).toBe(1)
    await client.close()
    await expect(first).rejects.toThrow('closed')
    await expect(client.snapshot('a/b')).rejects.toThrow('closed')
    await expect(client.whoami()).rejects.toThrow('closed')
    await client.close()
  })

  it('while it is made ends what waits for it', async () => {
    const { hub, open } = await useStage()
    const client = open()
    const job = client.snapshot('a/b')
    const question = client.whoami()
    question.catch(() => undefined)
    await Promise.resolve()
    await client.close()
    await expect(job).rejects.toThrow('closed')
    await expect(question).rejects.toThrow('closed')
    expect(hub.requests).toEqual([])
  })
})

describe('NO-2: an abort is heard while the disk is looked at', () => {
  it.each([
    ['job:start', ['job:start', 'job:end']],
    ['phase:start', ['job:start', 'phase:start', 'phase:end', 'job:end']],
  ])('at %s', async (at, expected) => {
    const { open } = await useStage()
    await open().snapshot('a/b')
    const heard: string[] = []
    const job = open({ policy: { kind: 'cache-first' } }).snapshot('a/b', {
      onEvent({ type }) {
        heard.push(type)
        if (type === at) job.abort(new Error('enough'))
      },
    })
    await expect(job).rejects.toThrow('enough')
    expect(heard).toEqual(expected)
  })
})

it('ME-4: jobs leave nothing on a signal that outlives them', async () => {
  const { open } = await useStage()
  const client = open({ policy: { kind: 'cache-first' } })
  const { signal } = new AbortController()
  for (let done = 0; done < 100; done++) await client.download('a/b', 'config.json', { signal })
  expect(getEventListeners(signal, 'abort').length).toBeLessThanOrEqual(1)
  expect(dependantsOf(signal)).toBe(0)
})

it('a name that leads out of the repository is refused before anything is asked or read', async () => {
  const { hub, open } = await useStage()
  for (const path of ['../../refs/main', '/etc/passwd', 'a/../../x', 'C:\\x']) {
    for (const offline of [false, true]) {
      await expect(open({ offline }).download('a/b', path)).rejects.toMatchObject({
        code: expect.stringMatching(/HUB_(UNSAFE|INVALID)_PATH/),
      })
    }
  }
  expect(hub.requests).toEqual([])
})

/** What Node keeps of `AbortSignal.any`, for as long as the source lives. */
function dependantsOf(signal: AbortSignal): number {
  const key = Object.getOwnPropertySymbols(signal).find(
    ({ description }) => description === 'kDependantSignals',
  )
  const found: unknown = key === undefined ? undefined : Reflect.get(signal, key)
  return found instanceof Set ? found.size : 0
}
