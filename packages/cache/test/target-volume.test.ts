import { readdir, readFile } from 'node:fs/promises'
import { pinBytes, useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { createHubCache, type Platform } from '../src/index.ts'
import { createTestDeps } from './deps.ts'
import { bring, commitD, openDir } from './subjects.ts'

function openOn(root: string, platform: Partial<Platform>) {
  return createHubCache(createTestDeps({ platform }), { root })
}

describe('WI-4: the Hub cache on a volume that knows fewer names', () => {
  const folding = { foldsCase: async () => true }

  it('refuses the second of two names that are one file there, also when the first is cached', async () => {
    const root = await useTempDir()
    const first = pinBytes('README.md', 'one')
    const path = await bring(openOn(root, folding), first, 'one')
    const store = openOn(root, folding)
    expect(await store.findFile(first)).toMatchObject({ kind: 'cached' })
    const second = pinBytes('readme.md', 'two')
    await expect(store.findFile(second)).rejects.toMatchObject({
      code: 'HUB_UNSAFE_PATH',
      message: expect.stringContaining('it is the same file as README.md there'),
    })
    await expect(store.stageFile(second)).rejects.toThrow('the same file as README.md')
    expect(await readFile(path, 'utf8')).toBe('one')
    // Another commit is another folder.
    const renamed = pinBytes('readme.md', 'two', { commit: commitD })
    expect(await store.findFile(renamed)).toMatchObject({ kind: 'fetch' })
  })

  it('takes both where the volume tells them apart', async () => {
    const store = openOn(await useTempDir(), { foldsCase: async () => false })
    await bring(store, pinBytes('README.md', 'one'), 'one')
    const path = await bring(store, pinBytes('readme.md', 'two'), 'two')
    expect(await readFile(path, 'utf8')).toBe('two')
  })

  it.each(['sub/aux.txt', 'nul', 'trailing.', 'what?.txt'])(
    'refuses %s on Windows before anything is written',
    async (path) => {
      const root = await useTempDir()
      const store = openOn(root, { os: 'win32', foldsCase: async () => true })
      const file = pinBytes(path, 'x')
      await expect(store.findFile(file)).rejects.toMatchObject({ code: 'HUB_UNSAFE_PATH' })
      await expect(store.stageFile(file)).rejects.toMatchObject({ code: 'HUB_UNSAFE_PATH' })
      expect(await readdir(root)).toEqual([])
    },
  )

  it('refuses a name of more than 255 bytes everywhere', async () => {
    const store = openOn(await useTempDir(), {})
    const look = store.findFile(pinBytes(`sub/${'é'.repeat(128)}`, 'x'))
    await expect(look).rejects.toThrow('a name is longer than 255 bytes')
  })

  it('a plan for a local folder finds the collision, too', async () => {
    const { store } = openDir(await useTempDir(), { platform: folding })
    expect(await store.findFile(pinBytes('a/B', 'one'))).toMatchObject({ kind: 'fetch' })
    await expect(store.findFile(pinBytes('A/b', 'two'))).rejects.toThrow('the same file as a/B')
  })
})
