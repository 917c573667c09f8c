import { dirname } from 'node:path'
import { createFdLocks } from './fd-lock.ts'
import { loadKoffiLocker } from './flock.ts'
import { createFlockCommand } from './flock-command.ts'
import type { HeldLock, LockBackend } from './lock-backend.ts'
import { makeFolder } from './make-folder.ts'
import { createOpenLocks } from './open-lock.ts'
import type { ResolvedCacheDeps, ResolvedStoreOptions } from './options.ts'
import { createSoftLocks } from './soft-lock.ts'

/** The way in which locks are taken here, found when the first is needed. */
export interface LockMechanism {
  readonly pollMs: number
  readonly minBytes: number
  /** The lock if it is free right now. Never rejects. */
  tryLock(path: string): Promise<HeldLock | 'busy' | 'unavailable'>
}

/**
 * Picks what excludes Python's client too: a lock by opening (macOS, Windows), flock(2) by koffi, flock(1); and the
 * lock by existence on a volume where those turn out not to work.
 */
export async function findLockMechanism(
  deps: ResolvedCacheDeps,
  options: ResolvedStoreOptions,
): Promise<LockMechanism | undefined> {
  const first = await findBackend(deps, options)
  if (first === undefined) return undefined
  const soft = createSoftLocks(deps)
  let backend = first
  return {
    pollMs: first.pollMs,
    minBytes: first.minBytes,
    async tryLock(path) {
      try {
        await makeFolder(dirname(path), options.shared)
        let result = await backend.tryLock(path)
        if (result === 'unsupported' && backend !== soft) {
          deps.logger.debug('this volume has no flock; locking by existence', { path })
          backend = soft
          result = await backend.tryLock(path)
        }
        return result === 'unsupported' || result === 'absent' ? 'unavailable' : result
      } catch (error) {
        deps.logger.debug('the lock file cannot be used', { path, error })
        return 'unavailable'
      }
    },
  }
}

async function findBackend(
  deps: ResolvedCacheDeps,
  { locks }: ResolvedStoreOptions,
): Promise<LockBackend | undefined> {
  if (locks === 'none') return undefined
  if (locks === 'auto' || locks === 'open') {
    const byOpening = createOpenLocks(deps.platform.os)
    if (byOpening || locks === 'open') return byOpening
  }
  if (locks !== 'flock') {
    const koffi = await loadKoffiLocker(deps.logger)
    if (koffi) return createFdLocks(deps, koffi)
  }
  return locks === 'koffi' ? undefined : createFdLocks(deps, createFlockCommand())
}
