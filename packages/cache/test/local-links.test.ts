import { lstat, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type FileStore } from '@hfx/core'
import { pinBytes, useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { createHubCache } from '../src/index.ts'
import { createTestDeps } from './deps.ts'
import {
  openDir,
  commitD,
  configBytes,
  type DirOptions,
  gitConfig,
  link,
  type OpenedDir,
  put,
  refuse,
} from './subjects.ts'

async function openBoth(
  options: DirOptions = {},
): Promise<OpenedDir & { readonly cache: FileStore; readonly folder: string }> {
  const folder = await useTempDir()
  const cache = createHubCache(createTestDeps(), { root: join(folder, 'cache') })
  return { ...openDir(join(folder, 'here'), { cache, ...options }), cache, folder }
}

describe('taking files from the Hub cache', () => {
  const big = 'x'.repeat(1024 * 1024)

  it('case 40: a cached file becomes a regular file without a byte fetched', async () => {
    const { store, cache } = await openBoth()
    const file = pinBytes('config.json', configBytes, gitConfig)
    await put(cache, file, configBytes)
    const path = await link(store, file)
    expect((await lstat(path)).isFile()).toBe(true)
    expect(await readFile(path, 'utf8')).toBe(configBytes)
    expect((await store.findFile(file)).kind).toBe('cached')
  })

  it('DU-1: a large file takes no second room, and a blob of another commit will do', async () => {
    const { store, cache } = await openBoth()
    const file = pinBytes('model.bin', big)
    const blob = await put(cache, file, big)
    const later = { ...file, commit: commitD }
    const state = await store.findFile(later)
    if (state.kind !== 'link') throw new Error(state.kind)
    expect(state.diskBytes).toBe(0)
    const { path } = await store.linkFile(later, state)
    const [here, there] = [await stat(path), await stat(blob)]
    // A reflink has an inode of its own; where the volume has none, both are one file.
    expect(here.ino === there.ino || here.blocks === there.blocks).toBe(true)
    expect(await readFile(path, 'utf8')).toBe(big)
  })

  it('DU-1: without hardlinks, editing the local file leaves the cache as it was', async () => {
    const { store, cache } = await openBoth({ links: ['reflink', 'copy'] })
    const file = pinBytes('model.bin', big)
    const blob = await put(cache, file, big)
    const state = await store.findFile(file)
    if (state.kind !== 'link') throw new Error(state.kind)
    expect(state.diskBytes).toBe(big.length)
    const { path } = await store.linkFile(file, state)
    await writeFile(path, 'edited')
    expect(await readFile(blob, 'utf8')).toBe(big)
  })

  it('DU-1: small files, which people edit, are copied even where hardlinks are allowed', async () => {
    const { store, cache } = await openBoth()
    const file = pinBytes('config.json', configBytes, gitConfig)
    const blob = await put(cache, file, configBytes)
    const path = await link(store, file)
    await writeFile(path, 'edited')
    expect(await readFile(blob, 'utf8')).toBe(configBytes)
  })

  it('hardlinks small files, too, when told that nobody edits them', async () => {
    const { store, cache } = await openBoth({ links: ['hardlink'], hardlinkMinBytes: 0 })
    const file = pinBytes('config.json', configBytes, gitConfig)
    const blob = await put(cache, file, configBytes)
    expect((await stat(await link(store, file))).ino).toBe((await stat(blob)).ino)
  })

  it('links symbolically when told to', async () => {
    const { store, cache } = await openBoth({ links: ['symlink'] })
    const file = pinBytes('model.bin', big)
    await put(cache, file, big)
    const state = await store.findFile(file)
    if (state.kind !== 'link') throw new Error(state.kind)
    expect((await lstat((await store.linkFile(file, state)).path)).isSymbolicLink()).toBe(true)
    expect((await store.findFile(file)).kind).toBe('cached')
  })

  it('copies when the volume refuses every link', async () => {
    const { store, cache } = await openBoth({
      platform: { reflink: refuse('EXDEV'), hardlink: refuse('EXDEV') },
    })
    const file = pinBytes('model.bin', big)
    const blob = await put(cache, file, big)
    const path = await link(store, file)
    expect((await stat(path)).ino).not.toBe((await stat(blob)).ino)
    expect(await readFile(path, 'utf8')).toBe(big)
  })

  it('replacing a hardlinked file leaves the cached one as it was', async () => {
    const { store, cache } = await openBoth()
    const file = pinBytes('model.bin', big)
    const blob = await put(cache, file, big)
    await link(store, file)
    await put(store, pinBytes('model.bin', 'next'), 'next')
    expect((await stat(blob)).size).toBe(big.length)
  })
})
