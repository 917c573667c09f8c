import { open, rm } from 'node:fs/promises'
import type { Clock } from '@hfx/core'
import { errnoOf } from './disk-error.ts'
import { statFile } from './find-file.ts'
import type { HeldLock, LockBackend, NoLock } from './lock-backend.ts'
import type { Platform } from './platform.ts'
import { readSmallFile } from './read-small-file.ts'

/** A lock file without an owner is somebody's who is about to write it, for this long. */
const malformedGraceMs = 2000
/** Nobody can see whether a process of another host lives; a lock this old is taken to be left behind. */
const foreignLeaseMs = 3_600_000
const maxLockBytes = 4096

export interface SoftLockDeps {
  readonly clock: Clock
  readonly platform: Platform
}

/** Who a soft lock says it belongs to. */
export interface LockOwner {
  readonly pid: number
  readonly hostname: string
}

/** The owner in a lock file's text; undefined when it names none. */
export function parseLockOwner(text: string): LockOwner | undefined {
  const [pid, hostname] = text.split('\n').map((line) => line.trim())
  if (pid === undefined || !/^\d{1,10}$/.test(pid) || !hostname) return undefined
  return { pid: Number(pid), hostname }
}

/** True when a lock file names an owner who may still be at work. */
export function isOwnerAlive(
  { clock, platform }: SoftLockDeps,
  file: { readonly text: string; readonly mtimeMs: number },
): boolean {
  const owner = parseLockOwner(file.text)
  if (owner === undefined) return false
  if (owner.hostname === platform.hostname) return platform.isAlive(owner.pid)
  return clock.now() - file.mtimeMs < foreignLeaseMs
}

/**
 * The lock by existence that Python falls back to where a volume has no flock: a file with pid and host, removed on
 * release. One whose owner has died is taken over.
 */
export function createSoftLocks(deps: SoftLockDeps): LockBackend {
  return { name: 'soft', pollMs: 100, minBytes: 0, tryLock: (path) => trySoftLock(deps, path) }
}

async function trySoftLock(deps: SoftLockDeps, path: string): Promise<HeldLock | NoLock> {
  const lock = { release: () => rm(path, { force: true }) }
  if (await createOwned(deps.platform, path)) return lock
  if (!(await isAbandoned(deps, path))) return 'busy'
  await rm(path, { force: true })
  return (await createOwned(deps.platform, path)) ? lock : 'busy'
}

async function createOwned(platform: Platform, path: string): Promise<boolean> {
  try {
    const handle = await open(path, 'wx', 0o664)
    try {
      await handle.write(`${platform.pid}\n${platform.hostname}\n`)
    } finally {
      await handle.close()
    }
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw error
  }
}

async function isAbandoned(deps: SoftLockDeps, path: string): Promise<boolean> {
  const file = await readSmallFile(path, maxLockBytes)
  // Gone, or nothing that a client would write; but one that we may not read is somebody's.
  if (!file) return (await statFile(path)) === undefined
  if (parseLockOwner(file.text)) return !isOwnerAlive(deps, file)
  return deps.clock.now() - file.mtimeMs > malformedGraceMs
}
