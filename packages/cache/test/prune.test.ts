import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock, type FileStore, type RepoRef } from '@hfx/core'
import { pinBytes, useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { planPrune, removePlanned, scanCache } from '../src/index.ts'
import { createTestDeps } from './deps.ts'
import { bring, commitC, commitD, dayMs, fillTwoRevisions, openCache, repo } from './subjects.ts'

async function openTwo(): Promise<{ readonly root: string; readonly store: FileStore }> {
  const root = await useTempDir()
  const store = openCache(root)
  await fillTwoRevisions(store)
  return { root, store }
}

describe('prune', () => {
  it('removes revisions without a ref and old loose files, not young ones', async () => {
    const { root, store } = await openTwo()
    await store.writeRevision(repo, { requested: 'refs/pr/1', commit: commitD })
    const blobs = join(root, 'models--a--b/blobs')
    await writeFile(join(blobs, 'f'.repeat(40)), 'orphan')
    const young = await planPrune(root, systemClock.now())
    expect(young.repos[0]).toMatchObject({ loose: [], revisions: [{ commit: commitC }] })
    const old = await planPrune(root, systemClock.now() + 2 * dayMs)
    expect(old).toMatchObject({ freedBytes: 9 })
    await removePlanned(createTestDeps(), old)
    expect(await scanCache(root)).toMatchObject({ sizeBytes: 12, orphanBytes: 0 })
    expect((await planPrune(root, systemClock.now() + 2 * dayMs)).repos).toEqual([])
  })

  it('weak point 30: judges each repository by its own refs', async () => {
    const { root, store } = await openTwo()
    const copy: RepoRef = { type: 'model', id: 'new/name' }
    await bring(store, pinBytes('own.txt', 'old', { repo: copy }), 'old')
    const plan = await planPrune(root, systemClock.now())
    expect(plan.repos.map(({ repo: { id } }) => id)).toEqual(['new/name'])
    const kept = await planPrune(root, systemClock.now(), { detached: false })
    expect(kept.repos).toEqual([])
  })
})
