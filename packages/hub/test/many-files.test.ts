import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  type FlowEvent,
  type PinnedFile,
  type RepoFile,
  silentLogger,
  type SnapshotResult,
  systemClock,
} from '@hfx/core'
import { createManyFiles, type FakeHub, startFakeHub } from '@hfx/fake-hub'
import { useTempDir } from '@hfx/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { downloadSnapshot } from '../src/download-snapshot.ts'
import { composeParts, createHubClient, type HubClient } from '../src/index.ts'
import { createSnapshotWork } from './support/snapshot-work.ts'

async function useStage(count: number): Promise<{ hub: FakeHub; client: HubClient }> {
  const hub = await startFakeHub({
    repos: [{ id: 'a/many', commits: [{ files: createManyFiles(count) }] }],
  })
  onTestFinished(() => hub.close())
  const client = createHubClient({
    env: {},
    token: false,
    endpoint: hub.url,
    cacheDir: await useTempDir(),
  })
  onTestFinished(() => client.close())
  return { hub, client }
}

function metadataCalls(hub: FakeHub): number {
  const isMetadata = ({ path }: { readonly path: string }): boolean =>
    path.startsWith('/api/') && !path.includes('resolve-cache')
  return hub.requests.filter(isMetadata).length
}

describe('request economy', () => {
  it.each([1, 200, 2001])(
    'RQ-1, RQ-2: %i files cost a listing once, and one question or none later',
    async (count) => {
      const { hub, client } = await useStage(count)
      const first = await client.snapshot('a/many')
      expect(first).toMatchObject({ fileCount: count, filesFrom: { hub: count } })
      expect(metadataCalls(hub)).toBeLessThanOrEqual(Math.ceil(count / 1000) + 2)
      const bodies = hub.requests.filter(({ path }) => path.includes('/resolve/'))
      expect(bodies.length).toBeLessThanOrEqual(count)
      hub.clearRequests()
      expect(await client.snapshot('a/many')).toMatchObject({ filesFrom: { cache: count } })
      expect(hub.requests).toHaveLength(1)
      hub.clearRequests()
      await client.snapshot('a/many', { revision: first.commit })
      expect(hub.requests).toHaveLength(0)
    },
  )

  it('RQ-1, RQ-2: 150,000 files are listed page by page, once', async () => {
    const { hub, client } = await useStage(150_000)
    const options = { allowPatterns: ['part-000007/file-007777.txt', 'part-000149/*9.txt'] }
    const first = await client.snapshot('a/many', options)
    expect(first.fileCount).toBe(101)
    expect(metadataCalls(hub)).toBeLessThanOrEqual(150 + 2)
    hub.clearRequests()
    expect(await client.snapshot('a/many', options)).toMatchObject({ filesFrom: { cache: 101 } })
    expect(hub.requests).toHaveLength(1)
    hub.clearRequests()
    await client.snapshot('a/many', { ...options, revision: first.commit })
    expect(hub.requests).toHaveLength(0)
  }, 60_000)

  it('a result is plain data: another thread gets all of it', async () => {
    const { client } = await useStage(3)
    const result = await client.snapshot('a/many')
    expect(structuredClone(result)).toEqual({ ...result })
    expect(Object.keys(result)).not.toContain('eachFile')
    expect(structuredClone(result).files).toHaveLength(3)
    expect(Array.from(result.eachFile())).toEqual(result.files)
  })

  it('RQ-1: a plan, which stores no listing, asks for no page twice', async () => {
    const { hub, client } = await useStage(12_000)
    expect(await client.plan('a/many')).toMatchObject({ fileCount: 12_000, requests: 12_000 })
    expect(metadataCalls(hub)).toBeLessThanOrEqual(12 + 2)
  })
})

describe('ME-2: memory', () => {
  const count = 150_000
  const filesPerPage = 1000
  const commit = 'c'.repeat(40)

  setFlagsFromString('--expose_gc')
  /** Bytes in use after everything that can go has gone. */
  function liveBytes(): number {
    runInNewContext('gc()')
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }

  async function* listTree(): AsyncGenerator<readonly RepoFile[]> {
    for (let start = 0; start < count; start += filesPerPage) {
      yield Array.from({ length: filesPerPage }, (_, at) => ({
        path: `data/part-${Math.floor(start / 10_000)}/file-${String(start + at).padStart(6, '0')}.txt`,
        sizeBytes: start + at,
        blobId: (start + at).toString(16).padStart(40, '0'),
      }))
    }
  }

  /** A snapshot with the real cache for its listing, and files that are there but for each hundredth. */
  async function runSnapshot(look: () => void): Promise<SnapshotResult> {
    const cacheDir = await useTempDir()
    const parts = await composeParts({ env: {}, token: false, cacheDir }, silentLogger)
    onTestFinished(() => parts.close())
    const store = parts.openStore(undefined)
    const folder = store.snapshotFolder({ type: 'model', id: 'a/many' }, commit)
    const placeOf = ({ path, sizeBytes }: PinnedFile) => ({ path: `${folder}/${path}`, sizeBytes })
    let looks = 0
    return downloadSnapshot(
      {
        ...parts,
        clock: systemClock,
        api: {
          ...parts.api,
          listTree,
          resolveRevision: async () => ({ requested: 'main', commit }),
        },
        store: {
          ...store,
          findFile: async (file) => {
            looks += 1
            if (looks % 20_000 === 0) look()
            return file.sizeBytes % 100 === 0
              ? { kind: 'link', from: '/elsewhere', diskBytes: 0 }
              : { kind: 'cached', path: placeOf(file).path }
          },
          linkFile: async (file) => placeOf(file),
          withFileLock: (_file, work) => work(),
        },
      },
      { repo: { type: 'model', id: 'a/many' }, revision: 'main' },
      createSnapshotWork(
        { forceSpace: true, filesAtOnce: 8 },
        {
          emit: (event: FlowEvent) => {
            if (event.type === 'phase:end' && event.path === undefined) look()
          },
        },
      ),
    )
  }

  it('of a snapshot of 150,000 files stays below 200 bytes a file, from the listing to the result', async () => {
    const base = liveBytes()
    const seen: number[] = []
    const result = await runSnapshot(() => seen.push(liveBytes() - base))
    seen.push(liveBytes() - base)
    expect(result).toMatchObject({ fileCount: count, filesFrom: { cache: 148_500, link: 1500 } })
    expect(seen.length).toBeGreaterThan(10)
    expect(Math.max(...seen) / count).toBeLessThan(200)
    let bytes = 0
    for (const file of result.eachFile()) if (file.kind === 'ok') bytes += file.sizeBytes
    expect(bytes).toBe(result.totalBytes)
    expect((liveBytes() - base) / count).toBeLessThan(200)
    expect(result.files).toHaveLength(count)
    expect(result.files).toBe(result.files)
  }, 60_000)
})
