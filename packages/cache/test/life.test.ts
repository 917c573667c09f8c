import { mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type FileStore, type PinnedFile, type RepoRef, systemClock } from '@hfx/core'
import { pinBytes, stageBytes, useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import {
  createHubCache,
  createLocalDir,
  leaseRevision,
  planGc,
  planPrune,
  planRemoval,
  removePlanned,
  scanCache,
  scanRepos,
  verifyRevision,
} from '../src/index.ts'
import { createTestDeps, createTestHasher } from './deps.ts'

const repo: RepoRef = { type: 'model', id: 'a/b' }
const other: RepoRef = { type: 'dataset', id: 'x/y' }
const commitC = 'c'.repeat(40)
const commitD = 'd'.repeat(40)
const dayMs = 24 * 3_600_000
const soonMs = (): number => systemClock.now() + 2 * dayMs

async function put(store: FileStore, file: PinnedFile, bytes: string): Promise<string> {
  const state = await store.findFile(file)
  if (state.kind === 'link') return (await store.linkFile(file, state)).path
  return (await store.commitFile(await stageBytes(store, file, bytes), file)).path
}

/** Two revisions that share one blob; `main` names the second, `old` the first. */
async function openTwoRevisions(): Promise<{ readonly root: string; readonly store: FileStore }> {
  const root = await useTempDir()
  const store = createHubCache(createTestDeps(), { root })
  await put(store, pinBytes('shared.bin', 'shared!'), 'shared!')
  await put(store, pinBytes('own.txt', 'old'), 'old')
  await put(store, pinBytes('shared.bin', 'shared!', { commit: commitD }), 'shared!')
  await put(store, pinBytes('own.txt', 'newer', { commit: commitD }), 'newer')
  await store.writeRevision(repo, { requested: 'refs/pr/1', commit: commitC })
  await store.writeRevision(repo, { requested: 'main', commit: commitD })
  await store.writeTree(repo, commitC, [])
  await store.writeTree(repo, commitD, [])
  await store.markMissing(repo, commitC, 'gone')
  return { root, store }
}

describe('scan', () => {
  it('case 65: counts each blob once, with refs, files and no warnings', async () => {
    const { root } = await openTwoRevisions()
    const scan = await scanCache(root, { files: true })
    expect(scan.warnings).toEqual([])
    expect(scan.sizeBytes).toBe('shared!'.length + 'old'.length + 'newer'.length)
    const [scanned] = scan.repos
    expect(scanned).toMatchObject({
      repo,
      fileCount: 3,
      sizeBytes: 15,
      refs: { main: commitD, 'refs/pr/1': commitC },
      loose: [],
    })
    expect(scanned?.revisions).toMatchObject([
      { commit: commitC, refs: ['refs/pr/1'], sizeBytes: 10, fileCount: 2 },
      { commit: commitD, refs: ['main'], sizeBytes: 12, fileCount: 2 },
    ])
    expect(scanned?.revisions[0]?.files.map(({ path }) => path).toSorted()).toEqual([
      'own.txt',
      'shared.bin',
    ])
    expect(scanned?.revisions[0]?.files[0]?.blobPath).toContain('/blobs/')
  })

  it('case 30: a snapshot of links and plain files counts as one of either', async () => {
    const root = await useTempDir()
    const linked = createHubCache(createTestDeps(), { root })
    const plain = createHubCache(createTestDeps(), { root, disableSymlinks: true })
    await put(linked, pinBytes('one', 'first'), 'first')
    await put(plain, pinBytes('two', 'second'), 'second')
    const scan = await scanCache(root)
    expect(scan.sizeBytes).toBe(11)
    expect(scan.repos[0]?.fileCount).toBe(2)
    expect(scan.repos[0]?.loose).toEqual([])
  })

  it('case 68: passes over desktop files and warns once for each damage, as Python', async () => {
    const { root, store } = await openTwoRevisions()
    await put(store, pinBytes('fine', 'fine', { repo: other }), 'fine')
    await writeFile(join(root, '.DS_Store'), '')
    await mkdir(join(root, '.locks'), { recursive: true })
    await writeFile(join(root, 'stray.txt'), 'x')
    await mkdir(join(root, 'nodashes'))
    await mkdir(join(root, 'buckets--a--b'))
    const dangling = join(root, 'models--a--b/snapshots', commitC, 'gone.bin')
    await symlink('../../blobs/nothing', dangling)
    await symlink('../../blobs/nothing', `${dangling}2`)
    const scan = await scanCache(root)
    expect(scan.repos.map(({ repo: { id } }) => id)).toEqual(['x/y'])
    expect(scan.damaged.map(({ repo: { id } }) => id)).toEqual(['a/b'])
    expect(scan.danglingLinks.toSorted()).toEqual([dangling, `${dangling}2`])
    expect(scan.warnings.map((line) => line.split(/[:.]/)[0]).toSorted()).toEqual([
      'Blob missing (broken symlink)',
      'Repo path is not a directory',
      'Repo path is not a valid HuggingFace cache directory',
      'Repo type must be model, dataset, space or kernel',
    ])
  })

  it('weak point 29: kernels, bare refs, markers and moved refs are normal', async () => {
    const root = await useTempDir()
    const store = createHubCache(createTestDeps(), { root })
    await put(store, pinBytes('k', 'k', { repo: { type: 'kernel', id: 'k/k' } }), 'k')
    await store.markMissing(repo, commitC, 'gone')
    await store.writeRevision(other, { requested: 'main', commit: commitD })
    const scan = await scanCache(root)
    expect(scan.warnings).toEqual([])
    expect(scan.repos.map(({ repo: { type } }) => type).toSorted()).toEqual([
      'dataset',
      'kernel',
      'model',
    ])
  })

  it('CC-2: finds partials, orphans, leftovers and stale locks, which Python does not count', async () => {
    const { root, store } = await openTwoRevisions()
    const blobs = join(root, 'models--a--b/blobs')
    await writeFile(join(blobs, `${'e'.repeat(40)}.01234567.incomplete`), 'par')
    await writeFile(join(blobs, 'f'.repeat(40)), 'orphan')
    await writeFile(join(root, 'models--a--b/tmp_0123456789abcdef'), 'tmp')
    await store.withFileLock(pinBytes('never.bin', 'never'), async () => {})
    const scan = await scanCache(root)
    expect(scan.partialBytes).toBe(3)
    expect(scan.orphanBytes).toBe(6)
    expect(scan.repos[0]?.loose.map(({ kind }) => kind).toSorted()).toEqual([
      'orphan',
      'partial',
      'temp',
    ])
    expect(scan.staleLocks).toHaveLength(1)
    expect(scan.sizeBytes).toBe(15)
  })

  it('takes a ref left half-written by another client for none', async () => {
    const { root } = await openTwoRevisions()
    await writeFile(join(root, 'models--a--b/refs/main.0123abcd.tmp'), commitC)
    expect(Object.keys((await scanCache(root)).repos[0]?.refs ?? {})).toEqual(['main', 'refs/pr/1'])
  })

  it.each(['missing', 'file'])('says when there is no cache (%s)', async (kind) => {
    const root = join(await useTempDir(), 'hub')
    if (kind === 'file') await writeFile(root, '')
    await expect(scanCache(root)).rejects.toMatchObject({ code: 'HUB_CACHE_NOT_FOUND' })
  })

  it('hands out one repository at a time, so that 10,000 of them need no more room than one', async () => {
    const root = await useTempDir()
    for (let index = 0; index < 300; index += 1) {
      const folder = join(root, `models--org--repo-${index}/snapshots/${commitC}`)
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, 'x'), 'x')
    }
    let seen = 0
    for await (const step of scanRepos(root)) {
      seen += 1
      if (step.kind !== 'repo') throw new Error(step.kind)
      // The scan stands still while its reader works: what is removed meanwhile is not found later.
      for (const name of await readdir(root)) {
        if (name !== `models--${step.repo.repo.id.replace('/', '--')}`)
          await rm(join(root, name), { recursive: true })
      }
    }
    expect(seen).toBe(1)
  })
})

