import { lstat, readFile, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pinBytes, useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { createHubCache } from '../src/index.ts'
import { createTestDeps } from './deps.ts'
import { commitC, commitD, link, listTimes, openCache, put, refuse, repo } from './subjects.ts'

describe('layers and read-only caches', () => {
  it('case 19, CO-5: a read-only cache serves hits and writes nothing', async () => {
    const root = await useTempDir()
    const writable = openCache(root)
    const file = pinBytes('x.bin', 'bytes')
    const path = await put(writable, file, 'bytes')
    await writable.writeRevision(repo, { requested: 'main', commit: commitC })
    const before = await listTimes(root)
    const store = openCache(root, { readOnly: true })
    expect(await store.findFile(file)).toEqual({ kind: 'cached', path })
    expect((await store.readRevision(repo, 'main'))?.commit).toBe(commitC)
    await store.writeRevision(repo, { requested: 'main', commit: commitD })
    await store.writeTree(repo, commitC, [])
    await store.markMissing(repo, commitC, 'y')
    expect(await store.withFileLock(file, async () => 5)).toBe(5)
    await expect(store.stageFile(file)).rejects.toMatchObject({ code: 'HUB_READ_ONLY' })
    expect(await listTimes(root)).toEqual(before)
  })

  it('serves hits from a folder that the system lets nobody write', async () => {
    const root = await useTempDir()
    const file = pinBytes('x.bin', 'bytes')
    await put(openCache(root), file, 'bytes')
    const erofs = refuse('EROFS')
    const platform = { rename: erofs, symlink: erofs, hardlink: erofs, copy: erofs }
    const store = createHubCache(createTestDeps({ platform }), { root })
    expect((await store.findFile(file)).kind).toBe('cached')
    await expect(
      store.writeRevision(repo, { requested: 'main', commit: commitD }),
    ).rejects.toMatchObject({
      code: 'HUB_READ_ONLY',
    })
  })

  it('links what a lower layer has into the writable cache, and copies nothing', async () => {
    const [lower, upper] = [await useTempDir(), await useTempDir()]
    const file = pinBytes('sub/x.bin', 'baked bytes')
    const baked = await put(openCache(lower), file, 'baked bytes')
    await openCache(lower).writeRevision(repo, { requested: 'main', commit: commitC })
    await openCache(lower).markMissing(repo, commitC, 'y')
    const before = await listTimes(lower)
    const store = openCache(upper, { layers: [lower] })
    expect((await store.readRevision(repo, 'main'))?.commit).toBe(commitC)
    expect(await store.isKnownMissing(repo, commitC, 'y')).toBe(true)
    expect(await store.listSnapshot(repo, commitC)).toEqual(['sub/x.bin'])
    expect((await store.findSnapshotFile(repo, commitC, 'sub/x.bin'))?.path).toBe(baked)
    const path = await link(store, file)
    expect(path.startsWith(upper)).toBe(true)
    expect((await stat(path)).ino).toBe((await stat(baked)).ino)
    expect((await lstat(join(upper, 'models--a--b/blobs', file.etag))).isSymbolicLink()).toBe(true)
    expect((await store.findFile(file)).kind).toBe('cached')
    expect(await listTimes(lower)).toEqual(before)
  })

  it('answers straight from a lower layer when the upper cache may not be written', async () => {
    const [lower, upper] = [await useTempDir(), await useTempDir()]
    const file = pinBytes('x.bin', 'baked bytes')
    const path = await put(openCache(lower), file, 'baked bytes')
    const store = openCache(upper, { layers: [lower], readOnly: true })
    expect(await store.findFile(file)).toEqual({ kind: 'cached', path })
    expect(store.snapshotFolder(repo, commitC)).toBe(dirname(path))
  })

  it('fetches again when the layer behind a link is gone', async () => {
    const [lower, upper] = [await useTempDir(), await useTempDir()]
    const file = pinBytes('x.bin', 'baked bytes')
    await put(openCache(lower), file, 'baked bytes')
    const store = openCache(upper, { layers: [lower] })
    await link(store, file)
    await rm(lower, { recursive: true })
    expect((await store.findFile(file)).kind).toBe('fetch')
    expect(await readFile(await put(store, file, 'baked bytes'), 'utf8')).toBe('baked bytes')
  })
})
