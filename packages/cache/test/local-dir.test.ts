import {
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type FileStore, type PinnedFile, type RepoRef, systemClock } from '@hfx/core'
import { pinBytes, stageBytes, useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import {
  createHubCache,
  createLocalDir,
  type LocalDirOptions,
  type Platform,
} from '../src/index.ts'
import { createTestDeps, createTestHasher } from './deps.ts'

const repo: RepoRef = { type: 'model', id: 'a/b' }
const commitC = 'c'.repeat(40)
const commitD = 'd'.repeat(40)
const gitConfig = {
  etag: 'cb5b2f69babc53f9145b45ad20b9a075d48717ef',
  hash: { algorithm: 'git-sha1', digest: 'cb5b2f69babc53f9145b45ad20b9a075d48717ef' },
} as const
const configBytes = '{"a": 1}\n'

interface Opened {
  readonly store: FileStore
  readonly hashed: readonly string[]
}

function openDir(
  folder: string,
  options: Partial<LocalDirOptions> & { readonly platform?: Partial<Platform> } = {},
): Opened {
  const hasher = createTestHasher()
  const { platform = {}, ...rest } = options
  return {
    store: createLocalDir(createTestDeps({ hasher, platform }), { folder, ...rest }),
    hashed: hasher.hashed,
  }
}

async function put(store: FileStore, file: PinnedFile, bytes: string): Promise<string> {
  return (await store.commitFile(await stageBytes(store, file, bytes), file)).path
}

function metadataOf(folder: string, path: string): string {
  return join(folder, '.cache/huggingface/download', `${path}.metadata`)
}

describe('files and their metadata', () => {
  it('case 35: writes Python’s records beside the file', async () => {
    const folder = await useTempDir()
    const path = await put(
      openDir(folder).store,
      pinBytes('config.json', configBytes, gitConfig),
      configBytes,
    )
    expect(path).toBe(join(folder, 'config.json'))
    const records = join(folder, '.cache/huggingface')
    expect(await readFile(join(records, '.gitignore'), 'utf8')).toBe('*')
    expect(await readFile(join(records, 'CACHEDIR.TAG'), 'utf8')).toMatch(
      /^Signature: 8a477f597d28/,
    )
    const lines = (await readFile(metadataOf(folder, 'config.json'), 'utf8')).split('\n')
    expect(lines).toHaveLength(4)
    expect(lines[0]).toBe(commitC)
    expect(lines[1]).toBe(gitConfig.etag)
    expect(lines[3]).toBe('')
    const { mtimeMs } = await stat(path)
    expect(Number(lines[2]) * 1000).toBeGreaterThanOrEqual(mtimeMs - 1)
    expect(Number(lines[2])).toBeLessThan(systemClock.now() / 1000 + 1)
  })

  it('case 36: takes Python’s word at the same commit, and rewrites it for another one', async () => {
    const folder = await useTempDir()
    const file = pinBytes('config.json', configBytes, gitConfig)
    await writeFile(join(folder, 'config.json'), configBytes)
    await writeMetadata(
      folder,
      'config.json',
      `${commitC}\n${gitConfig.etag}\n${systemClock.now() / 1000}\n`,
    )
    const { store, hashed } = openDir(folder)
    expect((await store.findFile(file)).kind).toBe('cached')
    const later = { ...file, commit: commitD }
    const state = await store.findFile(later)
    if (state.kind !== 'link') throw new Error(state.kind)
    expect(state.diskBytes).toBe(0)
    await store.linkFile(later, state)
    expect((await store.findFile(later)).kind).toBe('cached')
    expect((await readFile(metadataOf(folder, 'config.json'), 'utf8')).split('\n')[0]).toBe(commitD)
    expect(hashed.length).toBeLessThanOrEqual(1)
  })

  it('case 37: a newer file is judged by its hash, and described anew', async () => {
    const folder = await useTempDir()
    const { store, hashed } = openDir(folder)
    const file = pinBytes('model.bin', 'weights')
    const path = await put(store, file, 'weights')
    const soon = systemClock.now() / 1000 + 100
    await utimes(path, soon, soon)
    expect(await store.findFile(file)).toEqual({ kind: 'link', from: path, diskBytes: 0 })
    expect(hashed).toEqual([path])
    await writeFile(path, 'WEIGHTS')
    await utimes(path, soon, soon)
    expect((await store.findFile(file)).kind).toBe('fetch')
  })

  it.each([
    ['config.json', configBytes, gitConfig],
    ['model.bin', 'weights', {}],
  ])('weak point 22: %s without metadata is hashed, not fetched', async (name, bytes, at) => {
    const folder = await useTempDir()
    await writeFile(join(folder, name), bytes)
    const { store, hashed } = openDir(folder)
    const file = pinBytes(name, bytes, at)
    const state = await store.findFile(file)
    expect(state.kind).toBe('link')
    expect(await readdir(folder)).toEqual([name])
    if (state.kind !== 'link') throw new Error('unreachable')
    await store.linkFile(file, state)
    expect((await store.findFile(file)).kind).toBe('cached')
    expect(hashed).toEqual([join(folder, name)])
  })

  it('weak point 22: content that came with an old date is noticed', async () => {
    const folder = await useTempDir()
    const file = pinBytes('model.bin', 'weights')
    const path = await put(openDir(folder).store, file, 'weights')
    const old = systemClock.now() / 1000 - 10
    // The metadata is of yesterday, so that the change time of today tells.
    await writeMetadata(folder, 'model.bin', `${commitC}\n${file.etag}\n${old}\n`)
    await writeFile(path, 'WEIGHTS')
    await utimes(path, old - 50, old - 50)
    expect((await openDir(folder).store.findFile(file)).kind).toBe('fetch')
  })

  it('weak point 28: looking writes nothing, not even for a plan', async () => {
    const folder = await useTempDir()
    const cache = createHubCache(createTestDeps(), { root: join(folder, 'cache') })
    const file = pinBytes('x.bin', 'bytes')
    await put(cache, file, 'bytes')
    const { store } = openDir(join(folder, 'here'), { cache })
    expect((await store.findFile(file)).kind).toBe('link')
    expect(store.stagingPlace(file).folder).toContain('here/.cache')
    expect(await readdir(folder)).toEqual(['cache'])
  })

  it.each([
    'X',
    '',
    `${commitC}\n`,
    `${commitC}\netag\nnoon\n`,
    `main\netag\n1\n`,
    'x'.repeat(9000),
  ])('case 38: garbage for metadata (%#) is no metadata', async (text) => {
    const folder = await useTempDir()
    const file = pinBytes('x.bin', 'bytes')
    const { store } = openDir(folder)
    await put(store, file, 'bytes')
    await writeFile(metadataOf(folder, 'x.bin'), text)
    const state = await store.findFile(file)
    if (state.kind !== 'link') throw new Error(state.kind)
    await store.linkFile(file, state)
    expect(await readFile(metadataOf(folder, 'x.bin'), 'utf8')).toMatch(/^c{40}\n/)
  })

  it.each(['\r\n', '\n'])(
    'case 39: takes %j, whole seconds, further lines and no last newline',
    async (end) => {
      const folder = await useTempDir()
      const file = pinBytes('x.bin', 'bytes')
      const { store, hashed } = openDir(folder)
      await put(store, file, 'bytes')
      const seconds = Math.ceil(systemClock.now() / 1000) + 2
      await writeFile(metadataOf(folder, 'x.bin'), [commitC, file.etag, seconds].join(end))
      expect((await store.findFile(file)).kind).toBe('cached')
      await writeFile(
        metadataOf(folder, 'x.bin'),
        [commitC, file.etag, seconds, 'more', ''].join(end),
      )
      expect((await store.findFile(file)).kind).toBe('cached')
      expect(hashed).toEqual([])
    },
  )

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

describe('taking files from the Hub cache', () => {
  const big = 'x'.repeat(1024 * 1024)

  async function openBoth(
    options: Partial<LocalDirOptions> & { readonly platform?: Partial<Platform> } = {},
  ): Promise<Opened & { readonly cache: FileStore; readonly folder: string }> {
    const folder = await useTempDir()
    const cache = createHubCache(createTestDeps(), { root: join(folder, 'cache') })
    return { ...openDir(join(folder, 'here'), { cache, ...options }), cache, folder }
  }

  it('case 40: a cached file becomes a regular file without a byte fetched', async () => {
    const { store, cache } = await openBoth()
    const file = pinBytes('config.json', configBytes, gitConfig)
    await put(cache, file, configBytes)
    const state = await store.findFile(file)
    if (state.kind !== 'link') throw new Error(state.kind)
    const { path } = await store.linkFile(file, state)
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
    const state = await store.findFile(file)
    if (state.kind !== 'link') throw new Error(state.kind)
    const { path } = await store.linkFile(file, state)
    await writeFile(path, 'edited')
    expect(await readFile(blob, 'utf8')).toBe(configBytes)
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
    const refuse = (): Promise<never> =>
      Promise.reject(Object.assign(new Error('EXDEV'), { code: 'EXDEV' }))
    const { store, cache } = await openBoth({ platform: { reflink: refuse, hardlink: refuse } })
    const file = pinBytes('model.bin', big)
    const blob = await put(cache, file, big)
    const state = await store.findFile(file)
    if (state.kind !== 'link') throw new Error(state.kind)
    const { path } = await store.linkFile(file, state)
    expect((await stat(path)).ino).not.toBe((await stat(blob)).ino)
    expect(await readFile(path, 'utf8')).toBe(big)
  })

  it('replacing a hardlinked file leaves the cached one as it was', async () => {
    const { store, cache } = await openBoth()
    const file = pinBytes('model.bin', big)
    const blob = await put(cache, file, big)
    const state = await store.findFile(file)
    if (state.kind !== 'link') throw new Error(state.kind)
    await store.linkFile(file, state)
    await put(store, pinBytes('model.bin', 'next'), 'next')
    expect((await stat(blob)).size).toBe(big.length)
  })
})

describe('SE-2: nothing outside the folder', () => {
  it('refuses to write through a symbolic link for a folder', async () => {
    const folder = await useTempDir()
    const outside = await useTempDir()
    await symlink(outside, join(folder, 'sub'))
    const { store } = openDir(folder)
    const file = pinBytes('sub/x.bin', 'bytes')
    await expect(store.stageFile(file)).rejects.toMatchObject({ code: 'HUB_UNSAFE_PATH' })
    await writeFile(join(outside, 'x.bin'), 'bytes')
    expect((await store.findFile(file)).kind).toBe('fetch')
    expect(await readdir(outside)).toEqual(['x.bin'])
  })

  it('refuses a folder that was swapped for a link while the bytes were coming', async () => {
    const folder = await useTempDir()
    const outside = await useTempDir()
    const { store } = openDir(folder)
    const file = pinBytes('sub/x.bin', 'bytes')
    const verified = await stageBytes(store, file, 'bytes')
    await rm(join(folder, 'sub'), { recursive: true })
    await symlink(outside, join(folder, 'sub'))
    await expect(store.commitFile(verified, file)).rejects.toMatchObject({
      code: 'HUB_UNSAFE_PATH',
    })
    expect(await readdir(outside)).toEqual([])
  })

  it.each(['.cache', '.cache/huggingface', '.cache/huggingface/download'])(
    'refuses records behind the link %s',
    async (name) => {
      const folder = await useTempDir()
      const outside = await useTempDir()
      await mkdir(dirname(join(folder, name)), { recursive: true })
      await symlink(outside, join(folder, name))
      const { store } = openDir(folder)
      await expect(store.stageFile(pinBytes('x', 'x'))).rejects.toMatchObject({
        code: 'HUB_UNSAFE_PATH',
      })
      expect(await readdir(outside)).toEqual([])
    },
  )

  it('replaces a symbolic link in the place of a file, and leaves what it pointed at', async () => {
    const folder = await useTempDir()
    const outside = join(await useTempDir(), 'theirs')
    await writeFile(outside, 'theirs')
    await symlink(outside, join(folder, 'x.bin'))
    const { store } = openDir(folder)
    const path = await put(store, pinBytes('x.bin', 'bytes'), 'bytes')
    expect((await lstat(path)).isFile()).toBe(true)
    expect(await readFile(outside, 'utf8')).toBe('theirs')
  })

  it('works in a folder that is itself reached through a link', async () => {
    const real = await useTempDir()
    const link = join(await useTempDir(), 'link')
    await symlink(real, link)
    const { store } = openDir(link)
    expect(await put(store, pinBytes('a/x.bin', 'bytes'), 'bytes')).toBe(join(real, 'a/x.bin'))
  })

  it('WI-4: refuses the second of two names that the volume takes for one', async () => {
    const folder = await useTempDir()
    const { store } = openDir(folder, { platform: { foldsCase: async () => true } })
    await put(store, pinBytes('README.md', 'one'), 'one')
    const second = store.stageFile(pinBytes('readme.md', 'two'))
    await expect(second).rejects.toThrow('"readme.md" (it is the same file as README.md there)')
    await put(store, pinBytes('README.md', 'two'), 'two')
  })

  it('WI-4: refuses names that Windows keeps for itself, on Windows', async () => {
    const folder = await useTempDir()
    const { store } = openDir(folder, { platform: { os: 'win32', foldsCase: async () => true } })
    await expect(store.stageFile(pinBytes('sub/aux.txt', 'x'))).rejects.toMatchObject({
      code: 'HUB_UNSAFE_PATH',
    })
    expect(await readdir(folder)).toEqual([])
  })
})

async function writeMetadata(folder: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(metadataOf(folder, path)), { recursive: true })
  await writeFile(metadataOf(folder, path), text)
}
