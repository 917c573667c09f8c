import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createManualClock, useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { createFdLocks, type FdLocker } from '../src/fd-lock.ts'
import { createOpenLocks, isOpenLockBusy, openLockFlags } from '../src/open-lock.ts'
import { resolvePlatform } from '../src/platform.ts'
import { createSoftLocks, parseLockOwner } from '../src/soft-lock.ts'

async function lockPath(): Promise<string> {
  return join(await useTempDir(), 'x.lock')
}

describe('locks by existence, where a volume has no flock', () => {
  const platform = resolvePlatform({
    hostname: 'here',
    pid: 77,
    isAlive: (pid) => pid === 77 || pid === 5,
  })

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
    const noFlock: FdLocker = { name: 'koffi', lockFd: async () => 'unsupported' }
    expect(await createFdLocks({ clock, platform }, noFlock).tryLock(path)).toBe('unsupported')
    await expect(stat(path)).rejects.toThrow('ENOENT')
  })

  it('flock looks whether what it locked still has its name, and else locks again', async () => {
    const path = await lockPath()
    const fds: number[] = []
    const locker: FdLocker = {
      name: 'koffi',
      lockFd: async (fd) => {
        fds.push(fd)
        // An older filelock removes the file when it lets go, and the next one makes another.
        if (fds.length === 1) {
          await rm(path)
          await writeFile(path, '')
        }
        return 'held'
      },
    }
    const held = await createFdLocks({ clock: createManualClock(), platform }, locker).tryLock(path)
    expect(fds).toHaveLength(2)
    expect((await stat(path)).size).toBe(0)
    if (typeof held === 'object') await held.release()
  })

  it('is honoured by flock where both meet, while its owner lives', async () => {
    const path = await lockPath()
    const granted: FdLocker = { name: 'koffi', lockFd: async () => 'held' }
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
