import type { Clock } from '@hfx/core'

export interface Deadline {
  readonly clock: Clock
  /** Milliseconds; `Infinity` for none. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** The error for when time is up. */
  readonly expired: () => Error
}

/**
 * Waits for work until time is up or the signal aborts, whichever is first. The work's own signal aborts with it;
 * work that does not listen is left behind.
 */
export async function withDeadline<T>(
  deadline: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  deadline.signal.throwIfAborted()
  const settled = new AbortController()
  const late = new AbortController()
  const signal = AbortSignal.any([deadline.signal, late.signal])
  try {
    return await Promise.race([
      work(signal),
      expire(deadline, late, settled.signal),
      rejectOnAbort(signal, settled.signal),
    ])
  } finally {
    settled.abort()
  }
}

/** Aborts when time is up; rejects when the work was settled before. Never resolves, so it never wins the race. */
async function expire(
  deadline: Deadline,
  late: AbortController,
  settled: AbortSignal,
): Promise<never> {
  if (deadline.timeoutMs !== Number.POSITIVE_INFINITY) {
    await deadline.clock.sleep(deadline.timeoutMs, settled)
    late.abort(deadline.expired())
  }
  return new Promise<never>(() => {})
}

function rejectOnAbort(signal: AbortSignal, settled: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    // The work may have aborted it before it first waited.
    if (signal.aborted) return reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: settled })
  })
}
