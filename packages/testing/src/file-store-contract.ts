import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileStore, FlowEvent, PinnedFile, RepoFile, RepoRef, VerifiedFile } from '@hfx/core'
import { describe, expect, it } from 'vitest'
import { useTempDir } from './temp-dir.ts'

/** Makes a store over a folder; called again with the same folder it must see what the first one wrote. */
export type CreateFileStore = (folder: string) => FileStore

const repo: RepoRef = { type: 'model', id: 'a/b' }
const commit = 'c'.repeat(40)

/** What every `FileStore` promises, whatever it stands on. */
export function describeFileStore(title: string, create: CreateFileStore): void {
  describe(`${title} as a FileStore`, () => {
    describeFiles(create)
    describeReuse(create)
    describeHostileNames(create)
    describeRecords(create)
    describeLocking(create)
  })
}

/** A file of a repository with these bytes, named as the Hub names it. */
export function pinBytes(path: string, bytes: string, at: Partial<PinnedFile> = {}): PinnedFile {
  const digest = createHash('sha256').update(bytes).digest('hex')
  const sizeBytes = Buffer.byteLength(bytes)
  const hash = { algorithm: 'sha256', digest } as const
  return { repo, commit, path, sizeBytes, etag: digest, hash, ...at }
}

/** Stages bytes as a transfer does and calls them proven. */
export async function stageBytes(
  store: FileStore,
  file: PinnedFile,
  bytes: string,
): Promise<VerifiedFile> {
  const staged = await store.stageFile(file)
  const path = join(staged.folder, `${staged.stem}.0123abcd.incomplete`)
  await writeFile(path, bytes)
  const proven: object = { path, sizeBytes: Buffer.byteLength(bytes), verifiedBy: 'sha256' }
  if (isProven(proven)) return proven
  throw new TypeError('unreachable')
}

/** The brand exists in the types only, so a test can hand out what the transfer would. */
function isProven(value: object): value is VerifiedFile {
  return 'path' in value
}

function describeFiles(create: CreateFileStore): void {
  it('has nothing of a file at first, and says so without making anything', async () => {
    const store = create(join(await useTempDir(), 'new'))
    const file = pinBytes('sub/config.json', '{}\n')
    expect(await store.findFile(file)).toEqual({ kind: 'fetch' })
    expect(await store.findSnapshotFile(repo, commit, file.path)).toBeUndefined()
    expect(await store.listSnapshot(repo, commit)).toEqual([])
    const { folder, stem } = store.stagingPlace(file)
    expect(stem).toContain(file.etag)
    await expect(readFile(folder)).rejects.toThrow('ENOENT')
  })

  it('publishes proven bytes where a program and a second store find them', async () => {
    const folder = await useTempDir()
    const store = create(folder)
    const file = pinBytes('sub/dir/x.txt', 'hello\n')
    const cached = await store.commitFile(await stageBytes(store, file, 'hello\n'), file)
    expect(await readFile(cached.path, 'utf8')).toBe('hello\n')
    expect(cached.sizeBytes).toBe(6)
    expect(cached.path).toBe(join(store.snapshotFolder(repo, commit), 'sub/dir/x.txt'))
    const again = create(folder)
    expect(await again.findFile(file)).toEqual({ kind: 'cached', path: cached.path })
    expect(await again.listSnapshot(repo, commit)).toEqual(['sub/dir/x.txt'])
    expect(await again.findSnapshotFile(repo, commit, file.path)).toEqual({
      ...cached,
      isOfCommit: true,
    })
    const left = await readdir(store.stagingPlace(file).folder)
    expect(left.filter((name) => name.endsWith('.incomplete'))).toEqual([])
  })

  it('answers fetch for a file that is there when the caller forces it, and replaces it', async () => {
    const store = create(await useTempDir())
    const file = pinBytes('x.bin', 'right bytes')
    const first = await store.commitFile(await stageBytes(store, file, 'right bytes'), file)
    await writeFile(first.path, 'wrong bytes')
    expect(await store.findFile(file, { force: true })).toEqual({ kind: 'fetch' })
    const second = await store.commitFile(await stageBytes(store, file, 'right bytes'), file)
    expect(await readFile(second.path, 'utf8')).toBe('right bytes')
  })
}

function describeReuse(create: CreateFileStore): void {
  it('needs no bytes for the same file at a second commit', async () => {
    const store = create(await useTempDir())
    const file = pinBytes('x.bin', 'shared')
    await store.commitFile(await stageBytes(store, file, 'shared'), file)
    const later = { ...file, commit: 'd'.repeat(40) }
    const state = await store.findFile(later)
    if (state.kind !== 'link') throw new Error(`expected link, got ${state.kind}`)
    const linked = await store.linkFile(later, state)
    expect(await readFile(linked.path, 'utf8')).toBe('shared')
    expect((await store.findFile(later)).kind).toBe('cached')
  })

  it('does not take a file of another size for the one that was asked for', async () => {
    const store = create(await useTempDir())
    const file = pinBytes('x.bin', 'whole file')
    const cached = await store.commitFile(await stageBytes(store, file, 'whole file'), file)
    await writeFile(cached.path, 'cut')
    expect((await store.findFile(file)).kind).toBe('fetch')
  })

  it('case 11: keeps an empty file', async () => {
    const store = create(await useTempDir())
    const file = pinBytes('empty.txt', '')
    const cached = await store.commitFile(await stageBytes(store, file, ''), file)
    expect(await readFile(cached.path, 'utf8')).toBe('')
    expect((await store.findFile(file)).kind).toBe('cached')
  })
}