describe('remove', () => {
  it('case 66: the shared blob stays; what is private to the revision goes', async () => {
    const { root } = await openTwoRevisions()
    const plan = await planRemoval(root, [{ repo, revision: 'refs/pr/1' }])
    expect(plan).toMatchObject({ freedBytes: 3, notFound: [], repos: [{ whole: false }] })
    expect((await scanCache(root)).repos[0]?.revisions).toHaveLength(2)
    const report = await removePlanned(createTestDeps(), plan)
    expect(report).toMatchObject({ freedBytes: 3, removedRevisions: 1, inUse: [] })
    expect(await readdir(join(root, 'models--a--b/blobs'))).toHaveLength(2)
    expect(await readdir(join(root, 'models--a--b/snapshots'))).toEqual([commitD])
    expect(await readFile(join(root, `models--a--b/snapshots/${commitD}/shared.bin`), 'utf8')).toBe(
      'shared!',
    )
  })

  it('weak point 29: the listing, the markers and the empty ref folders of the revision go, too', async () => {
    const { root } = await openTwoRevisions()
    await removePlanned(createTestDeps(), await planRemoval(root, [{ repo, revision: commitC }]))
    const folder = join(root, 'models--a--b')
    expect(await readdir(join(folder, 'trees'))).toEqual([`${commitD}.json`])
    expect(await readdir(join(folder, '.no_exist'))).toEqual([])
    expect(await readdir(join(folder, 'refs'))).toEqual(['main'])
  })

  it('case 67: all revisions are the whole repository', async () => {
    const { root } = await openTwoRevisions()
    const plan = await planRemoval(root, [
      { repo, revision: 'main' },
      { repo, revision: commitC },
    ])
    expect(plan).toMatchObject({ freedBytes: 15, repos: [{ whole: true }] })
    expect(await removePlanned(createTestDeps(), plan)).toMatchObject({
      freedBytes: 15,
      removedRepos: 1,
    })
    expect((await readdir(root)).toSorted()).toEqual(['.locks', 'CACHEDIR.TAG'])
  })

  it('case 69: leaves nothing that a scan warns about', async () => {
    const { root } = await openTwoRevisions()
    await removePlanned(createTestDeps(), await planRemoval(root, [{ repo, revision: 'main' }]))
    const scan = await scanCache(root)
    expect(scan.warnings).toEqual([])
    expect(scan.repos[0]?.refs).toEqual({ 'refs/pr/1': commitC })
    expect(scan.repos[0]?.loose).toEqual([])
  })

  it('names what is not there, and removes nothing', async () => {
    const { root } = await openTwoRevisions()
    const plan = await planRemoval(root, [
      { repo: other },
      { repo, revision: 'dev' },
      { revision: 'e'.repeat(40) },
    ])
    expect(plan).toMatchObject({
      repos: [],
      notFound: ['dataset/x/y', 'model/a/b@dev', 'e'.repeat(40)],
    })
  })

  it('weak point 30: a commit in two repositories goes from the one that was named', async () => {
    const { root, store } = await openTwoRevisions()
    const renamed: RepoRef = { type: 'model', id: 'new/name' }
    await put(store, pinBytes('own.txt', 'old', { repo: renamed }), 'old')
    await removePlanned(
      createTestDeps(),
      await planRemoval(root, [{ repo: renamed, revision: commitC }]),
    )
    expect(await readdir(root)).not.toContain('models--new--name')
    expect(await readdir(join(root, 'models--a--b/snapshots'))).toHaveLength(2)
    await put(store, pinBytes('own.txt', 'old', { repo: renamed }), 'old')
    expect((await planRemoval(root, [{ revision: commitC }])).repos).toHaveLength(2)
  })

  it('without symlinks, frees the bytes of the snapshot and of its second names', async () => {
    const root = await useTempDir()
    const store = createHubCache(createTestDeps(), { root, disableSymlinks: true })
    await put(store, pinBytes('x', 'bytes'), 'bytes')
    await put(store, pinBytes('y', 'other', { commit: commitD }), 'other')
    const plan = await planRemoval(root, [{ repo, revision: commitC }])
    expect(plan.freedBytes).toBe(5)
    expect(await removePlanned(createTestDeps(), plan)).toMatchObject({ freedBytes: 5 })
    expect(await readdir(join(root, 'models--a--b/blobs'))).toHaveLength(1)
    expect(await scanCache(root)).toMatchObject({ sizeBytes: 5, orphanBytes: 0 })
  })

  it('never deletes through a link into the store shared between repositories, or into a layer', async () => {
    const root = await useTempDir()
    const lower = await useTempDir()
    const xetHash = 'ab'.repeat(32)
    const shared = join(root, 'blobs/ab', xetHash)
    await mkdir(dirname(shared), { recursive: true })
    await writeFile(shared, 'shared bytes')
    await put(createHubCache(createTestDeps(), { root: lower }), pinBytes('l', 'lower'), 'lower')
    const store = createHubCache(createTestDeps(), { root, layers: [lower] })
    await put(store, pinBytes('x.bin', 'shared bytes', { xetHash }), 'shared bytes')
    await put(store, pinBytes('l', 'lower'), 'lower')
    await put(store, pinBytes('z', 'z', { commit: commitD }), 'z')
    await removePlanned(createTestDeps(), await planRemoval(root, [{ repo, revision: commitC }]))
    expect(await readdir(join(root, 'models--a--b/blobs'))).toHaveLength(1)
    expect(await readFile(shared, 'utf8')).toBe('shared bytes')
    expect((await scanCache(lower)).sizeBytes).toBe(5)
  })
})

