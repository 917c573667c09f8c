import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pinBytes, stageBytes, useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { createHubCache } from '../src/index.ts'
import { createTestDeps } from './deps.ts'
import { commitC, commitD, openDir, put, repo } from './subjects.ts'

describe('a local folder', () => {
  it('case 43: never writes below upload, and leaves other files alone', async () => {
    const folder = await useTempDir()
    await mkdir(join(folder, '.cache/huggingface/upload'), { recursive: true })
    await writeFile(join(folder, '.cache/huggingface/upload/x.metadata'), 'theirs')
    await writeFile(join(folder, 'mine.txt'), 'mine')
    const { store } = openDir(folder)
    await put(store, pinBytes('x.bin', 'bytes'), 'bytes')
    expect(await readdir(join(folder, '.cache/huggingface/upload'))).toEqual(['x.metadata'])
    expect(await readFile(join(folder, 'mine.txt'), 'utf8')).toBe('mine')
  })

  it('case 27: leaves no marker for a missing file, and heeds those of the Hub cache', async () => {
    const folder = await useTempDir()
    const cache = createHubCache(createTestDeps(), { root: join(folder, 'cache') })
    await cache.markMissing(repo, commitC, 'gone')
    const { store } = openDir(join(folder, 'here'), { cache })
    await store.markMissing(repo, commitC, 'other')
    expect(await readdir(folder)).toEqual(['cache'])
    expect(await store.isKnownMissing(repo, commitC, 'gone')).toBe(true)
    expect(await store.isKnownMissing(repo, commitC, 'other')).toBe(false)
  })

  it('weak point 22: the old file stays until the new one is in place', async () => {
    const folder = await useTempDir()
    const old = pinBytes('x.bin', 'old bytes')
    let seen = ''
    const { store } = openDir(folder, {
      platform: {
        rename: async (from, to) => {
          if (to.endsWith('/x.bin')) seen = await readFile(to, 'utf8').catch(() => 'nothing')
          await rename(from, to)
        },
      },
    })
    await put(store, old, 'old bytes')
    const verified = await stageBytes(store, pinBytes('x.bin', 'new bytes'), 'new bytes')
    expect(await readFile(join(folder, 'x.bin'), 'utf8')).toBe('old bytes')
    const { path } = await store.commitFile(verified, pinBytes('x.bin', 'new bytes'))
    expect(seen).toBe('old bytes')
    expect(await readFile(path, 'utf8')).toBe('new bytes')
  })

  it('weak point 36: a folder with nothing but .cache holds no file', async () => {
    const folder = await useTempDir()
    const { store } = openDir(folder)
    await store.writeRevision(repo, { requested: 'main', commit: commitC })
    expect(await store.listSnapshot(repo, commitC)).toEqual([])
  })

  it('weak point 29: remembers a revision in the folder, not as a bare ref in the Hub cache', async () => {
    const folder = await useTempDir()
    const root = join(folder, 'cache')
    const cache = createHubCache(createTestDeps(), { root })
    const { store } = openDir(join(folder, 'here'), { cache })
    await store.writeRevision(repo, { requested: 'main', commit: commitC })
    expect(await readdir(folder)).toEqual(['here'])
    await cache.writeRevision(repo, { requested: 'dev', commit: commitD })
    expect((await store.readRevision(repo, 'main'))?.commit).toBe(commitC)
    expect((await store.readRevision(repo, 'dev'))?.commit).toBe(commitD)
  })

  it('keeps a file whose name leaves no room for metadata', async () => {
    const folder = await useTempDir()
    const file = pinBytes('n'.repeat(250), 'bytes')
    const { store, hashed } = openDir(folder)
    const path = await put(store, file, 'bytes')
    expect(await readFile(path, 'utf8')).toBe('bytes')
    expect((await store.findFile(file)).kind).toBe('link')
    expect(hashed).toEqual([path])
  })
})