const hostilePaths = [
  '../x',
  'a/../../x',
  '/etc/x',
  'C:\\x',
  '\\\\host\\share\\x',
  'a/\\b',
  'a\0b',
  '',
]

function describeHostileNames(create: CreateFileStore): void {
  it.each(hostilePaths)(
    'case 71: refuses the file name %j before anything is made',
    async (path) => {
      const folder = await useTempDir()
      const store = create(join(folder, 'store'))
      const file = pinBytes(path, 'x')
      await expect(store.stageFile(file)).rejects.toMatchObject({ code: 'HUB_UNSAFE_PATH' })
      await expect(store.findFile(file)).rejects.toMatchObject({ code: 'HUB_UNSAFE_PATH' })
      await expect(readFile(join(folder, 'store'))).rejects.toThrow('ENOENT')
    },
  )

  it.each(['../../../evil', 'a/b', '.', '..', '', 'C:x'])(
    'case 72: refuses the ETag %j',
    async (etag) => {
      const folder = await useTempDir()
      const store = create(join(folder, 'store'))
      await expect(store.stageFile(pinBytes('x', 'x', { etag }))).rejects.toMatchObject({
        code: 'HUB_UNSAFE_PATH',
      })
      await expect(readFile(join(folder, 'store'))).rejects.toThrow('ENOENT')
    },
  )
}

function describeRecords(create: CreateFileStore): void {
  it('remembers what a revision meant, and when', async () => {
    const folder = await useTempDir()
    const store = create(folder)
    expect(await store.readRevision(repo, 'refs/pr/1')).toBeUndefined()
    await store.writeRevision(repo, { requested: 'refs/pr/1', commit })
    const known = await create(folder).readRevision(repo, 'refs/pr/1')
    expect(known?.commit).toBe(commit)
    expect(known?.checkedAtMs).toBeGreaterThan(0)
    expect(await store.readRevision({ type: 'model', id: 'other/b' }, 'refs/pr/1')).toBeUndefined()
  })

  it('refuses a revision that leads out of its folder', async () => {
    const store = create(await useTempDir())
    const work = store.writeRevision(repo, { requested: '../../x', commit })
    await expect(work).rejects.toMatchObject({ code: 'HUB_INVALID_OPTION' })
  })

  it('gives a listing back as it was stored', async () => {
    const folder = await useTempDir()
    const files: RepoFile[] = [
      { path: 'a/é 😀.txt', sizeBytes: 3, blobId: 'a'.repeat(40) },
      {
        path: 'model.bin',
        sizeBytes: 9,
        blobId: 'b'.repeat(40),
        lfs: { sha256: '1'.repeat(64), sizeBytes: 9 },
        xetHash: 'e'.repeat(64),
      },
    ]
    await create(folder).writeTree(repo, commit, files)
    expect(await create(folder).readTree(repo, commit)).toEqual(files)
    expect(await create(folder).readTree(repo, 'd'.repeat(40))).toBeUndefined()
  })

  it('stores no listing with a masked Xet hash', async () => {
    const store = create(await useTempDir())
    const files = [{ path: 'x', sizeBytes: 1, blobId: 'a'.repeat(40), xetHash: '*'.repeat(64) }]
    await store.writeTree(repo, commit, files)
    expect(await store.readTree(repo, commit)).toBeUndefined()
  })
}

function describeLocking(create: CreateFileStore): void {
  it('case 33: runs fifty writers of one file one after the other', async () => {
    const store = create(await useTempDir())
    const file = pinBytes('x', 'x'.repeat(300_000))
    let running = 0
    let most = 0
    const work = async (): Promise<void> => {
      running += 1
      most = Math.max(most, running)
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
    }
    await Promise.all(Array.from({ length: 50 }, () => store.withFileLock(file, work)))
    expect(most).toBe(1)
  })

  it('hands on what the work returns and throws, and lets the next one in', async () => {
    const store = create(await useTempDir())
    const file = pinBytes('x', 'x')
    expect(await store.withFileLock(file, async () => 7)).toBe(7)
    const failing = store.withFileLock(file, async () => Promise.reject(new Error('no')))
    await expect(failing).rejects.toThrow('no')
    expect(await store.withFileLock(file, async () => 8)).toBe(8)
  })

  it('tells a waiter that it waits, and lets it go when it is aborted', async () => {
    const store = create(await useTempDir())
    const file = pinBytes('x', 'x')
    const events: FlowEvent[] = []
    const stop = new AbortController()
    const frees: (() => void)[] = []
    const firsts: Promise<void>[] = []
    await new Promise<void>((running) => {
      const hold = (resolve: () => void): void => {
        frees.push(resolve)
        running()
      }
      firsts.push(store.withFileLock(file, () => new Promise<void>(hold)))
    })
    const emit = (event: FlowEvent): void => {
      events.push(event)
      stop.abort(new Error('enough'))
    }
    const second = store.withFileLock(file, async () => 1, { signal: stop.signal, emit })
    await expect(second).rejects.toThrow('enough')
    frees.forEach((free) => free())
    await Promise.all(firsts)
    expect(events.map((event) => event.type)).toEqual(['phase:start', 'phase:end'])
    expect(await store.withFileLock(file, async () => 2)).toBe(2)
  })
}
