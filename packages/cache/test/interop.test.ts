import { readFile, readlink, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type FlowEvent, systemClock } from '@hfx/core'
import { describeWithPython, pinBytes, type PythonClient, useTempDir } from '@hfx/testing'
import { expect, it } from 'vitest'
import { planPrune, planRemoval, removePlanned, scanCache } from '../src/index.ts'
import { createTestDeps } from './deps.ts'
import {
  bring,
  commitD,
  dayMs,
  link,
  openCache,
  openDir,
  otherRepo,
  put,
  repo,
  xetHash,
} from './subjects.ts'

// What needs no Hub. Downloads by both clients are in `packages/hub/test/interop`, commands in `apps/cli/test`.

const mechanisms = ['koffi', 'flock'] as const

describeWithPython('locks of Python and ours', (python) => {
  it.each(mechanisms)('case 31: with %s we wait while Python holds the lock', async (locks) => {
    const root = await useTempDir()
    const file = pinBytes('x.bin', 'x'.repeat(300_000))
    const lock = join(root, '.locks/models--a--b', `${file.etag}.lock`)
    const holder = await python.start({ do: 'hold', lock })
    expect(await holder.firstLine).toBe('held')
    const events: FlowEvent[] = []
    const emit = (event: FlowEvent): void => {
      events.push(event)
      if (event.type === 'file:wait') holder.process.stdin?.end()
    }
    await openCache(root, { locks }).withFileLock(file, async () => {}, { emit })
    expect(events[0]).toMatchObject({ type: 'phase:start', phase: 'wait' })
    expect((await stat(lock)).size).toBe(0)
  })

  it.each(mechanisms)('cases 31, 32: with %s Python waits while we hold it', async (locks) => {
    const root = await useTempDir()
    const file = pinBytes('x.bin', 'x'.repeat(300_000))
    const lock = join(root, '.locks/models--a--b', `${file.etag}.lock`)
    await openCache(root, { locks }).withFileLock(file, async () => {
      expect(await python.ask({ do: 'lock', lock, seconds: 0.5 })).toBe('taken')
    })
    expect(await python.ask({ do: 'lock', lock, seconds: 0.5 })).toBe('free')
    expect((await stat(lock)).size).toBe(0)
  })

  it('case 31: in a local folder, too, the lock of a file keeps both out', async () => {
    const folder = await useTempDir()
    const lock = join(folder, '.cache/huggingface/download/x.bin.lock')
    const file = pinBytes('x.bin', 'x'.repeat(300_000))
    await openDir(folder).store.withFileLock(file, async () => {
      expect(await python.ask({ do: 'lock', lock, seconds: 0.5 })).toBe('taken')
    })
    expect(await python.ask({ do: 'lock', lock, seconds: 0.5 })).toBe('free')
  })

  it('case 31: the lock that Python takes where there is no flock keeps us out as well', async ({
    skip,
  }) => {
    const root = await useTempDir()
    const file = pinBytes('x.bin', 'x'.repeat(300_000))
    const lock = join(root, '.locks/models--a--b', `${file.etag}.lock`)
    const holder = await python.start({ do: 'hold-soft', lock })
    expect(await holder.firstLine).toBe('held')
    if ((await stat(lock)).size === 0) return skip('this filelock does not say who holds it')
    const types: string[] = []
    const emit = (event: FlowEvent): void => {
      types.push(event.type)
      if (event.type === 'file:wait') holder.process.stdin?.end()
    }
    await openCache(root).withFileLock(file, async () => {}, { emit })
    expect(types).toContain('file:wait')
  })

  it('keeps a blob whose lock Python holds, and the partial beside it', async () => {
    const root = await useTempDir()
    const store = openCache(root)
    const file = pinBytes('x.bin', 'x'.repeat(300_000))
    await put(store, file, 'x'.repeat(300_000))
    const partial = join(root, 'models--a--b/blobs', `${file.etag}.0123abcd.incomplete`)
    await writeFile(partial, 'half')
    const lock = join(root, '.locks/models--a--b', `${file.etag}.lock`)
    const holder = await python.start({ do: 'hold', lock })
    await holder.firstLine
    const later = systemClock.now() + 2 * dayMs
    const report = await removePlanned(createTestDeps(), await planPrune(root, later))
    const blob = join(root, 'models--a--b/blobs', file.etag)
    expect(report).toMatchObject({ removedFiles: 0, inUse: [blob] })
    expect(await readFile(partial, 'utf8')).toBe('half')
    expect((await stat(blob)).size).toBe(300_000)
  })
})

/** The store that newer clients share between repositories; older ones have none. */
async function hasSharedStore(python: PythonClient): Promise<boolean> {
  const args = { blob_path: '/nowhere/x', xet_hash: xetHash, cache_dir: '/nowhere' }
  try {
    await python.ask({ do: 'publish', args: { ...args, expected_size: 1 } })
    return true
  } catch {
    return false
  }
}

describeWithPython('the store that Python shares between repositories', (python) => {
  it('is read by us without a copy, survives our removal, and its collector keeps what we show', async ({
    skip,
  }) => {
    if (!(await hasSharedStore(python))) return skip(`${python.version} has no such store`)
    const root = await useTempDir()
    const store = openCache(root)
    const there = { repo: otherRepo, commit: commitD, xetHash }
    const theirs = pinBytes('x.bin', 'shared bytes', there)
    await put(store, theirs, 'shared bytes')
    const blob = join(root, 'datasets--x--y/blobs', theirs.etag)
    const args = { xet_hash: xetHash, cache_dir: root, expected_size: 12 }
    expect(await python.ask({ do: 'publish', args: { ...args, blob_path: blob } })).toBe(true)
    const stored = join(root, 'blobs/ab', xetHash)
    const ours = pinBytes('y.bin', 'shared bytes', { xetHash })
    const shown = await link(store, ours)
    const target = await readlink(join(root, 'models--a--b/blobs', ours.etag))
    expect(target).toBe(`../../blobs/ab/${xetHash}`)

    const scan = await python.ask({ do: 'scan', cache_dir: root })
    expect(scan).toMatchObject({ warnings: [], size: 12 })
    const scanned = await scanCache(root)
    expect(scanned).toMatchObject({ warnings: [], damaged: [], orphanBytes: 0 })

    // Python removes its repository: what we show stays.
    await python.ask({ do: 'delete', cache_dir: root, revisions: [theirs.commit] })
    expect(await readFile(shown, 'utf8')).toBe('shared bytes')
    expect(await python.ask({ do: 'scan', cache_dir: root })).toMatchObject({ warnings: [] })

    // We remove ours: the store is Python's, and its own prune empties it.
    await bring(store, ours, 'shared bytes')
    await removePlanned(createTestDeps(), await planRemoval(root, [{ repo }]))
    expect(await readFile(stored, 'utf8')).toBe('shared bytes')
    const pruned = await python.hf(['cache', 'prune', '--yes', '--cache-dir', root])
    expect(pruned).toMatchObject({ code: 0 })
    await expect(readFile(stored)).rejects.toThrow('ENOENT')
  })
})
