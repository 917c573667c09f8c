import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileStore, FileTransfer, PinnedFile, RangeReader } from '@hfx/core'
import { pinBytes, useTempDir } from '@hfx/testing'
import { createFileHasher, createFileTransfer } from '@hfx/transfer'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createHubCache, createLocalDir, scanCache, verifyRevision } from '../src/index.ts'
import { createTestDeps } from './deps.ts'
import { commitC, openCache, repo } from './subjects.ts'

const text = 'weights!'.repeat(262_144)
const bytes = Buffer.from(text)
const file = pinBytes('model.bin', text)

interface Wire {
  readonly transfer: FileTransfer
  /** First bytes of the ranges that were asked for. */
  readonly asked: number[]
}

/** Bytes as a Hub would send them, without a Hub; `before` runs in the middle of each range. */
function openWire(before: () => Promise<void> = async () => {}): Wire {
  const asked: number[] = []
  const rangeReader: RangeReader = {
    async readRange({ start, end, url }, sink) {
      asked.push(start)
      const answer = { status: 206, start, url, headers: {} } as const
      sink.onStart?.(answer)
      const middle = Math.floor((start + end) / 2)
      await give(sink, bytes.subarray(start, middle))
      await before()
      await give(sink, bytes.subarray(middle, end))
      return answer
    },
    close: async () => {},
  }
  const transfer = createFileTransfer({ rangeReader })
  onTestFinished(() => transfer.close())
  return { transfer, asked }
}

async function give(
  sink: Parameters<RangeReader['readRange']>[1],
  chunk: Uint8Array,
): Promise<void> {
  await new Promise<void>((resolve) => {
    if (sink.onData(chunk, resolve)) resolve()
  })
}

/** The stages of a download from the lock to the commit. */
async function download(
  store: FileStore,
  transfer: FileTransfer,
  wanted: PinnedFile = file,
): Promise<string> {
  return store.withFileLock(wanted, async () => {
    const state = await store.findFile(wanted)
    if (state.kind === 'cached') return state.path
    if (state.kind === 'link') return (await store.linkFile(wanted, state)).path
    const { path, sizeBytes, hash } = wanted
    const source = {
      path,
      sizeBytes,
      ...(hash ? { hash } : {}),
      locate: async () => ({ url: 'https://hub.example/x' }),
    }
    const moved = await transfer.transferFile(source, await store.stageFile(wanted))
    return (await store.commitFile(moved.file, wanted)).path
  })
}

describe('stores under a real transfer', () => {
  it('case 15: a download leaves the file, and nothing that is incomplete', async () => {
    const root = await useTempDir()
    const { transfer } = openWire()
    const path = await download(openCache(root), transfer)
    expect((await readFile(path)).equals(bytes)).toBe(true)
    expect(await readdir(join(root, 'models--a--b/blobs'))).toEqual([file.etag])
    const folder = await useTempDir()
    const local = createLocalDir(createTestDeps(), { folder })
    expect((await readFile(await download(local, transfer))).equals(bytes)).toBe(true)
    const staged = await readdir(local.stagingPlace(file).folder)
    expect(staged.toSorted()).toEqual(['model.bin.lock', 'model.bin.metadata'])
  })

  it('CO-2: sixteen stores that want one file make one download of it', async () => {
    const root = await useTempDir()
    const { transfer, asked } = openWire()
    const stores = Array.from({ length: 16 }, () => openCache(root))
    const paths = await Promise.all(stores.map((store) => download(store, transfer)))
    expect(new Set(paths).size).toBe(1)
    expect(asked.length).toBe(new Set(asked).size)
    expect((await scanCache(root)).repos[0]).toMatchObject({ fileCount: 1, loose: [] })
  })

  it('CO-1: with a lock that everybody gets, sixteen stores still end with the right file', async () => {
    const root = await useTempDir()
    const wires = Array.from({ length: 16 }, () => openWire())
    const paths = await Promise.all(
      wires.map(({ transfer }) => download(openCache(root, { locks: 'none' }), transfer)),
    )
    for (const path of paths) expect((await readFile(path)).equals(bytes)).toBe(true)
    expect((await scanCache(root)).repos[0]).toMatchObject({ fileCount: 1, loose: [] })
  })

  it('case 34: a partial that another tool prunes mid-way never becomes a torn blob', async () => {
    const root = await useTempDir()
    const store = openCache(root)
    const blobs = join(root, 'models--a--b/blobs')
    let pruned = 0
    const { transfer } = openWire(async () => {
      for (const name of await readdir(blobs)) {
        if (pruned > 3 || !name.endsWith('.incomplete')) continue
        pruned += 1
        await rm(join(blobs, name), { force: true })
      }
    })
    const result = await download(store, transfer).catch((error: unknown) => error)
    const again = await download(store, openWire().transfer)
    expect(pruned).toBeGreaterThan(0)
    expect(typeof result === 'string' || result instanceof Error).toBe(true)
    expect((await readFile(again)).equals(bytes)).toBe(true)
    expect(await readdir(blobs)).toContain(file.etag)
  })

  it('verifies with the transfer’s own hasher', async () => {
    const hasher = createFileHasher()
    onTestFinished(() => hasher.close())
    const store = createHubCache(createTestDeps({ hasher }), { root: await useTempDir() })
    await download(store, openWire().transfer)
    const report = await verifyRevision({ store, hasher }, { repo, revision: commitC })
    expect(report).toMatchObject({ checkedCount: 1, mismatches: [] })
  })
})
