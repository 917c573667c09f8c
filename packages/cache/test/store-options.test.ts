import { makeFolder } from '../src/make-folder.ts'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createManualClock, pinBytes, stageBytes, useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { createHubCache, createLocalDir, planPrune, type Platform } from '../src/index.ts'
import { isPassingRenameError } from '../src/rename-file.ts'
import { createTestDeps } from './deps.ts'
import { commitC, fillTwoRevisions, openCache, put, repo } from './subjects.ts'

const file = pinBytes('sub/x.bin', 'bytes')

function watchFlushes(): { readonly platform: Partial<Platform>; readonly flushed: string[] } {
  const flushed: string[] = []
  const platform = {
    flush: async (path: string) => {
      flushed.push(path)
    },
  }
  return { platform, flushed }
}

describe('durable', () => {
  it('CO-4: flushes the bytes before the rename and the folder after it, in the Hub cache', async () => {
    const { platform, flushed } = watchFlushes()
    const deps = createTestDeps({ platform })
    const root = await useTempDir()
    await put(createHubCache(deps, { root }), file, 'bytes')
    expect(flushed).toEqual([])
    await put(createHubCache(deps, { root, durable: true }), file, 'bytes')
    const blobs = join(root, 'models--a--b/blobs')
    expect(flushed).toEqual([expect.stringMatching(/\.incomplete$/), blobs])
  })

  it('CO-4: and in a local folder', async () => {
    const { platform, flushed } = watchFlushes()
    const folder = await useTempDir()
    await put(
      createLocalDir(createTestDeps({ platform }), { folder, durable: true }),
      file,
      'bytes',
    )
    expect(flushed).toEqual([expect.stringMatching(/\.incomplete$/), join(folder, 'sub')])
  })
})

describe('renamePatienceMs', () => {
  it.each([
    ['win32', 'EPERM', true],
    ['win32', 'EACCES', true],
    ['win32', 'EBUSY', true],
    ['linux', 'EBUSY', true],
    ['linux', 'ESTALE', true],
    ['linux', 'EPERM', false],
    ['linux', 'ENOSPC', false],
    ['win32', 'ENOENT', false],
  ])('WI-4: on %s a rename that fails with %s is tried again: %s', (os, errno, again) => {
    expect(isPassingRenameError(errno, os)).toBe(again)
  })

  it('WI-4: waits for the program that holds the file', async () => {
    const clock = createManualClock()
    const tries: string[] = []
    const platform: Partial<Platform> = {
      rename: async (from, to) => {
        tries.push(to)
        if (tries.length < 5) throw Object.assign(new Error('EBUSY'), { code: 'EBUSY' })
        await rename(from, to)
      },
    }
    const store = createHubCache(createTestDeps({ clock, platform }), { root: await useTempDir() })
    const verified = await stageBytes(store, file, 'bytes')
    await settle(store.commitFile(verified, file), () => clock.advance(50))
    expect(tries.length).toBeGreaterThanOrEqual(5)
    expect((await store.findFile(file)).kind).toBe('cached')
  })

  it('WI-4: gives up when its patience ends, and says what to do', async () => {
    const clock = createManualClock()
    const platform: Partial<Platform> = {
      rename: () => Promise.reject(Object.assign(new Error('EBUSY'), { code: 'EBUSY' })),
    }
    const options = { root: await useTempDir(), renamePatienceMs: 2000 }
    const store = createHubCache(createTestDeps({ clock, platform }), options)
    const verified = await stageBytes(store, file, 'bytes')
    const failing = settle(store.commitFile(verified, file), () => clock.advance(50))
    await expect(failing).rejects.toMatchObject({
      code: 'HUB_DISK',
      hint: expect.stringContaining('Close the program'),
    })
    expect(clock.monotonic()).toBeGreaterThanOrEqual(1000)
  })
})

describe('looseOlderThanMs', () => {
  it('is the age from which partials are pruned', async () => {
    const root = await useTempDir()
    await fillTwoRevisions(openCache(root))
    await writeFile(join(root, 'models--a--b/blobs/x.0123abcd.incomplete'), 'half')
    const inAnHour = Date.parse(new Date().toISOString()) + 3_600_000
    expect((await planPrune(root, inAnHour)).freedBytes).toBe(0)
    expect((await planPrune(root, inAnHour, { looseOlderThanMs: 60_000 })).freedBytes).toBe(4)
  })
})

describe('errors of the disk', () => {
  it.each([
    ['ENOSPC', 'HUB_NO_SPACE'],
    ['EDQUOT', 'HUB_NO_SPACE'],
    ['EROFS', 'HUB_READ_ONLY'],
    ['EACCES', 'HUB_PERMISSION_DENIED'],
    ['EIO', 'HUB_DISK'],
  ])('%s is %s, with the path, a hint and the cause', async (errno, code) => {
    const cause = Object.assign(new Error(errno), { code: errno })
    const platform: Partial<Platform> = { rename: () => Promise.reject(cause) }
    const store = createHubCache(createTestDeps({ platform }), { root: await useTempDir() })
    const path = join(store.snapshotFolder(repo, commitC), 'sub/x.bin')
    const verified = await stageBytes(store, file, 'bytes')
    await expect(store.commitFile(verified, file)).rejects.toMatchObject({
      code,
      path,
      cause,
      hint: expect.stringMatching(/\.$/),
    })
  })
})

/** Lets time pass until the work is done. */
async function settle<T>(work: Promise<T>, tick: () => Promise<void>): Promise<T> {
  const done = new AbortController()
  const over = (): void => done.abort()
  work.then(over, over)
  while (!done.signal.aborted) {
    await tick()
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  return work
}

it.runIf(process.platform === 'linux')(
  'a file system that says ENOENT for every new folder ends in an error, not in a loop',
  async () => {
    await expect(makeFolder('/proc/hfx-no-such/blobs', 'user')).rejects.toMatchObject({
      code: 'ENOENT',
    })
  },
)
