import { createKeyedMutex } from './keyed-mutex.ts'
import type { HeldLock } from './lock-backend.ts'
import { findLockMechanism, type LockMechanism } from './lock-mechanism.ts'
import { createWaitNotice, type LockWait, waitForLock, type WaitNotice } from './lock-wait.ts'
import type { ResolvedCacheDeps, ResolvedStoreOptions } from './options.ts'

export interface FileLocks {
  /** Runs `work` as the only one who holds this lock, as far as the volume can tell. Never fails for want of a lock. */
  withLock<T>(path: string, work: () => Promise<T>, wait: LockWait): Promise<T>
  /** The lock if it is free right now, also between calls of this process. */
  tryLock(path: string): Promise<HeldLock | 'busy' | 'unavailable'>
}

/** Locks that Python's client honours, by the best mechanism there is. */
export function createFileLocks(deps: ResolvedCacheDeps, options: ResolvedStoreOptions): FileLocks {
  const mutex = createKeyedMutex()
  let finding: Promise<LockMechanism | undefined> | undefined
  const find = (): Promise<LockMechanism | undefined> =>
    (finding ??= findLockMechanism(deps, options))
  const warnOnce = createWarnOnce(deps)
  return {
    async withLock<T>(path: string, work: () => Promise<T>, wait: LockWait): Promise<T> {
      const notice = createWaitNotice(wait)
      const run = async (): Promise<T> => {
        const mechanism = await find()
        const held = await acquire({ deps, options, mechanism, notice, warnOnce }, path, wait)
        notice.end()
        try {
          return await work()
        } finally {
          await release(held, deps)
        }
      }
      try {
        const queued = { signal: wait.signal, onWait: () => notice.begin() }
        return await mutex.run(path, run, queued)
      } finally {
        notice.end()
      }
    },
    async tryLock(path) {
      return (await (await find())?.tryLock(path)) ?? 'unavailable'
    },
  }
}

interface AcquireDeps {
  readonly deps: ResolvedCacheDeps
  readonly options: ResolvedStoreOptions
  readonly mechanism: LockMechanism | undefined
  readonly notice: WaitNotice
  readonly warnOnce: (wait: LockWait, why: string) => void
}

async function acquire(
  { deps, options, mechanism, notice, warnOnce }: AcquireDeps,
  path: string,
  wait: LockWait,
): Promise<HeldLock | undefined> {
  if (mechanism && wait.totalBytes < leastBytes(mechanism, wait)) return undefined
  const first = (await mechanism?.tryLock(path)) ?? 'unavailable'
  if (mechanism === undefined || first === 'unavailable') {
    if (options.locks !== 'none') warnOnce(wait, 'no lock can be taken here')
    return undefined
  }
  if (first !== 'busy') return first
  notice.begin()
  const lock = {
    pollMs: mechanism.pollMs,
    patienceMs: options.lockPatienceMs,
    tryAgain: () => mechanism.tryLock(path),
  }
  const held = await waitForLock(deps, lock, wait)
  if (held === undefined) warnOnce(wait, `the owner of the lock ${path} shows no progress`)
  return held
}

/** Below it, a file is fetched in the time that its lock takes. Other work than fetching is worth any lock there is. */
const leastAbsentBytes = 256 * 1024

function leastBytes(mechanism: LockMechanism, wait: LockWait): number {
  return wait.absent === true ? Math.max(leastAbsentBytes, mechanism.minBytes) : mechanism.minBytes
}

async function release(held: HeldLock | undefined, { logger }: ResolvedCacheDeps): Promise<void> {
  try {
    await held?.release()
  } catch (error) {
    logger.debug('the lock could not be released; it ends with this process', { error })
  }
}

/** A missing lock costs at most double work, so it is said once a store, not once a file. */
function createWarnOnce({ logger }: ResolvedCacheDeps): AcquireDeps['warnOnce'] {
  let warned = false
  return (wait, why) => {
    if (warned) return
    warned = true
    const message = `${why}; going on without it: two processes may fetch the same file, both rightly`
    logger.warn(message, { path: wait.path })
    wait.emit?.({ type: 'job:warning', code: 'LOCK_UNAVAILABLE', message })
  }
}
