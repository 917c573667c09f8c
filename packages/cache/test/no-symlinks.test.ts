import { lstat, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pinBytes, useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { createHubCache } from '../src/index.ts'
import { createListLogger, createTestDeps, createTestHasher } from './deps.ts'
import { commitD, diskBytes, link, openCache, put, refuse } from './subjects.ts'

describe('where symlinks fail', () => {
  const noLinks = { disableSymlinks: true }

  it('WI-1: a second revision shares the disk of the first, by hardlinks', async () => {
    const root = await useTempDir()
    const store = openCache(root, noLinks)
    const bytes = 'x'.repeat(200_000)
    const file = pinBytes('x.bin', bytes)
    const first = await put(store, file, bytes)
    expect((await lstat(first)).isFile()).toBe(true)
    const later = { ...file, commit: commitD }
    const second = { path: await link(store, later) }
    expect((await lstat(second.path)).ino).toBe((await lstat(first)).ino)
    expect((await lstat(first)).nlink).toBe(3)
    expect(await diskBytes(root)).toBeLessThan(bytes.length * 1.02 + 100_000)
  })

  it('case 28: with neither hardlinks nor reflinks the blob moves into the snapshot', async () => {
    const root = await useTempDir()
    const platform = { hardlink: refuse('EPERM'), reflink: refuse('EPERM') }
    const store = createHubCache(createTestDeps({ platform }), { root, ...noLinks })
    const path = await put(store, pinBytes('x.bin', 'bytes'), 'bytes')
    expect((await lstat(path)).isFile()).toBe(true)
    expect(await readdir(join(root, 'models--a--b/blobs'))).toEqual([])
    expect((await openCache(root).findFile(pinBytes('x.bin', 'bytes'))).kind).toBe('cached')
  })

  it('case 29: a blob that is there stays, and the snapshot gets its bytes', async () => {
    const root = await useTempDir()
    const file = pinBytes('x.bin', 'bytes')
    await rm(await put(openCache(root), file, 'bytes'))
    const store = openCache(root, noLinks)
    const path = await link(store, file)
    expect((await lstat(path)).isFile()).toBe(true)
    expect(await readdir(join(root, 'models--a--b/blobs'))).toEqual([file.etag])
  })

  it('weak point 23: takes the plain copy of another commit instead of fetching, after hashing it', async () => {
    const root = await useTempDir()
    const platform = { hardlink: refuse('EPERM'), reflink: refuse('EPERM') }
    const hasher = createTestHasher()
    const store = createHubCache(createTestDeps({ platform, hasher }), { root, ...noLinks })
    const file = pinBytes('x.bin', 'bytes')
    const first = await put(store, file, 'bytes')
    const later = { ...file, commit: commitD }
    const state = await store.findFile(later)
    expect(state).toEqual({ kind: 'link', from: first, diskBytes: 0 })
    expect(hasher.hashed).toEqual([first])
    if (state.kind !== 'link') throw new Error('unreachable')
    expect(await readFile((await store.linkFile(later, state)).path, 'utf8')).toBe('bytes')
    const changed = pinBytes('x.bin', 'other', { commit: 'e'.repeat(40) })
    expect((await store.findFile(changed)).kind).toBe('fetch')
  })

  it('weak point 27: a forced download replaces the plain file', async () => {
    const store = openCache(await useTempDir(), noLinks)
    const file = pinBytes('x.bin', 'right')
    const path = await put(store, file, 'right')
    await rm(path)
    await writeFile(path, 'wrong')
    await put(store, file, 'right')
    expect(await readFile(path, 'utf8')).toBe('right')
  })

  it('WI-2: eight cold starts at once probe once, and all succeed', async () => {
    const root = await useTempDir()
    const logger = createListLogger()
    const platform = { symlink: refuse('EPERM') }
    const store = createHubCache(createTestDeps({ platform, logger }), { root })
    const files = Array.from({ length: 8 }, (_, index) => pinBytes(`f${index}`, `bytes ${index}`))
    const paths = await Promise.all(files.map((file, index) => put(store, file, `bytes ${index}`)))
    expect(await Promise.all(paths.map(async (path) => readFile(path, 'utf8')))).toHaveLength(8)
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
    expect((await readdir(join(root, 'models--a--b'))).toSorted()).toEqual(['blobs', 'snapshots'])
  })
})
