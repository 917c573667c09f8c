import { constants } from 'node:fs'
import { type FileHandle, open, rm, stat } from 'node:fs/promises'
import type { Clock } from '@hfx/core'
import { errnoOf, isAbsent } from './disk-error.ts'
import type { HeldLock, LockBackend, NoLock } from './lock-backend.ts'
import type { Platform } from './platform.ts'
import { isOwnerAlive } from './soft-lock.ts'

export interface FdLockDeps {
  readonly clock: Clock
  readonly platform: Platform
}

export interface FdLocker {
  readonly name: 'koffi' | 'flock'
  /** Locks an open descriptor. */
  lockFd(fd: number): Promise<'held' | NoLock>
}

const costs = {
  koffi: { pollMs: 50, minBytes: 0 },
  // Each try is a process of some 4 ms.
  flock: { pollMs: 250, minBytes: 256 * 1024 },
} as const

/** Locks the open file, as Python's `filelock` does: the lock lives as long as the descriptor, also through a crash. */
export function createFdLocks(deps: FdLockDeps, locker: FdLocker): LockBackend {
  return {
    name: locker.name,
    ...costs[locker.name],
    tryLock: (path) => tryLock(deps, locker, path),
  }
}

async function tryLock(
  deps: FdLockDeps,
  locker: FdLocker,
  path: string,
): Promise<HeldLock | NoLock> {
  for (;;) {
    const handle = await openLockFile(path)
    const result = await claim(deps, { locker, path }, handle)
    if (result === 'ours') return { release: () => handle.close() }
    await handle.close()
    if (result !== 'nameless') return result
  }
}

/** `nameless`: some versions of filelock removed the file on release, and what we locked has no name any more. */
async function claim(
  deps: FdLockDeps,
  { locker, path }: { readonly locker: FdLocker; readonly path: string },
  handle: FileHandle,
): Promise<'ours' | 'nameless' | NoLock> {
  try {
    const result = await locker.lockFd(handle.fd)
    if (result === 'unsupported') await dropEmpty(handle, path)
    if (result !== 'held') return result
    if (!(await isStillNamed(handle, path))) return 'nameless'
    if (await isSoftlyHeld(deps, handle)) return 'busy'
    await shareLock(handle)
    return 'ours'
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** Never truncates: before the lock is ours, the content is somebody else's. A reader may lock, too. */
async function openLockFile(path: string): Promise<FileHandle> {
  const { O_CREAT, O_NOFOLLOW, O_RDONLY, O_RDWR } = constants
  try {
    return await open(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o664)
  } catch (error) {
    if (errnoOf(error) !== 'EACCES') throw error
    return open(path, O_RDONLY | O_NOFOLLOW)
  }
}

async function isStillNamed(handle: FileHandle, path: string): Promise<boolean> {
  const held = await handle.stat()
  try {
    const named = await stat(path)
    return held.nlink > 0 && named.ino === held.ino && named.dev === held.dev
  } catch (error) {
    if (isAbsent(error)) return false
    throw error
  }
}

/** A pid and host in the file: the lock by existence of a client for which flock did not work here. */
async function isSoftlyHeld(deps: FdLockDeps, handle: FileHandle): Promise<boolean> {
  const { size, mtimeMs } = await handle.stat()
  if (size === 0 || size > 4096) return false
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096), 0, 4096, 0)
  return isOwnerAlive(deps, { text: buffer.toString('utf8', 0, bytesRead), mtimeMs })
}

/** Where nobody can flock, an empty lock file means nothing, and would look like somebody's soft lock. */
async function dropEmpty(handle: FileHandle, path: string): Promise<void> {
  const { size } = await handle.stat()
  if (size === 0 && (await isStillNamed(handle, path))) await rm(path, { force: true })
}

/** 0664 whatever the umask, as Python: others of the group must be able to wait. Only the owner can. */
async function shareLock(handle: FileHandle): Promise<void> {
  const { mode } = await handle.stat()
  if ((mode & 0o777) !== 0o664) await handle.chmod(0o664).catch(() => {})
}
