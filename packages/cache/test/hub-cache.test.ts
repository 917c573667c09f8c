import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { FileStore, PinnedFile, RepoRef } from '@hfx/core'
import { pinBytes, stageBytes, useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import {
  createHubCache,
  type HubCacheOptions,
  knownMissing,
  tryToLoadFromCache,
} from '../src/index.ts'
import { createListLogger, createTestDeps, createTestHasher } from './deps.ts'

const repo: RepoRef = { type: 'model', id: 'a/b' }
const commitC = 'c'.repeat(40)
const commitD = 'd'.repeat(40)
const gitConfig = {
  etag: 'cb5b2f69babc53f9145b45ad20b9a075d48717ef',
  hash: { algorithm: 'git-sha1', digest: 'cb5b2f69babc53f9145b45ad20b9a075d48717ef' },
} as const

function openCache(root: string, options: Partial<HubCacheOptions> = {}): FileStore {
  return createHubCache(createTestDeps(), { root, ...options })
}

async function put(store: FileStore, file: PinnedFile, bytes: string): Promise<string> {
  return (await store.commitFile(await stageBytes(store, file, bytes), file)).path
}

describe('layout to the byte', () => {
  it('case 1: one file makes a blob, a relative link, a ref of 40 bytes and a cache tag', async () => {
    const root = await useTempDir()
    const store = openCache(root)
    const path = await put(store, pinBytes('config.json', '{"a": 1}\n', gitConfig), '{"a": 1}\n')
    await store.writeRevision(repo, { requested: 'main', commit: commitC })
    const folder = join(root, 'models--a--b')
    expect(path).toBe(join(folder, 'snapshots', commitC, 'config.json'))
    expect(await readlink(path)).toBe(`../../blobs/${gitConfig.etag}`)
    expect(await readFile(join(folder, 'blobs', gitConfig.etag), 'utf8')).toBe('{"a": 1}\n')
    expect(await readFile(join(folder, 'refs/main'), 'utf8')).toBe(commitC)
    const tag = await readFile(join(root, 'CACHEDIR.TAG'), 'utf8')
    expect(tag.split('\n')[0]).toBe('Signature: 8a477f597d28d172789f06886806bc55')
    expect((await readdir(folder)).toSorted()).toEqual(['blobs', 'refs', 'snapshots'])
    expect((await readdir(root)).toSorted()).toEqual(['CACHEDIR.TAG', 'models--a--b'])
  })

  it('cases 5 and 6: the blob is named by the sha256, also when a Xet hash is known', async () => {
    const root = await useTempDir()
    const file = pinBytes('xet.bin', 'xet bytes', { xetHash: 'e'.repeat(64) })
    await put(openCache(root), file, 'xet bytes')
    expect(await readdir(join(root, 'models--a--b/blobs'))).toEqual([file.etag])
  })

  it('case 7: a second commit links to the same blob without new bytes', async () => {
    const root = await useTempDir()
    const store = openCache(root)
    const file = pinBytes('config.json', '{"a": 1}\n', gitConfig)
    await put(store, file, '{"a": 1}\n')
    const atPr = { ...file, commit: commitD }
    const state = await store.findFile(atPr)
    expect(state).toEqual({
      kind: 'link',
      from: join(root, 'models--a--b/blobs', gitConfig.etag),
      diskBytes: 0,
    })
    if (state.kind !== 'link') throw new Error('unreachable')
    const linked = await store.linkFile(atPr, state)
    await store.writeRevision(repo, { requested: 'refs/pr/1', commit: commitD })
    expect(await readlink(linked.path)).toBe(`../../blobs/${gitConfig.etag}`)
    expect(await readFile(join(root, 'models--a--b/refs/refs/pr/1'), 'utf8')).toBe(commitD)
  })

  it('case 8: takes ETags that are no hashes, as mirrors send them', async () => {
    const store = openCache(await useTempDir())
    const path = await put(store, pinBytes('x', 'x', { etag: 'abc-gzip' }), 'x')
    expect(await readlink(path)).toBe('../../blobs/abc-gzip')
  })

  it('case 9: keeps strange names as they are', async () => {
    const store = openCache(await useTempDir())
    const name = 'weird name#?%20ü.txt'
    expect(await put(store, pinBytes(name, 'w\n'), 'w\n')).toContain(name)
  })

  it.each([
    [0o022, 0o644],
    [0o002, 0o664],
    [0o037, 0o640],
  ])('case 14: with the umask %o a blob has the mode %o', async (umask, mode) => {
    const root = await useTempDir()
    const before = process.umask(umask)
    try {
      const store = openCache(root)
      const file = pinBytes('x.bin', 'x')
      const verified = await stageBytes(store, file, 'x')
      await chmod(verified.path, 0o600)
      const { path } = await store.commitFile(verified, file)
      expect((await stat(path)).mode & 0o777).toBe(mode)
    } finally {
      process.umask(before)
    }
  })

  it('CO-5: a cache shared with the group is open to the group whatever the umask', async () => {
    const root = join(await useTempDir(), 'hub')
    const before = process.umask(0o077)
    try {
      const store = openCache(root, { shared: 'group' })
      const path = await put(store, pinBytes('sub/x.bin', 'x'), 'x')
      await store.writeRevision(repo, { requested: 'main', commit: commitC })
      expect((await stat(path)).mode & 0o777).toBe(0o660)
      expect((await lstat(dirname(path))).mode & 0o7777).toBe(0o2770)
      expect((await lstat(root)).mode & 0o7777).toBe(0o2770)
      expect((await stat(join(root, 'models--a--b/refs/main'))).mode & 0o777).toBe(0o660)
    } finally {
      process.umask(before)
    }
  })

  it('weak point 25: a stored listing is as readable as other files', async () => {
    const root = await useTempDir()
    await openCache(root).writeTree(repo, commitC, [])
    const { mode } = await stat(join(root, `models--a--b/trees/${commitC}.json`))
    expect(mode & 0o777).toBe(0o666 & ~process.umask())
  })
})

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
    const state = await store.findFile(file)
    if (state.kind !== 'link') throw new Error(state.kind)
    const linked = await store.linkFile(file, state)
    expect((await stat(linked.path)).ino).toBe((await stat(first)).ino)
    await rm(join(root, 'datasets--other--repo'), { recursive: true })
    expect((await stat(linked.path)).size).toBe(bytes.length)
    const strict = openCache(root, { reuseAcrossRepos: false })
    await rm(join(root, 'models--a--b/blobs', file.etag))
    expect((await strict.findFile(file)).kind).toBe('fetch')
  })

  it('reads the store that newer Python clients share between repositories, by a link into it', async () => {
    const root = await useTempDir()
    const store = openCache(root)
    const xetHash = 'ab'.repeat(32)
    const shared = join(root, 'blobs/ab', xetHash)
    await mkdir(dirname(shared), { recursive: true })
    await writeFile(shared, 'shared bytes')
    const file = pinBytes('x.bin', 'shared bytes', { xetHash })
    const state = await store.findFile(file)
    expect(state).toEqual({ kind: 'link', from: shared, diskBytes: 0 })
    if (state.kind !== 'link') throw new Error('unreachable')
    const { path } = await store.linkFile(file, state)
    expect(await readFile(path, 'utf8')).toBe('shared bytes')
    expect(await readlink(join(root, 'models--a--b/blobs', file.etag))).toBe(
      `../../blobs/ab/${xetHash}`,
    )
    await put(store, file, 'shared bytes')
    expect(await readFile(shared, 'utf8')).toBe('shared bytes')
    expect((await lstat(join(root, 'models--a--b/blobs', file.etag))).isFile()).toBe(true)
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
            const { rename } = await import('node:fs/promises')
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
            const { rename } = await import('node:fs/promises')
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
    const refuse = (): Promise<never> =>
      Promise.reject(Object.assign(new Error('EROFS'), { code: 'EROFS' }))
    const platform = { rename: refuse, symlink: refuse, hardlink: refuse, copy: refuse }
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
    const state = await store.findFile(file)
    if (state.kind !== 'link') throw new Error(state.kind)
    const { path } = await store.linkFile(file, state)
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
    const state = await store.findFile(file)
    if (state.kind !== 'link') throw new Error(state.kind)
    await store.linkFile(file, state)
    await rm(lower, { recursive: true })
    expect((await store.findFile(file)).kind).toBe('fetch')
    expect(await readFile(await put(store, file, 'baked bytes'), 'utf8')).toBe('baked bytes')
  })
})