describe('what is in use stays', () => {
  it('weak point 31: a leased revision is neither removed nor pruned nor collected', async () => {
    const { root } = await openTwoRevisions()
    const deps = createTestDeps()
    const lease = await leaseRevision(deps, { root, repo, commit: commitC })
    for (const plan of [
      await planRemoval(root, [{ repo, revision: commitC }]),
      await planRemoval(root, [{ repo }]),
      await planGc(root, systemClock.now(), { maxBytes: 0 }),
    ]) {
      const report = await removePlanned(deps, plan)
      expect(report.inUse).toEqual([join(root, 'models--a--b/snapshots', commitC)])
      expect(await readFile(join(root, `models--a--b/snapshots/${commitC}/own.txt`), 'utf8')).toBe(
        'old',
      )
      expect(
        await readFile(join(root, `models--a--b/snapshots/${commitC}/shared.bin`), 'utf8'),
      ).toBe('shared!')
    }
    await lease.release()
    await lease.release()
    await removePlanned(deps, await planRemoval(root, [{ repo }]))
    expect(await readdir(root)).not.toContain('models--a--b')
  })

  it('CO-3: the lease of a process that died holds nothing', async () => {
    const { root } = await openTwoRevisions()
    const dead = createTestDeps({ platform: { pid: 999_999_999, hostname: 'here' } })
    const lease = await leaseRevision(dead, { root, repo, commit: commitC })
    const deps = createTestDeps({ platform: { hostname: 'here' } })
    const report = await removePlanned(deps, await planRemoval(root, [{ repo, revision: commitC }]))
    expect(report).toMatchObject({ removedRevisions: 1, inUse: [] })
    await lease.release()
  })

  it('weak point 31: a blob whose lock someone holds is left, and so is the repository around it', async () => {
    const { root, store } = await openTwoRevisions()
    const file = pinBytes('own.txt', 'old')
    await store.withFileLock(file, async () => {
      const report = await removePlanned(createTestDeps(), await planRemoval(root, [{ repo }]))
      expect(report).toMatchObject({ removedRepos: 0 })
      expect(report.inUse).toEqual([join(root, 'models--a--b/blobs', file.etag)])
      expect((await stat(join(root, 'models--a--b/blobs', file.etag))).size).toBe(3)
    })
  })

  it('case 34: a partial is left while its download runs, however old it is', async () => {
    const root = await useTempDir()
    const store = createHubCache(createTestDeps(), { root })
    const file = pinBytes('x.bin', 'whole')
    const { folder, stem } = await store.stageFile(file)
    const partial = join(folder, `${stem}.01234567.incomplete`)
    await writeFile(partial, 'wh')
    await store.withFileLock(file, async () => {
      const report = await removePlanned(createTestDeps(), await planPrune(root, soonMs()))
      expect(report.inUse).toEqual([partial])
    })
    const report = await removePlanned(createTestDeps(), await planPrune(root, soonMs()))
    expect(report).toMatchObject({ removedFiles: 1, freedBytes: 2 })
    expect(await readdir(folder)).toEqual([])
  })

  it('CC-1: never leaves a link to nothing while others link the same blob (race)', async () => {
    const root = await useTempDir()
    const store = createHubCache(createTestDeps(), { root })
    const file = pinBytes('shared.bin', 'shared!')
    const collector = createTestDeps()
    const won = { collector: 0, linker: 0 }
    for (let round = 0; round < 40; round += 1) {
      const doomed = round.toString(16).padStart(40, 'a')
      await put(store, { ...file, commit: doomed }, 'shared!')
      const plan = await planRemoval(root, [{ repo, revision: doomed }])
      const later = { ...file, commit: round.toString(16).padStart(40, 'b') }
      const [report] = await Promise.all([
        removePlanned(collector, {
          ...plan,
          repos: plan.repos.map((one) => ({ ...one, whole: false })),
        }),
        store.withFileLock(later, () => put(store, later, 'shared!')),
      ])
      won.collector += report.removedFiles
      won.linker += report.inUse.length + (report.removedFiles === 0 ? 1 : 0)
      const linked = join(store.snapshotFolder(repo, later.commit), 'shared.bin')
      expect(await readFile(linked, 'utf8')).toBe('shared!')
      // Each round starts from nothing.
      await removePlanned(collector, await planRemoval(root, [{ repo }]))
    }
    expect(won.collector + won.linker).toBeGreaterThanOrEqual(40)
  })
})

