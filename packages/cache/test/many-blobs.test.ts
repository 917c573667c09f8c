import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { RepoRef } from '@hfx/core'
import { systemClock } from '@hfx/core'
import { useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { planGc, planPrune, planRemoval, removePlanned, scanCache } from '../src/index.ts'
import { createTestDeps } from './deps.ts'
import { commitC, commitD } from './subjects.ts'

const repo: RepoRef = { type: 'dataset', id: 'a/many' }
setFlagsFromString('--expose_gc')

function liveBytes(): number {
  runInNewContext('gc()')
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** The most that is alive while something runs, above what was before. */
async function growthOf(work: () => Promise<unknown>): Promise<number> {
  const base = liveBytes()
  let most = 0
  const look = setInterval(() => (most = Math.max(most, liveBytes() - base)), 100)
  try {
    await work()
  } finally {
    clearInterval(look)
  }
  return most
}

/** `count` blobs, all shown by one commit; `shared` of them by another, too. */
function fill(root: string, count: number, shared: number): void {
  const folder = join(root, 'datasets--a--many')
  const snapshots = [commitC, commitD].map((commit) => join(folder, 'snapshots', commit))
  for (const made of [...snapshots, join(folder, 'blobs')]) mkdirSync(made, { recursive: true })
  for (let at = 0; at < count; at += 1) {
    const name = at.toString(16).padStart(40, '0')
    writeFileSync(join(folder, 'blobs', name), 'x')
    for (const snapshot of at < shared ? snapshots : snapshots.slice(0, 1)) {
      symlinkSync(`../../blobs/${name}`, join(snapshot, `file-${at}.txt`))
    }
  }
}

describe('repositories of very many files', () => {
  it('are scanned, pruned and collected in less than 200 bytes a file', async () => {
    const root = await useTempDir()
    const count = 10_000
    fill(root, count, 0)
    const now = systemClock.now()
    expect((await growthOf(() => scanCache(root))) / count).toBeLessThan(200)
    expect((await growthOf(() => planPrune(root, now))) / count).toBeLessThan(200)
    const all = { olderThanMs: -1000 }
    expect((await growthOf(() => planGc(root, now, all))) / count).toBeLessThan(200)
    expect((await growthOf(() => planRemoval(root, [{ repo }]))) / count).toBeLessThan(200)
  })

  it('lose what only one revision shows, and keep what another does', async () => {
    const root = await useTempDir()
    fill(root, 700, 300)
    const locks = join(root, '.locks/datasets--a--many')
    await mkdir(locks, { recursive: true })
    await writeFile(join(locks, `${'0'.repeat(40)}.lock`), '')
    await writeFile(join(locks, `${'f'.repeat(40)}.lock`), '')
    expect((await scanCache(root)).staleLocks).toEqual([join(locks, `${'f'.repeat(40)}.lock`)])
    const plan = await planRemoval(root, [{ repo, revision: commitC }])
    const report = await removePlanned(createTestDeps(), plan)
    expect(report).toMatchObject({ removedRevisions: 1, inUse: [] })
    expect(report).toMatchObject({ removedFiles: 400, freedBytes: 400 })
    expect(await readdir(join(root, 'datasets--a--many/blobs'))).toHaveLength(300)
    expect((await scanCache(root)).danglingLinks).toEqual([])
  })
})