describe('where symlinks fail', () => {
  const noLinks = { disableSymlinks: true }
  const refuse = (): Promise<never> =>
    Promise.reject(Object.assign(new Error('EPERM'), { code: 'EPERM' }))

  it('WI-1: a second revision shares the disk of the first, by hardlinks', async () => {
    const root = await useTempDir()
    const store = openCache(root, noLinks)
    const bytes = 'x'.repeat(200_000)
    const file = pinBytes('x.bin', bytes)
    const first = await put(store, file, bytes)
    expect((await lstat(first)).isFile()).toBe(true)
    const later = { ...file, commit: commitD }
    const state = await store.findFile(later)
    if (state.kind !== 'link') throw new Error(state.kind)
    const second = await store.linkFile(later, state)
    expect((await lstat(second.path)).ino).toBe((await lstat(first)).ino)
    expect((await lstat(first)).nlink).toBe(3)
    expect(await diskBytes(root)).toBeLessThan(bytes.length * 1.02 + 100_000)
  })

  it('case 28: with neither hardlinks nor reflinks the blob moves into the snapshot', async () => {
    const root = await useTempDir()
    const platform = { hardlink: refuse, reflink: refuse }
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
    const state = await store.findFile(file)
    if (state.kind !== 'link') throw new Error(state.kind)
    const { path } = await store.linkFile(file, state)
    expect((await lstat(path)).isFile()).toBe(true)
    expect(await readdir(join(root, 'models--a--b/blobs'))).toEqual([file.etag])
  })

  it('weak point 23: takes the plain copy of another commit instead of fetching, after hashing it', async () => {
    const root = await useTempDir()
    const platform = { hardlink: refuse, reflink: refuse }
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
    const platform = { symlink: refuse }
    const store = createHubCache(createTestDeps({ platform, logger }), { root })
    const files = Array.from({ length: 8 }, (_, index) => pinBytes(`f${index}`, `bytes ${index}`))
    const paths = await Promise.all(files.map((file, index) => put(store, file, `bytes ${index}`)))
    expect(await Promise.all(paths.map(async (path) => readFile(path, 'utf8')))).toHaveLength(8)
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
    expect((await readdir(join(root, 'models--a--b'))).toSorted()).toEqual(['blobs', 'snapshots'])
  })
})

async function listTimes(folder: string): Promise<readonly string[]> {
  const lines: string[] = []
  for (const name of await readdir(folder, { recursive: true })) {
    const stats = await lstat(join(folder, name))
    lines.push(`${name} ${stats.mtimeMs} ${stats.ctimeMs} ${stats.mode}`)
  }
  return lines.toSorted()
}

async function diskBytes(folder: string): Promise<number> {
  const files = new Map<number, number>()
  for (const name of await readdir(folder, { recursive: true })) {
    const stats = await lstat(join(folder, name))
    files.set(stats.ino, stats.blocks * 512)
  }
  return [...files.values()].reduce((sum, bytes) => sum + bytes, 0)
}