describe('prune', () => {
  it('removes revisions without a ref and old loose files, not young ones', async () => {
    const { root, store } = await openTwoRevisions()
    await store.writeRevision(repo, { requested: 'refs/pr/1', commit: commitD })
    const blobs = join(root, 'models--a--b/blobs')
    await writeFile(join(blobs, 'f'.repeat(40)), 'orphan')
    const young = await planPrune(root, systemClock.now())
    expect(young.repos[0]).toMatchObject({ loose: [], revisions: [{ commit: commitC }] })
    const old = await planPrune(root, soonMs())
    expect(old).toMatchObject({ freedBytes: 9 })
    await removePlanned(createTestDeps(), old)
    expect(await scanCache(root)).toMatchObject({ sizeBytes: 12, orphanBytes: 0 })
    expect((await planPrune(root, soonMs())).repos).toEqual([])
  })

  it('weak point 30: judges each repository by its own refs', async () => {
    const { root, store } = await openTwoRevisions()
    const copy: RepoRef = { type: 'model', id: 'new/name' }
    await put(store, pinBytes('own.txt', 'old', { repo: copy }), 'old')
    const plan = await planPrune(root, systemClock.now())
    expect(plan.repos.map(({ repo: { id } }) => id)).toEqual(['new/name'])
    const kept = await planPrune(root, systemClock.now(), { detached: false })
    expect(kept.repos).toEqual([])
  })
})

