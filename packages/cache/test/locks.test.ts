import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { FileStore, FlowEvent } from '@hfx/core'
import { createManualClock, pinBytes, stageBytes, useTempDir } from '@hfx/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createFdLocks } from '../src/fd-lock.ts'
import { createHubCache, type HubCacheOptions } from '../src/index.ts'
import { createOpenLocks, isOpenLockBusy, openLockFlags } from '../src/open-lock.ts'
import { resolvePlatform } from '../src/platform.ts'
import { createSoftLocks, parseLockOwner } from '../src/soft-lock.ts'
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
    it('CO-2: Python finds the lock busy while we hold it, and free afterwards', async () => {
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
    let settled = false
    void working.finally(() => {
      settled = true
    })
    while (!settled) {
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
    const { readdir } = await import('node:fs/promises')
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
    await expect(stat(join(root, '.locks'))).rejects.toThrow('ENOENT')
    await openCache(root, { locks: 'koffi' }).withFileLock(small, async () => {})
    expect((await stat(join(root, '.locks/models--a--b', `${small.etag}.lock`))).size).toBe(0)
  })
})

describe('locks by existence, where a volume has no flock', () => {
  const platform = resolvePlatform({
    hostname: 'here',
    pid: 77,
    isAlive: (pid) => pid === 77 || pid === 5,
  })

  async function lockPath(): Promise<string> {
    return join(await useTempDir(), 'x.lock')
  }

  it('writes pid and host as Python does, and removes the file', async () => {
    const path = await lockPath()
    const locks = createSoftLocks({ clock: createManualClock(), platform })
    const held = await locks.tryLock(path)
    if (typeof held === 'string') throw new Error(held)
    expect(await readFile(path, 'utf8')).toBe('77\nhere\n')
    expect(await locks.tryLock(path)).toBe('busy')
    await held.release()
    await expect(stat(path)).rejects.toThrow('ENOENT')
  })

  it.each([
    ['5\nhere\n', 'busy'],
    ['6\nhere\ntoken\n', 'ours'],
    ['6\nelsewhere\n', 'busy'],
  ])('finds the lock of %j %s', async (text, expected) => {
    const path = await lockPath()
    await writeFile(path, text)
    const clock = createManualClock((await stat(path)).mtimeMs)
    const result = await createSoftLocks({ clock, platform }).tryLock(path)
    expect(typeof result === 'string' ? result : 'ours').toBe(expected)
  })

  it('takes over a malformed lock after two seconds, and one of another host after an hour', async () => {
    const path = await lockPath()
    for (const [text, graceMs] of [
      ['', 2001],
      ['6\nelsewhere\n', 3_600_001],
    ] as const) {
      await writeFile(path, text)
      const madeMs = (await stat(path)).mtimeMs
      const early = createSoftLocks({ clock: createManualClock(madeMs + graceMs - 100), platform })
      expect(await early.tryLock(path)).toBe('busy')
      const late = createSoftLocks({ clock: createManualClock(madeMs + graceMs), platform })
      expect(typeof (await late.tryLock(path))).toBe('object')
    }
  })

  it('is what flock falls back to, and leaves no empty file that would look like a lock', async () => {
    const path = await lockPath()
    const clock = createManualClock()
    const noFlock = { name: 'koffi', lockFd: async () => 'unsupported' } as const
    expect(await createFdLocks({ clock, platform }, noFlock).tryLock(path)).toBe('unsupported')
    await expect(stat(path)).rejects.toThrow('ENOENT')
  })

  it('is honoured by flock where both meet, while its owner lives', async () => {
    const path = await lockPath()
    const granted = { name: 'koffi', lockFd: async () => 'held' } as const
    await writeFile(path, '5\nhere\n')
    const locks = createFdLocks({ clock: createManualClock(), platform }, granted)
    expect(await locks.tryLock(path)).toBe('busy')
    await writeFile(path, '6\nhere\n')
    expect(typeof (await locks.tryLock(path))).toBe('object')
  })

  it.each([
    ['12\nhost\n', { pid: 12, hostname: 'host' }],
    ['12\nhost\ntoken\n', { pid: 12, hostname: 'host' }],
    ['', undefined],
    ['12', undefined],
    ['x\nhost', undefined],
  ])('reads the owner in %j', (text, owner) => {
    expect(parseLockOwner(text)).toEqual(owner)
  })
})

describe('locks by opening, on macOS and Windows', () => {
  it.each([
    ['darwin', 0x20],
    ['win32', 0x1000_0000],
  ])('%s has a flag for it', (os, flag) => {
    expect((openLockFlags(os) ?? 0) & flag).toBe(flag)
    expect(openLockFlags('linux')).toBeUndefined()
  })

  it.each([
    ['darwin', 'EAGAIN', true],
    ['darwin', 'EACCES', false],
    ['win32', 'EBUSY', true],
    ['win32', 'ENOENT', false],
  ])('on %s an open that fails with %s means busy: %s', (os, errno, busy) => {
    expect(isOpenLockBusy(errno, os)).toBe(busy)
  })

  it('holds the lock as long as the file is open', async () => {
    let open = 0
    const openFile = async (): Promise<{ close(): Promise<void> }> => {
      if (open > 0) throw Object.assign(new Error('EAGAIN'), { code: 'EAGAIN' })
      open += 1
      return {
        close: async () => {
          open -= 1
        },
      }
    }
    const locks = createOpenLocks('darwin', openFile)
    const held = await locks?.tryLock('/x.lock')
    expect(await locks?.tryLock('/x.lock')).toBe('busy')
    if (typeof held === 'object') await held.release()
    expect(typeof (await locks?.tryLock('/x.lock'))).toBe('object')
  })
})
