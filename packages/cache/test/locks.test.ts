import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { FileStore, FlowEvent } from '@hfx/core'
import { createManualClock, pinBytes, stageBytes, useTempDir } from '@hfx/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createHubCache, type HubCacheOptions } from '../src/index.ts'
import { createListLogger, createTestDeps } from './deps.ts'

const bytes = 'x'.repeat(300_000)
const file = pinBytes('x.bin', bytes)
const hasPython = spawnSync('python3', ['--version']).status === 0

/** Takes the lock as Python's filelock does, says so, and keeps it until it is told to go. */
const pythonHolder = `
import fcntl, os, sys
fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o664)
fcntl.flock(fd, fcntl.LOCK_EX)
print('held', flush=True)
sys.stdin.read()
`
/** Prints whether the lock could be had at once. */
const pythonTry = `
import fcntl, os, sys
fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o664)
try:
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    print('free')
except BlockingIOError:
    print('busy')
`

async function holdInPython(path: string): Promise<ChildProcess> {
  await mkdir(dirname(path), { recursive: true })
  const child = spawn('python3', ['-c', pythonHolder, path], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await new Promise((resolve) => child.stdout?.once('data', resolve))
  return child
}

function tryInPython(path: string): string {
  return spawnSync('python3', ['-c', pythonTry, path], { encoding: 'utf8' }).stdout.trim()
}

function lockOf(root: string): string {
  return join(root, '.locks/models--a--b', `${file.etag}.lock`)
}

function openCache(root: string, options: Partial<HubCacheOptions> = {}): FileStore {
  return createHubCache(createTestDeps(), { root, ...options })
}

describe.skipIf(!hasPython).each(['koffi', 'flock'] as const)(
  'locks by %s against python3',
  (locks) => {
    it('case 32, CO-2: Python finds the lock busy while we hold it, and free afterwards', async () => {
      const root = await useTempDir()
      const seen = await openCache(root, { locks }).withFileLock(file, async () =>
        tryInPython(lockOf(root)),
      )
      expect(seen).toBe('busy')
      expect(tryInPython(lockOf(root))).toBe('free')
      const stats = await stat(lockOf(root))
      expect(stats.size).toBe(0)
      expect(stats.mode & 0o777).toBe(0o664)
    })

    it('case 31: we wait while Python holds the lock, say so, and go on when it lets go', async () => {
      const root = await useTempDir()
      const holder = await holdInPython(lockOf(root))
      const store = openCache(root, { locks })
      const { folder, stem } = await store.stageFile(file)
      await writeFile(join(folder, `${stem}.00000000.incomplete`), bytes.slice(0, 200_000))
      const events: FlowEvent[] = []
      const emit = (event: FlowEvent): void => {
        events.push(event)
        if (event.type === 'file:wait') holder.stdin?.end()
      }
      expect(await store.withFileLock(file, async () => 'ours', { emit })).toBe('ours')
      expect(events[0]).toEqual({ type: 'phase:start', phase: 'wait', path: 'x.bin' })
      expect(events[1]).toMatchObject({
        type: 'file:wait',
        doneBytes: 200_000,
        totalBytes: 300_000,
      })
      expect(events.at(-1)).toEqual({ type: 'phase:end', phase: 'wait', path: 'x.bin' })
    })

    it('CO-3: takes over when the owner is killed', async () => {
      const root = await useTempDir()
      const holder = await holdInPython(lockOf(root))
      const emit = (event: FlowEvent): void => {
        if (event.type === 'file:wait') holder.kill('SIGKILL')
      }
      const store = openCache(root, { locks })
      expect(await store.withFileLock(file, async () => 'ours', { emit })).toBe('ours')
    })

    it('NO-2: an abort ends the wait', async () => {
      const root = await useTempDir()
      await holdInPython(lockOf(root))
      const stop = new AbortController()
      const emit = (): void => stop.abort(new Error('enough'))
      const waiting = openCache(root, { locks }).withFileLock(file, async () => 1, {
        emit,
        signal: stop.signal,
      })
      await expect(waiting).rejects.toThrow('enough')
    })

    it('locks the file that has the name now, when an older filelock removed the one before', async () => {
      const root = await useTempDir()
      const holder = await holdInPython(lockOf(root))
      const emit = (event: FlowEvent): void => {
        if (event.type !== 'file:wait') return
        void rm(lockOf(root)).then(() => holder.stdin?.end())
      }
      const store = openCache(root, { locks })
      const seen = await store.withFileLock(file, async () => tryInPython(lockOf(root)), { emit })
      expect(seen).toBe('busy')
    })
  },
)

describe.skipIf(!hasPython)('locks and patience', () => {
  it('weak point 39: an owner without progress is waited for only so long, then the work is done anyway', async () => {
    const root = await useTempDir()
    await holdInPython(lockOf(root))
    const clock = createManualClock()
    const logger = createListLogger()
    const store = createHubCache(createTestDeps({ clock, logger }), { root, lockPatienceMs: 5000 })
    const events: FlowEvent[] = []
    const working = store.withFileLock(file, async () => 'done', {
      emit: (event) => events.push(event),
    })
    const done = new AbortController()
    void working.finally(() => done.abort())
    while (!done.signal.aborted) {
      await clock.advance(100)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    expect(await working).toBe('done')
    expect(clock.monotonic()).toBeGreaterThanOrEqual(5000)
    expect(events.filter(({ type }) => type === 'file:wait').length).toBeGreaterThanOrEqual(1)
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'job:warning', code: 'LOCK_UNAVAILABLE' }),
    )
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
  })
})

