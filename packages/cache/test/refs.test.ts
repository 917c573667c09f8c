import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pinBytes, useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { createHubCache, knownMissing, tryToLoadFromCache } from '../src/index.ts'
import { createTestDeps } from './deps.ts'
import { commitC, commitD, openCache, put, repo } from './subjects.ts'

describe('refs and markers', () => {
  it('case 20: a branch that moves leaves the old snapshot readable', async () => {
    const root = await useTempDir()
    const store = openCache(root)
    const old = await put(store, pinBytes('x', 'old'), 'old')
    await store.writeRevision(repo, { requested: 'main', commit: commitC })
    await put(store, pinBytes('x', 'new', { commit: commitD }), 'new')
    await store.writeRevision(repo, { requested: 'main', commit: commitD })
    expect((await store.readRevision(repo, 'main'))?.commit).toBe(commitD)
    expect(await readFile(old, 'utf8')).toBe('old')
  })

  it('case 21: a full commit hash gets no ref', async () => {
    const root = await useTempDir()
    await openCache(root).writeRevision(repo, { requested: commitC, commit: commitC })
    expect(await readdir(root)).toEqual([])
  })

  it('cases 22 and 23: short and upper-case hashes are refs like branches', async () => {
    const root = await useTempDir()
    const store = openCache(root)
    for (const requested of [commitC.slice(0, 7), commitC.toUpperCase()]) {
      await store.writeRevision(repo, { requested, commit: commitC })
      expect(await readFile(join(root, 'models--a--b/refs', requested), 'utf8')).toBe(commitC)
    }
  })

  it('reads a ref that ends in a newline, and takes anything else for none', async () => {
    const root = await useTempDir()
    const store = openCache(root)
    const refs = join(root, 'models--a--b/refs')
    await mkdir(refs, { recursive: true })
    await writeFile(join(refs, 'main'), `${commitC}\n`)
    await writeFile(join(refs, 'bad'), 'not a commit')
    await writeFile(join(refs, 'bomb'), commitC.repeat(100))
    expect((await store.readRevision(repo, 'main'))?.commit).toBe(commitC)
    expect(await store.readRevision(repo, 'bad')).toBeUndefined()
    expect(await store.readRevision(repo, 'bomb')).toBeUndefined()
    await store.writeRevision(repo, { requested: 'main', commit: commitC })
    expect(await readFile(join(refs, 'main'), 'utf8')).toBe(commitC)
  })

  it('weak point 32: no temporary file is ever in refs, and none is left', async () => {
    const root = await useTempDir()
    const seen: string[] = []
    const store = createHubCache(
      createTestDeps({
        platform: {
          rename: async (from, to) => {
            seen.push(from)
            await rename(from, to)
          },
        },
      }),
      { root },
    )
    await store.writeRevision(repo, { requested: 'main', commit: commitC })
    expect(seen).toHaveLength(1)
    expect(seen[0]).not.toContain('/refs/')
    expect(await readdir(join(root, 'models--a--b'))).toEqual(['refs'])
  })

  it.each([
    ['feat', 'feat/x'],
    ['feat/x', 'feat'],
  ])(
    'case 74, weak point 33: the ref %s stays when %s cannot stand beside it',
    async (one, other) => {
      const root = await useTempDir()
      const store = openCache(root)
      await store.writeRevision(repo, { requested: one, commit: commitC })
      const second = store.writeRevision(repo, { requested: other, commit: commitD })
      await expect(second).rejects.toMatchObject({ code: 'HUB_DISK' })
      expect(await readFile(join(root, 'models--a--b/refs', one), 'utf8')).toBe(commitC)
      expect(await store.readRevision(repo, other)).toBeUndefined()
      expect(await readdir(join(root, 'models--a--b'))).toEqual(['refs'])
    },
  )

  it('case 25: a file that the Hub does not have is an empty marker', async () => {
    const root = await useTempDir()
    const store = openCache(root)
    await store.markMissing(repo, commitC, 'nope/missing.txt')
    await store.markMissing(repo, commitC, 'nope/missing.txt')
    await store.writeRevision(repo, { requested: 'main', commit: commitC })
    const marker = join(root, `models--a--b/.no_exist/${commitC}/nope/missing.txt`)
    expect((await stat(marker)).size).toBe(0)
    expect(await store.isKnownMissing(repo, commitC, 'nope/missing.txt')).toBe(true)
    expect(await store.isKnownMissing(repo, commitD, 'nope/missing.txt')).toBe(false)
  })

  it('case 26: tryToLoadFromCache tells known, known missing and unknown apart', async () => {
    const root = await useTempDir()
    const store = openCache(root)
    const path = await put(store, pinBytes('x', 'x'), 'x')
    await store.markMissing(repo, commitC, 'gone.txt')
    await store.writeRevision(repo, { requested: 'main', commit: commitC })
    expect(await tryToLoadFromCache(root, { repo, path: 'x' })).toBe(path)
    expect(await tryToLoadFromCache(root, { repo, path: 'x', revision: commitC })).toBe(path)
    expect(await tryToLoadFromCache(root, { repo, path: 'gone.txt' })).toBe(knownMissing)
    expect(await tryToLoadFromCache(root, { repo, path: 'gone.txt', revision: commitC })).toBe(
      knownMissing,
    )
    expect(await tryToLoadFromCache(root, { repo, path: 'other.txt' })).toBeUndefined()
    expect(await tryToLoadFromCache(root, { repo, path: 'x', revision: 'dev' })).toBeUndefined()
  })

  it.each(['/etc/hostname', '../../../../../etc/hostname'])(
    'weak point 5: tryToLoadFromCache does not look at %s outside the cache',
    async (path) => {
      const root = await useTempDir()
      const store = openCache(root)
      await store.writeRevision(repo, { requested: 'main', commit: commitC })
      expect(await tryToLoadFromCache(root, { repo, path })).toBeUndefined()
    },
  )
})
