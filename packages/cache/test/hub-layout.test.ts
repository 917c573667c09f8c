import { chmod, lstat, readdir, readFile, readlink, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pinBytes, stageBytes, useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { scanCache } from '../src/index.ts'
import { commitC, commitD, gitConfig, openCache, otherRepo, put, repo } from './subjects.ts'

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

  it('a download that has only begun is no damage to Python’s scanner: snapshots is there from the start', async () => {
    const root = await useTempDir()
    const store = openCache(root)
    await store.stageFile(pinBytes('x.bin', 'x'))
    await store.writeTree(otherRepo, commitC, [])
    expect((await readdir(join(root, 'models--a--b'))).toSorted()).toEqual(['blobs', 'snapshots'])
    const listed = (await readdir(join(root, 'datasets--x--y'))).toSorted()
    expect(listed).toEqual(['snapshots', 'trees'])
    expect((await scanCache(root)).warnings).toEqual([])
  })

  it('weak point 25: a stored listing is as readable as other files', async () => {
    const root = await useTempDir()
    await openCache(root).writeTree(repo, commitC, [])
    const { mode } = await stat(join(root, `models--a--b/trees/${commitC}.json`))
    expect(mode & 0o777).toBe(0o666 & ~process.umask())
  })
})