describe('when locks do not work', () => {
  it('CO-1: sixteen writers with a lock that is always granted leave one whole file', async () => {
    const root = await useTempDir()
    const stores = Array.from({ length: 16 }, () => openCache(root, { locks: 'none' }))
    const paths = await Promise.all(
      stores.map(async (store, index) => {
        const staged = await store.stageFile(file)
        const path = join(
          staged.folder,
          `${staged.stem}.${index.toString(16).padStart(8, '0')}.incomplete`,
        )
        await writeFile(path, bytes)
        const verified = await stageBytes(openCache(await useTempDir()), file, bytes)
        return (await store.commitFile({ ...verified, path }, file)).path
      }),
    )
    expect(new Set(paths).size).toBe(1)
    for (const path of new Set(paths)) expect(await readFile(path, 'utf8')).toBe(bytes)
    const { folder } = stores[0]?.stagingPlace(file) ?? { folder: '' }
    expect(await readdir(folder)).toEqual([file.etag])
  })

  it('CO-3: a lock folder that cannot be made is a warning, never a failure', async () => {
    const root = await useTempDir()
    await writeFile(join(root, '.locks'), 'a file where the folder should be')
    const logger = createListLogger()
    const store = createHubCache(createTestDeps({ logger }), { root })
    const events: FlowEvent[] = []
    const emit = (event: FlowEvent): void => void events.push(event)
    expect(await store.withFileLock(file, async () => 1, { emit })).toBe(1)
    expect(await store.withFileLock(file, async () => 2, { emit })).toBe(2)
    expect(events).toEqual([expect.objectContaining({ code: 'LOCK_UNAVAILABLE' })])
  })

  it('small files are not worth a process of flock(1), and go unlocked between processes', async () => {
    const root = await useTempDir()
    const small = pinBytes('small', 'x')
    await openCache(root, { locks: 'flock' }).withFileLock(small, async () => {})
    expect(await readdir(join(root, '.locks/models--a--b'))).toEqual([])
    await openCache(root, { locks: 'koffi' }).withFileLock(small, async () => {})
    expect((await stat(join(root, '.locks/models--a--b', `${small.etag}.lock`))).size).toBe(0)
  })

  it('a small file of which nothing is here is fetched in the time that its lock takes, and goes unlocked', async () => {
    const root = await useTempDir()
    const store = openCache(root, { locks: 'koffi' })
    const small = pinBytes('small', 'x')
    await store.withFileLock(small, async () => {}, { absent: true })
    const names = await readdir(root, { recursive: true })
    expect(names.filter((name) => name.endsWith(`${small.etag}.lock`))).toEqual([])
    await store.withFileLock(file, async () => {}, { absent: true })
    expect((await stat(lockOf(root))).size).toBe(0)
  })
})