describe('gc', () => {
  /** Three repositories of 1,000 bytes, used 30, 20 and 10 days ago. */
  async function openThree(): Promise<string> {
    const root = await useTempDir()
    const store = createHubCache(createTestDeps(), { root })
    for (const [index, id] of ['org/oldest', 'org/middle', 'org/newest'].entries()) {
      const bytes = `${index}`.repeat(1000)
      const path = await put(store, pinBytes('x', bytes, { repo: { type: 'model', id } }), bytes)
      const used = (systemClock.now() - (30 - index * 10) * dayMs) / 1000
      await utimes(path, used, used)
      await store.writeRevision({ type: 'model', id }, { requested: 'main', commit: commitC })
    }
    return root
  }
  const idsOf = (plan: {
    readonly repos: readonly { readonly repo: RepoRef }[]
  }): readonly string[] => plan.repos.map(({ repo: { id } }) => id)

  it('CC-1: gives up the least recently used until the rest fits', async () => {
    const root = await openThree()
    expect(idsOf(await planGc(root, systemClock.now(), { maxBytes: 3000 }))).toEqual([])
    expect(idsOf(await planGc(root, systemClock.now(), { maxBytes: 2999 }))).toEqual(['org/oldest'])
    const plan = await planGc(root, systemClock.now(), { maxBytes: 1500 })
    expect(idsOf(plan)).toEqual(['org/oldest', 'org/middle'])
    await removePlanned(createTestDeps(), plan)
    expect((await scanCache(root)).sizeBytes).toBe(1000)
  })

  it('CC-1: gives up what nobody used for so long', async () => {
    const root = await openThree()
    const plan = await planGc(root, systemClock.now(), { olderThanMs: 15 * dayMs })
    expect(idsOf(plan).toSorted()).toEqual(['org/middle', 'org/oldest'])
    expect(idsOf(await planGc(root, systemClock.now(), {}))).toEqual([])
  })

  it('CC-1: keeps what is pinned, and with keepRefs what a ref names', async () => {
    const root = await openThree()
    const pins = [
      { repo: { type: 'model', id: 'org/oldest' } as const },
      { repo: { type: 'model', id: 'org/middle' } as const, revision: 'main' },
    ]
    expect(idsOf(await planGc(root, systemClock.now(), { maxBytes: 0, pins }))).toEqual([
      'org/newest',
    ])
    expect(idsOf(await planGc(root, systemClock.now(), { maxBytes: 0, keepRefs: true }))).toEqual(
      [],
    )
  })

  it('counts what revisions share only once they are both gone', async () => {
    const { root } = await openTwoRevisions()
    const plan = await planGc(root, systemClock.now(), { maxBytes: 8 })
    expect(plan.freedBytes).toBe(15)
    expect(plan.repos[0]?.whole).toBe(true)
    expect((await planGc(root, systemClock.now(), { maxBytes: 12 })).freedBytes).toBe(3)
  })
})

