import { mkdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pinFile } from '@hfx/core'
import { useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { knownMissing, scanCache, tryToLoadFromCache, verifyRevision } from '../src/index.ts'
import { walkFiles } from '../src/walk-files.ts'
import { createTestHasher } from './deps.ts'
import {
  commitC,
  commitD,
  link,
  listTimes,
  openCache,
  openDir,
  otherRepo,
  put,
  repo,
} from './subjects.ts'

interface FixtureEntry {
  readonly path: string
  readonly mode?: string
  readonly link?: string
  readonly text?: string
  readonly hex?: string
  /** So often the bytes 0 to 255. */
  readonly repeat?: number
}

const fixturePath = fileURLToPath(new URL('fixtures/python-trees.json', import.meta.url))

type Part = 'hub' | 'plain' | 'local' | 'localHub' | 'shared'

/**
 * The trees that a real Python client wrote; `made` in the file says which, and
 * `packages/hub/test/interop/recorded.test.ts` holds them against every client that it meets.
 */
async function readFixture(part: Part): Promise<readonly FixtureEntry[]> {
  const listing: unknown = JSON.parse(await readFile(fixturePath, 'utf8'))
  if (!isListing(listing)) throw new TypeError('the fixture is no listing')
  return listing[part]
}

function isListing(value: unknown): value is Record<Part, readonly FixtureEntry[]> {
  return typeof value === 'object' && value !== null && 'hub' in value && 'local' in value
}

function bytesOf(entry: FixtureEntry): Buffer {
  if (entry.text !== undefined) return Buffer.from(entry.text)
  const all = Buffer.from(Array.from({ length: 256 }, (_, index) => index))
  return entry.repeat === undefined
    ? Buffer.from(entry.hex ?? '', 'hex')
    : Buffer.concat(Array.from({ length: entry.repeat }, () => all))
}

async function layOut(part: Part): Promise<string> {
  const root = await useTempDir()
  for (const entry of await readFixture(part)) {
    const path = join(root, entry.path)
    await mkdir(dirname(path), { recursive: true })
    if (entry.link === undefined) await writeFile(path, bytesOf(entry))
    else await symlink(entry.link, path)
  }
  return root
}

const paths = [
  'config.json',
  'empty.txt',
  'model.bin',
  'sub/dir/x.txt',
  'weird name#?.txt',
  'xet.bin',
]

describe('a cache that Python wrote', () => {
  it('cases 3 and 45: is read whole, asking nobody and writing nothing', async () => {
    const root = await layOut('hub')
    const before = await listTimes(root)
    const store = openCache(root)
    expect((await store.readRevision(repo, 'main'))?.commit).toBe(commitC)
    expect((await store.readRevision(repo, 'refs/pr/1'))?.commit).toBe(commitD)
    const tree = await store.readTree(repo, commitC)
    expect(tree?.map(({ path }) => path)).toEqual(paths)
    for (const listed of tree ?? []) {
      const state = await store.findFile(pinFile(repo, commitC, listed))
      expect(state).toEqual({
        kind: 'cached',
        path: join(root, `models--a--b/snapshots/${commitC}`, listed.path),
      })
    }
    expect(await store.listSnapshot(repo, commitC)).toEqual(paths)
    expect(await store.isKnownMissing(repo, commitC, 'nope/missing.txt')).toBe(true)
    expect(await listTimes(root)).toEqual(before)
  })

  it('case 26: answers known, missing and unknown', async () => {
    const root = await layOut('hub')
    const at = join(root, `models--a--b/snapshots/${commitD}/config.json`)
    expect(
      await tryToLoadFromCache(root, { repo, path: 'config.json', revision: 'refs/pr/1' }),
    ).toBe(at)
    expect(await tryToLoadFromCache(root, { repo, path: 'nope/missing.txt' })).toBe(knownMissing)
    expect(
      await tryToLoadFromCache(root, { repo, path: 'model.bin', revision: 'refs/pr/1' }),
    ).toBeUndefined()
  })

  it('case 65: scans to the sizes that Python counts, without a warning', async () => {
    const root = await layOut('hub')
    const scan = await scanCache(root)
    expect(scan).toMatchObject({
      sizeBytes: 9 + 6 + 1_048_576 + 1000 + 2,
      warnings: [],
      damaged: [],
      staleLocks: [],
    })
    expect(scan.repos[0]).toMatchObject({ fileCount: 6, loose: [] })
  })

  it('case 70: is verified by its listing, and without it by the names of its blobs', async () => {
    const root = await layOut('hub')
    const deps = { store: openCache(root), hasher: createTestHasher() }
    expect(await verifyRevision(deps, { repo, revision: 'main' })).toMatchObject({
      checkedCount: 6,
      mismatches: [],
      missing: [],
      extra: [],
      listed: true,
    })
    expect(await verifyRevision(deps, { repo, revision: 'refs/pr/1' })).toMatchObject({
      checkedCount: 1,
      listed: false,
    })
  })

  it('case 44: is what we write from the same files, entry by entry', async () => {
    const root = await useTempDir()
    const python = openCache(await layOut('hub'))
    const ours = openCache(root)
    const tree = (await python.readTree(repo, commitC)) ?? []
    for (const [commit, files] of [
      [commitC, tree],
      [commitD, tree.slice(0, 1)],
    ] as const) {
      for (const listed of files) {
        const file = pinFile(repo, commit, listed)
        const found = await python.findSnapshotFile(repo, commitC, file.path)
        const bytes = await readFile(found?.path ?? '', 'latin1')
        await ours.withFileLock(file, async () => putBinary(ours, file, bytes))
      }
    }
    await ours.writeTree(repo, commitC, tree)
    await ours.writeRevision(repo, { requested: 'main', commit: commitC })
    await ours.writeRevision(repo, { requested: 'refs/pr/1', commit: commitD })
    await ours.markMissing(repo, commitC, 'nope/missing.txt')
    expect(await describeTree(root)).toEqual(await describeTree(python.root))
  })
})

describe('a local folder that Python filled', () => {
  it('case 36: is taken as it is at its commit, without hashing', async () => {
    const folder = await layOut('local')
    const { store, hashed } = openDir(folder)
    const tree = (await store.readTree(repo, commitC)) ?? []
    expect(tree.map(({ path }) => path)).toEqual(paths)
    for (const listed of tree) {
      const state = await store.findFile(pinFile(repo, commitC, listed))
      expect(state).toEqual({ kind: 'cached', path: join(folder, listed.path) })
    }
    expect(hashed).toEqual([])
    expect(await store.listSnapshot(repo, commitC)).toEqual(paths)
  })

  it('weak point 29: the bare ref that it left in the cache is no corruption, and is followed', async () => {
    const root = await layOut('localHub')
    const scan = await scanCache(root)
    expect(scan).toMatchObject({ warnings: [], damaged: [], sizeBytes: 0 })
    const cache = openCache(root)
    const { store } = openDir(await layOut('local'), { cache })
    expect((await store.readRevision(repo, 'main'))?.commit).toBe(commitC)
  })
})

describe('a cache that Python wrote without symbolic links', () => {
  it('cases 28, 65: is read whole, and counted', async () => {
    const root = await layOut('plain')
    for (const disableSymlinks of [true, false]) {
      const store = openCache(root, { disableSymlinks })
      const tree = (await store.readTree(repo, commitC)) ?? []
      const states = tree.map((listed) => store.findFile(pinFile(repo, commitC, listed)))
      expect((await Promise.all(states)).map(({ kind }) => kind)).toEqual(paths.map(() => 'cached'))
    }
    expect(await scanCache(root)).toMatchObject({
      sizeBytes: 9 + 6 + 1_048_576 + 1000 + 2,
      warnings: [],
      damaged: [],
    })
  })
})

describe('the store that newer Python clients share between repositories', () => {
  const sha = 'a8af099bf2e878609558dbf69d8f88f4a31040a8cf84b549a0cfa912f12ffc3f'

  it('is looked through: the file is cached, counted once, and no orphan', async () => {
    const root = await layOut('shared')
    const path = join(root, `models--a--b/snapshots/${commitC}/xet.bin`)
    const file = { repo, commit: commitC, path: 'xet.bin', sizeBytes: 1000, etag: sha }
    expect(await openCache(root).findFile(file)).toEqual({ kind: 'cached', path })
    expect(await scanCache(root)).toMatchObject({ sizeBytes: 1000, orphanBytes: 0, warnings: [] })
  })

  it('serves another repository by a link that is entered where Python looks for it', async () => {
    const root = await layOut('shared')
    const xetHash = 'e'.repeat(64)
    const there = { repo: otherRepo, commit: commitD, path: 'y.bin', sizeBytes: 1000, etag: sha }
    await link(openCache(root), { ...there, xetHash })
    const refs = await readFile(join(root, `blobs/ee/${xetHash}.refs`), 'utf8')
    expect(refs).toBe(`models--a--b/blobs/${sha}\ndatasets--x--y/blobs/${sha}\n`)
  })
})

/** As `put`, for bytes that are no text. */
async function putBinary(
  store: Parameters<typeof put>[0],
  file: Parameters<typeof put>[1],
  latin1: string,
): Promise<void> {
  const path = await put(store, file, '')
  await writeFile(path, latin1, 'latin1')
}

/** Every file and link below a folder. The text of the cache tag is each client's own. */
async function describeTree(root: string): Promise<Record<string, string>> {
  const entries: Record<string, string> = {}
  for await (const { name, path, isSymlink } of walkFiles(root)) {
    const text = isSymlink ? await readlink(path) : await readFile(path, 'latin1')
    entries[name] = name === 'CACHEDIR.TAG' ? text.slice(0, 43) : text
  }
  return entries
}
