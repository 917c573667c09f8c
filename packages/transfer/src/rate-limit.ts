import type { Clock } from '@hfx/core'

/** One allowance of bytes per second for all lanes. */
export interface RateLimit {
  /** Counts bytes that have arrived; a promise when the socket must wait until they are paid for. */
  take(bytes: number, signal: AbortSignal): Promise<void> | undefined
  /** New speed, also for those who wait now; undefined for no limit. */
  setRate(bytesPerSecond: number | undefined): void
}

/** Unused time is credited for this long, so that a short lull does not cost speed. */
const burstMs = 100

/**
 * A bucket that fills at the set rate. Each arrival queues behind those before it, so many lanes share the rate
 * smoothly instead of waking together.
 */
export function createRateLimit(clock: Clock, bytesPerSecond: number | undefined): RateLimit {
  let rate = bytesPerSecond
  let paidBytes = 0
  let takenBytes = 0
  let settledMs = clock.monotonic()
  let change = new AbortController()

  function settle(): void {
    const nowMs = clock.monotonic()
    if (rate !== undefined) {
      paidBytes += ((nowMs - settledMs) * rate) / 1000
      paidBytes = Math.min(paidBytes, takenBytes + (rate * burstMs) / 1000)
    }
    settledMs = nowMs
  }

  async function waitUntilPaid(ticket: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      settle()
      if (rate === undefined || paidBytes >= ticket) return
      const waitMs = Math.ceil(((ticket - paidBytes) * 1000) / rate)
      await sleepUnlessChanged(clock, waitMs, { signal, change: change.signal })
    }
  }

  return {
    take: (bytes, signal) => {
      if (rate === undefined) return undefined
      settle()
      takenBytes += bytes
      return paidBytes >= takenBytes ? undefined : waitUntilPaid(takenBytes, signal)
    },
    setRate: (next) => {
      settle()
      if (rate === undefined) paidBytes = takenBytes
      rate = next
      const before = change
      change = new AbortController()
      before.abort()
    },
  }
}

interface SleepSignals {
  readonly signal: AbortSignal
  readonly change: AbortSignal
}

async function sleepUnlessChanged(clock: Clock, waitMs: number, on: SleepSignals): Promise<void> {
  try {
    await clock.sleep(waitMs, AbortSignal.any([on.signal, on.change]))
  } catch (error) {
    if (!on.change.aborted || on.signal.aborted) throw error
  }
}