describe('verify', () => {
  const configFile = pinBytes('config.json', '{"a": 1}\n', {
    etag: 'cb5b2f69babc53f9145b45ad20b9a075d48717ef',
    hash: { algorithm: 'git-sha1', digest: 'cb5b2f69babc53f9145b45ad20b9a075d48717ef' },
  })
  const model = pinBytes('model.bin', 'weights')

  async function fill(store: FileStore, listed: boolean): Promise<readonly string[]> {
    const paths = [await put(store, configFile, '{"a": 1}\n'), await put(store, model, 'weights')]
    await store.writeRevision(repo, { requested: 'main', commit: commitC })
    if (!listed) return paths
    await store.writeTree(repo, commitC, [
      { path: 'config.json', sizeBytes: 9, blobId: configFile.etag },
      {
        path: 'model.bin',
        sizeBytes: 7,
        blobId: 'a'.repeat(40),
        lfs: { sha256: model.etag, sizeBytes: 7 },
      },
    ])
    return paths
  }

  it.each([true, false])(
    'case 70, weak point 40: finds a flipped byte in both kinds, offline (listing: %s)',
    async (listed) => {
      const root = await useTempDir()
      const store = createHubCache(createTestDeps(), { root })
      const paths = await fill(store, listed)
      const deps = { store, hasher: createTestHasher() }
      expect(await verifyRevision(deps, { repo, revision: 'main' })).toMatchObject({
        commit: commitC,
        checkedCount: 2,
        mismatches: [],
        repair: [],
        listed,
      })
      await writeFile(paths[0] ?? '', '{"a": 2}\n')
      await writeFile(paths[1] ?? '', 'Weights')
      const report = await verifyRevision(deps, { repo, revision: commitC })
      expect(report.mismatches.map(({ path, algorithm }) => [path, algorithm])).toEqual([
        ['config.json', 'git-sha1'],
        ['model.bin', 'sha256'],
      ])
      expect(report.repair).toEqual(['config.json', 'model.bin'])
      for (const file of [configFile, model]) {
        const bytes = file === model ? 'weights' : '{"a": 1}\n'
        await store.commitFile(await stageBytes(store, file, bytes), file)
      }
      expect((await verifyRevision(deps, { repo, revision: 'main' })).mismatches).toEqual([])
    },
  )

  it('names what is missing and what is extra', async () => {
    const store = createHubCache(createTestDeps(), { root: await useTempDir() })
    const [path = ''] = await fill(store, true)
    await rm(path)
    await writeFile(join(dirname(path), 'extra.txt'), 'x')
    const report = await verifyRevision(
      { store, hasher: createTestHasher() },
      { repo, revision: 'main' },
    )
    expect(report).toMatchObject({
      missing: ['config.json'],
      extra: ['extra.txt'],
      repair: ['config.json'],
    })
  })

  it('weak point 40: a local folder is verified without its own records as extra files', async () => {
    const folder = await useTempDir()
    const store = createLocalDir(createTestDeps(), { folder })
    await fill(store, false)
    await writeFile(join(folder, 'mine.txt'), 'x')
    const report = await verifyRevision(
      { store, hasher: createTestHasher() },
      { repo, revision: 'main' },
    )
    expect(report).toMatchObject({
      checkedCount: 2,
      extra: [],
      unknown: ['mine.txt'],
      mismatches: [],
    })
  })

  it('says when the revision is not here', async () => {
    const store = createHubCache(createTestDeps(), { root: await useTempDir() })
    const deps = { store, hasher: createTestHasher() }
    for (const revision of ['main', commitC]) {
      await expect(verifyRevision(deps, { repo, revision })).rejects.toMatchObject({
        code: 'HUB_CACHE_NOT_FOUND',
      })
    }
  })
})
