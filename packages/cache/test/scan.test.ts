import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pinBytes, useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { createHubCache, scanCache, scanRepos } from '../src/index.ts'
import { createTestDeps } from './deps.ts'
import { bring, commitC, commitD, openTwo, otherRepo, repo } from './subjects.ts'

describe('scan', () => {
  it('case 65: counts each blob once, with refs, files and no warnings', async () => {
    const { root } = await openTwo()
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
    await bring(linked, pinBytes('one', 'first'), 'first')
    await bring(plain, pinBytes('two', 'second'), 'second')
    const scan = await scanCache(root)
    expect(scan.sizeBytes).toBe(11)
    expect(scan.repos[0]?.fileCount).toBe(2)
    expect(scan.repos[0]?.loose).toEqual([])
  })

  it('case 68: passes over desktop files and warns once for each damage, as Python', async () => {
    const { root, store } = await openTwo()
    await bring(store, pinBytes('fine', 'fine', { repo: otherRepo }), 'fine')
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
    expect(scan.warnings.map((line) => line.split(/[:.]/, 1).join('')).toSorted()).toEqual([
      'Blob missing (broken symlink)',
      'Repo path is not a directory',
      'Repo path is not a valid HuggingFace cache directory',
      'Repo type must be model, dataset, space or kernel',
    ])
  })

  it('weak point 29: kernels, bare refs, markers and moved refs are normal', async () => {
    const root = await useTempDir()
    const store = createHubCache(createTestDeps(), { root })
    await bring(store, pinBytes('k', 'k', { repo: { type: 'kernel', id: 'k/k' } }), 'k')
    await store.markMissing(repo, commitC, 'gone')
    await store.writeRevision(otherRepo, { requested: 'main', commit: commitD })
    const scan = await scanCache(root)
    expect(scan.warnings).toEqual([])
    expect(scan.repos.map(({ repo: { type } }) => type).toSorted()).toEqual([
      'dataset',
      'kernel',
      'model',
    ])
  })

  it('CC-2: finds partials, orphans, leftovers and stale locks, which Python does not count', async () => {
    const { root, store } = await openTwo()
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
    const { root } = await openTwo()
    await writeFile(join(root, 'models--a--b/refs/main.0123abcd.tmp'), commitC)
    expect(Object.keys((await scanCache(root)).repos[0]?.refs ?? {})).toEqual(['main', 'refs/pr/1'])
  })

  it.each(['missing', 'file'])('says when there is no cache (%s)', async (kind) => {
    const root = join(await useTempDir(), 'hub')
    if (kind === 'file') await writeFile(root, '')
    await expect(scanCache(root)).rejects.toMatchObject({ code: 'HUB_CACHE_NOT_FOUND' })
  })

  it('reads only a few repositories ahead, so that 10,000 of them need no more room than those', async () => {
    const root = await useTempDir()
    for (let index = 0; index < 60; index += 1) {
      const folder = join(root, `models--org--repo-${index}/snapshots/${commitC}`)
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, 'x'), 'x')
    }
    let seen = 0
    for await (const step of scanRepos(root)) {
      expect(step.kind).toBe('repo')
      seen += 1
      // The scan stands still while its reader works: what is removed meanwhile is not found later.
      if (seen > 1) continue
      for (const name of await readdir(root)) await rm(join(root, name), { recursive: true })
    }
    expect(seen).toBeLessThanOrEqual(4)
  })

  it('can be stopped by its reader and by a signal', async () => {
    const { root, store } = await openTwo()
    await bring(store, pinBytes('fine', 'fine', { repo: otherRepo }), 'fine')
    for await (const step of scanRepos(root)) {
      expect(step.kind).toBe('repo')
      break
    }
    const stopped = scanCache(root, { signal: AbortSignal.abort(new Error('enough')) })
    await expect(stopped).rejects.toThrow('enough')
  })
})
