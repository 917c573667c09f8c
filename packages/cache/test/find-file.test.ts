import {
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pinBytes, stageBytes, useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { createHubCache } from '../src/index.ts'
import { createTestDeps } from './deps.ts'
import { commitC, link, openCache, put, repo, storeShared, xetHash } from './subjects.ts'

describe('finding and repairing', () => {
  it('case 15: a partial that a killed process left harms nobody and is not taken for the blob', async () => {
    const store = openCache(await useTempDir())
    const file = pinBytes('x.bin', 'whole')
    const { folder, stem } = await store.stageFile(file)
    await writeFile(join(folder, `${stem}.deadbeef.incomplete`), 'wh')
    expect((await store.findFile(file)).kind).toBe('fetch')
    const path = await put(store, file, 'whole')
    expect(await readFile(path, 'utf8')).toBe('whole')
  })

  it('case 16: a partial of an older client under its fixed name is left alone', async () => {
    const store = openCache(await useTempDir())
    const file = pinBytes('x.bin', 'right')
    const { folder, stem } = await store.stageFile(file)
    await writeFile(join(folder, `${stem}.incomplete`), 'garbage')
    await put(store, file, 'right')
    expect(await readFile(join(folder, stem), 'utf8')).toBe('right')
    expect(await readFile(join(folder, `${stem}.incomplete`), 'utf8')).toBe('garbage')
  })

  it('case 17: a link whose blob is gone is fetched again, under the same text', async () => {
    const store = openCache(await useTempDir())
    const file = pinBytes('x.bin', 'bytes')
    const path = await put(store, file, 'bytes')
    const text = await readlink(path)
    await rm(join(dirname(path), text))
    expect((await store.findFile(file)).kind).toBe('fetch')
    expect(await store.listSnapshot(repo, commitC)).toEqual([])
    await put(store, file, 'bytes')
    expect(await readlink(path)).toBe(text)
    expect((await store.findFile(file)).kind).toBe('cached')
  })

  it('case 18: a blob without a link needs only the link', async () => {
    const store = openCache(await useTempDir())
    const file = pinBytes('x.bin', 'bytes')
    const path = await put(store, file, 'bytes')
    await rm(path)
    const state = await store.findFile(file)
    if (state.kind !== 'link') throw new Error(state.kind)
    expect(await readFile((await store.linkFile(file, state)).path, 'utf8')).toBe('bytes')
  })

  it('replaces a link that shows another blob, in one step', async () => {
    const store = openCache(await useTempDir())
    const file = pinBytes('x.bin', 'bytes')
    const path = join(store.snapshotFolder(repo, commitC), 'x.bin')
    await mkdir(dirname(path), { recursive: true })
    await symlink('../../blobs/other', path)
    await put(store, file, 'bytes')
    expect(await readlink(path)).toBe(`../../blobs/${file.etag}`)
    expect((await readdir(join(store.root, 'models--a--b'))).toSorted()).toEqual([
      'blobs',
      'snapshots',
    ])
  })

  it('says when a blob goes away between the look and the link', async () => {
    const store = openCache(await useTempDir())
    const file = pinBytes('x.bin', 'bytes')
    const from = join(await store.stageFile(file).then(({ folder }) => folder), file.etag)
    await expect(store.linkFile(file, { kind: 'link', from, diskBytes: 0 })).rejects.toMatchObject({
      code: 'HUB_CACHE_CORRUPT',
    })
  })

  it('DU-2: links a large file that another repository has under the same sha256', async () => {
    const root = await useTempDir()
    const bytes = 'x'.repeat(1024 * 1024)
    const store = openCache(root)
    const there = pinBytes('model.bin', bytes, { repo: { type: 'dataset', id: 'other/repo' } })
    const first = await put(store, there, bytes)
    const file = pinBytes('weights/model.bin', bytes)
    const linked = { path: await link(store, file) }
    expect((await stat(linked.path)).ino).toBe((await stat(first)).ino)
    await rm(join(root, 'datasets--other--repo'), { recursive: true })
    expect((await stat(linked.path)).size).toBe(bytes.length)
    const strict = openCache(root, { reuseAcrossRepos: false })
    await rm(join(root, 'models--a--b/blobs', file.etag))
    expect((await strict.findFile(file)).kind).toBe('fetch')
  })

  it('reads the store that newer Python clients share between repositories, by a link that its collector knows', async () => {
    const root = await useTempDir()
    const store = openCache(root)
    const shared = await storeShared(root, 'shared bytes')
    const file = pinBytes('x.bin', 'shared bytes', { xetHash })
    const state = await store.findFile(file)
    expect(state).toEqual({ kind: 'link', from: shared, diskBytes: 0 })
    if (state.kind !== 'link') throw new Error('unreachable')
    const { path } = await store.linkFile(file, state)
    expect(await readFile(path, 'utf8')).toBe('shared bytes')
    const blob = join(root, 'models--a--b/blobs', file.etag)
    expect(await readlink(blob)).toBe(`../../blobs/ab/${xetHash}`)
    expect(await readFile(`${shared}.refs`, 'utf8')).toBe(`models--a--b/blobs/${file.etag}\n`)
    await put(store, file, 'shared bytes')
    expect(await readFile(shared, 'utf8')).toBe('shared bytes')
    expect((await lstat(blob)).isFile()).toBe(true)
  })

  it('takes a name of its own where the shared store is of another layout, or cannot be told', async () => {
    const root = await useTempDir()
    const store = openCache(root)
    const shared = await storeShared(root, 'shared bytes')
    const file = pinBytes('x.bin', 'shared bytes', { xetHash })
    await mkdir(`${shared}.refs`)
    await link(store, file)
    const blob = join(root, 'models--a--b/blobs', file.etag)
    expect((await stat(blob)).ino).toBe((await stat(shared)).ino)
    expect((await lstat(blob)).isFile()).toBe(true)
    const other = await useTempDir()
    const unmarked = await storeShared(other, 'shared bytes', { marker: '2\n' })
    await link(openCache(other), file)
    expect(await readdir(dirname(unmarked))).toEqual([xetHash])
    await rm(unmarked)
    const own = join(other, 'models--a--b/blobs', file.etag)
    expect(await readFile(own, 'utf8')).toBe('shared bytes')
  })

  it('moves bytes that wait on another volume', async () => {
    const crossVolume = Object.assign(new Error('EXDEV'), { code: 'EXDEV' })
    const root = await useTempDir()
    const outside = join(await useTempDir(), 'staged')
    const store = createHubCache(
      createTestDeps({
        platform: {
          rename: async (from, to) => {
            if (from.startsWith(outside)) throw crossVolume
            await rename(from, to)
          },
        },
      }),
      { root },
    )
    const file = pinBytes('x.bin', 'bytes')
    const verified = await stageBytes(store, file, 'bytes')
    await writeFile(outside, 'bytes')
    await store.commitFile({ ...verified, path: outside }, file)
    expect(await readFile(join(root, 'models--a--b/blobs', file.etag), 'utf8')).toBe('bytes')
    await expect(stat(outside)).rejects.toThrow('ENOENT')
  })
})
