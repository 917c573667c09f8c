import { utimes } from 'node:fs/promises'
import { type FileStore, systemClock } from '@hfx/core'
import { pinBytes, useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { createHubCache, planGc, type RemovalPlan, removePlanned, scanCache } from '../src/index.ts'
import { createTestDeps } from './deps.ts'
import { bring, commitC, dayMs, fillTwoRevisions, openCache } from './subjects.ts'

async function openTwo(): Promise<{ readonly root: string; readonly store: FileStore }> {
  const root = await useTempDir()
  const store = openCache(root)
  await fillTwoRevisions(store)
  return { root, store }
}

/** Three repositories of 1,000 bytes, used 30, 20 and 10 days ago. */
async function openThree(): Promise<string> {
  const root = await useTempDir()
  const store = createHubCache(createTestDeps(), { root })
  for (const [index, id] of ['org/oldest', 'org/middle', 'org/newest'].entries()) {
    const bytes = `${index}`.repeat(1000)
    const path = await bring(store, pinBytes('x', bytes, { repo: { type: 'model', id } }), bytes)
    const used = (systemClock.now() - (30 - index * 10) * dayMs) / 1000
    await utimes(path, used, used)
    await store.writeRevision({ type: 'model', id }, { requested: 'main', commit: commitC })
  }
  return root
}

function idsOf(plan: RemovalPlan): readonly string[] {
  return plan.repos.map(({ repo: { id } }) => id)
}

describe('gc', () => {
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
    const { root } = await openTwo()
    const plan = await planGc(root, systemClock.now(), { maxBytes: 8 })
    expect(plan.freedBytes).toBe(15)
    expect(plan.repos[0]?.whole).toBe(true)
    expect((await planGc(root, systemClock.now(), { maxBytes: 12 })).freedBytes).toBe(3)
  })
})
