import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock, type FileStore } from '@hfx/core'
import { pinBytes, useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import {
  createHubCache,
  leaseRevision,
  planGc,
  planPrune,
  planRemoval,
  removePlanned,
  scanCache,
} from '../src/index.ts'
import { createFileLocks } from '../src/file-lock.ts'
import { lockPath } from '../src/layout.ts'
import { resolveCacheDeps, resolveStoreOptions } from '../src/options.ts'
import { createTestDeps } from './deps.ts'
import { bring, commitC, dayMs, fillTwoRevisions, openCache, repo } from './subjects.ts'

async function openTwo(): Promise<{ readonly root: string; readonly store: FileStore }> {
  const root = await useTempDir()
  const store = openCache(root)
  await fillTwoRevisions(store)
  return { root, store }
}

describe('what is in use stays', () => {
  it('weak point 31: a leased revision is neither removed nor pruned nor collected', async () => {
    const { root } = await openTwo()
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

  it('weak point 31: a prune leaves the finished files of a download whose ref comes last', async () => {
    const root = await useTempDir()
    const store = openCache(root)
    const deps = createTestDeps()
    await bring(store, pinBytes('done', 'done'), 'done')
    await store.withFileLock(pinBytes('running', 'running'), async () => {
      const plan = await planPrune(root, systemClock.now())
      expect(await removePlanned(deps, plan)).toMatchObject({
        removedRevisions: 0,
        removedRepos: 0,
      })
      expect(await store.listSnapshot(repo, commitC)).toEqual(['done'])
    })
    await removePlanned(deps, await planPrune(root, systemClock.now()))
    expect(await store.listSnapshot(repo, commitC)).toEqual([])
  })

  it('CO-3: the lease of a process that died holds nothing', async () => {
    const { root } = await openTwo()
    const dead = createTestDeps({ platform: { pid: 999_999_999, hostname: 'here' } })
    const lease = await leaseRevision(dead, { root, repo, commit: commitC })
    const deps = createTestDeps({ platform: { hostname: 'here' } })
    const report = await removePlanned(deps, await planRemoval(root, [{ repo, revision: commitC }]))
    expect(report).toMatchObject({ removedRevisions: 1, inUse: [] })
    await lease.release()
  })

  it('weak point 31: a blob whose lock someone holds is left, and so is the repository around it', async () => {
    const { root } = await openTwo()
    const file = pinBytes('own.txt', 'old')
    // Held as Python holds it: a lock, and no lease of ours.
    const locks = createFileLocks(resolveCacheDeps(createTestDeps()), resolveStoreOptions({}))
    const held = await locks.tryLock(lockPath(root, repo, file.etag))
    if (typeof held === 'string') throw new Error(held)
    const report = await removePlanned(createTestDeps(), await planRemoval(root, [{ repo }]))
    expect(report).toMatchObject({ removedRepos: 0 })
    expect(report.inUse).toEqual([join(root, 'models--a--b/blobs', file.etag)])
    await held.release()
    const blob = await readFile(join(root, 'models--a--b/blobs', file.etag), 'utf8')
    expect(blob).toBe('old')
  })

  it('case 34: a partial is left while its download runs, however old it is', async () => {
    const root = await useTempDir()
    const store = createHubCache(createTestDeps(), { root })
    const file = pinBytes('x.bin', 'whole')
    const { folder, stem } = await store.stageFile(file)
    const partial = join(folder, `${stem}.01234567.incomplete`)
    const journal = join(folder, `${stem}.01234567.89abcdef.journal.incomplete`)
    await writeFile(partial, 'wh')
    await writeFile(journal, 'j')
    await store.withFileLock(file, async () => {
      const report = await removePlanned(
        createTestDeps(),
        await planPrune(root, systemClock.now() + 2 * dayMs),
      )
      expect(report.inUse.toSorted()).toEqual([journal, partial].toSorted())
    })
    const report = await removePlanned(
      createTestDeps(),
      await planPrune(root, systemClock.now() + 2 * dayMs),
    )
    expect(report).toMatchObject({ removedFiles: 2, freedBytes: 3 })
    expect(await readdir(folder)).toEqual([])
  })

  it('CC-1: a collector that runs in the worst moment, between look and link, takes nothing (race)', async () => {
    const { root, store } = await openTwo()
    const file = pinBytes('own.txt', 'old', { commit: 'e'.repeat(40) })
    const deps = createTestDeps()
    const plan = await planRemoval(root, [{ repo, revision: commitC }])
    await store.withFileLock(file, async () => {
      const state = await store.findFile(file)
      if (state.kind !== 'link') throw new Error(state.kind)
      const report = await removePlanned(deps, plan)
      expect(report).toMatchObject({ removedRevisions: 1, removedFiles: 0 })
      const { path } = await store.linkFile(file, state)
      expect(await readFile(path, 'utf8')).toBe('old')
    })
    expect((await scanCache(root)).danglingLinks).toEqual([])
  })

  it('CC-1: what came into use since the plan stays: the blob is looked at again', async () => {
    const { root, store } = await openTwo()
    const plan = await planRemoval(root, [{ repo, revision: commitC }])
    const file = pinBytes('own.txt', 'old', { commit: 'e'.repeat(40) })
    const path = await bring(store, file, 'old')
    expect(await removePlanned(createTestDeps(), plan)).toMatchObject({ removedFiles: 0 })
    expect(await readFile(path, 'utf8')).toBe('old')
  })

  it('CC-1: forty rounds of collecting and linking at once leave no link to nothing', async () => {
    const root = await useTempDir()
    const store = openCache(root)
    for (let round = 0; round < 40; round += 1) {
      const [doomed, later] = ['a', 'b'].map((fill) => round.toString(16).padStart(40, fill))
      const file = pinBytes('shared.bin', 'shared!', { commit: later ?? '' })
      await bring(store, { ...file, commit: doomed ?? '' }, 'shared!')
      const plan = await planRemoval(root, [{ repo, revision: doomed ?? '' }])
      const inPieces = { ...plan, repos: plan.repos.map((one) => ({ ...one, whole: false })) }
      const [path] = await Promise.all([
        store.withFileLock(file, () => bring(store, file, 'shared!')),
        removePlanned(createTestDeps(), inPieces),
      ])
      expect(await readFile(path, 'utf8')).toBe('shared!')
      await removePlanned(createTestDeps(), await planRemoval(root, [{ repo }]))
    }
  })
})
