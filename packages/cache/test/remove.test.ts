import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type RepoRef } from '@hfx/core'
import { pinBytes, useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { createHubCache, planRemoval, removePlanned, scanCache } from '../src/index.ts'
import { createTestDeps } from './deps.ts'
import {
  bring,
  commitC,
  commitD,
  openTwo,
  otherRepo,
  repo,
  storeShared,
  xetHash,
} from './subjects.ts'

describe('remove', () => {
  it('case 66: the shared blob stays; what is private to the revision goes', async () => {
    const { root } = await openTwo()
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
    const { root } = await openTwo()
    await removePlanned(createTestDeps(), await planRemoval(root, [{ repo, revision: commitC }]))
    const folder = join(root, 'models--a--b')
    expect(await readdir(join(folder, 'trees'))).toEqual([`${commitD}.json`])
    expect(await readdir(join(folder, '.no_exist'))).toEqual([])
    expect(await readdir(join(folder, 'refs'))).toEqual(['main'])
  })

  it('case 67: all revisions are the whole repository', async () => {
    const { root } = await openTwo()
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
    const { root } = await openTwo()
    await removePlanned(createTestDeps(), await planRemoval(root, [{ repo, revision: 'main' }]))
    const scan = await scanCache(root)
    expect(scan.warnings).toEqual([])
    expect(scan.repos[0]?.refs).toEqual({ 'refs/pr/1': commitC })
    expect(scan.repos[0]?.loose).toEqual([])
  })

  it('names what is not there, and removes nothing', async () => {
    const { root } = await openTwo()
    const plan = await planRemoval(root, [
      { repo: otherRepo },
      { repo, revision: 'dev' },
      { revision: 'e'.repeat(40) },
    ])
    expect(plan).toMatchObject({
      repos: [],
      notFound: ['dataset/x/y', 'model/a/b@dev', 'e'.repeat(40)],
    })
  })

  it('weak point 30: a commit in two repositories goes from the one that was named', async () => {
    const { root, store } = await openTwo()
    const renamed: RepoRef = { type: 'model', id: 'new/name' }
    await bring(store, pinBytes('own.txt', 'old', { repo: renamed }), 'old')
    await removePlanned(
      createTestDeps(),
      await planRemoval(root, [{ repo: renamed, revision: commitC }]),
    )
    expect(await readdir(root)).not.toContain('models--new--name')
    expect(await readdir(join(root, 'models--a--b/snapshots'))).toHaveLength(2)
    await bring(store, pinBytes('own.txt', 'old', { repo: renamed }), 'old')
    expect((await planRemoval(root, [{ revision: commitC }])).repos).toHaveLength(2)
  })

  it('without symlinks, frees the bytes of the snapshot and of its second names', async () => {
    const root = await useTempDir()
    const store = createHubCache(createTestDeps(), { root, disableSymlinks: true })
    await bring(store, pinBytes('x', 'bytes'), 'bytes')
    await bring(store, pinBytes('y', 'other', { commit: commitD }), 'other')
    const plan = await planRemoval(root, [{ repo, revision: commitC }])
    expect(plan.freedBytes).toBe(5)
    expect(await removePlanned(createTestDeps(), plan)).toMatchObject({ freedBytes: 5 })
    expect(await readdir(join(root, 'models--a--b/blobs'))).toHaveLength(1)
    expect(await scanCache(root)).toMatchObject({ sizeBytes: 5, orphanBytes: 0 })
  })

  it('never deletes through a link into the store shared between repositories, or into a layer', async () => {
    const root = await useTempDir()
    const lower = await useTempDir()
    const shared = await storeShared(root, 'shared bytes')
    await bring(createHubCache(createTestDeps(), { root: lower }), pinBytes('l', 'lower'), 'lower')
    const store = createHubCache(createTestDeps(), { root, layers: [lower] })
    await bring(store, pinBytes('x.bin', 'shared bytes', { xetHash }), 'shared bytes')
    await bring(store, pinBytes('l', 'lower'), 'lower')
    await bring(store, pinBytes('z', 'z', { commit: commitD }), 'z')
    await removePlanned(createTestDeps(), await planRemoval(root, [{ repo, revision: commitC }]))
    expect(await readdir(join(root, 'models--a--b/blobs'))).toHaveLength(1)
    expect(await readFile(shared, 'utf8')).toBe('shared bytes')
    expect((await scanCache(lower)).sizeBytes).toBe(5)
  })

  it('finishes a removal that was killed half way', async () => {
    const { root } = await openTwo()
    const half = join(root, '.locks/models--gone--repo/tmp_0123456789abcdef')
    await mkdir(half, { recursive: true })
    await writeFile(join(half, 'blob'), 'left')
    await removePlanned(createTestDeps(), await planRemoval(root, []))
    expect(await readdir(join(root, '.locks/models--gone--repo'))).toEqual([])
  })
})
