import type { FileLockOptions } from '@hfx/core'
import type { HeldLock } from './lock-backend.ts'
import type { ResolvedCacheDeps } from './options.ts'

/** What a waiter waits for, and who hears of it. */
export interface LockWait extends FileLockOptions {
  /** Repository path, for events. */
  readonly path: string
  readonly totalBytes: number
  /** Bytes that the owner of the lock has on disk so far. */
  readDoneBytes(): Promise<number>
}

export interface WaitNotice {
  /** Tells once that we wait. */
  begin(): void
  end(): void
}

/** How often a waiter looks at what the owner has done, in milliseconds. */
const lookMs = 1000

/** The pair of events around a wait, however many reasons there are to wait. */
export function createWaitNotice({ emit, path }: LockWait): WaitNotice {
  let begun = false
  return {
    begin() {
      if (!begun) emit?.({ type: 'phase:start', phase: 'wait', path })
      begun = true
    },
    end() {
      if (begun) emit?.({ type: 'phase:end', phase: 'wait', path })
      begun = false
    },
  }
}

/**
 * Asks for a busy lock again and again, showing what its owner gets done. Undefined when the owner has shown no
 * progress for `patienceMs`: a stuck owner must not stop others, and nothing but work is lost without the lock.
 */
export async function waitForLock(
  deps: Pick<ResolvedCacheDeps, 'clock'>,
  lock: {
    readonly pollMs: number
    readonly patienceMs: number
    tryAgain(): Promise<HeldLock | 'busy' | 'unavailable'>
  },
  wait: LockWait,
): Promise<HeldLock | undefined> {
  const startMs = deps.clock.monotonic()
  let seen = { bytes: -1, movedAtMs: startMs, lookedAtMs: startMs - lookMs }
  for (;;) {
    const nowMs = deps.clock.monotonic()
    if (nowMs - seen.lookedAtMs >= lookMs) {
      // What cannot be read is no progress, and no reason to fail.
      const bytes = await wait.readDoneBytes().catch(() => 0)
      seen = {
        bytes,
        movedAtMs: bytes === seen.bytes ? seen.movedAtMs : nowMs,
        lookedAtMs: nowMs,
      }
      tellProgress(wait, { doneBytes: bytes, waitedMs: nowMs - startMs })
    }
    if (nowMs - seen.movedAtMs >= lock.patienceMs) return undefined
    await deps.clock.sleep(lock.pollMs, wait.signal)
    const result = await lock.tryAgain()
    if (result !== 'busy') return result === 'unavailable' ? undefined : result
  }
}

function tellProgress(
  { emit, path, totalBytes }: LockWait,
  so: { readonly doneBytes: number; readonly waitedMs: number },
): void {
  emit?.({ type: 'file:wait', path, totalBytes, ...so })
}
