import type { Clock } from '@hfx/core'

export interface ManualClock extends Clock {
  /** Moves time on and wakes every sleeper that is due, in order. */
  advance(ms: number): Promise<void>
  /** Sleepers that wait, each with the time it wants to wake at. */
  readonly sleepers: readonly number[]
}

/** A clock that stands still until a test moves it. */
export function createManualClock(startMs = 1_700_000_000_000): ManualClock {
  let nowMs = startMs
  let waiting: { readonly atMs: number; readonly wake: () => void }[] = []
  return {
    now: () => nowMs,
    monotonic: () => nowMs - startMs,
    get sleepers() {
      return waiting.map((sleeper) => sleeper.atMs)
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const stop = (): void => {
          waiting = waiting.filter((other) => other !== sleeper)
          reject(signal?.reason)
        }
        const wake = (): void => {
          signal?.removeEventListener('abort', stop)
          resolve()
        }
        const sleeper = { atMs: nowMs + ms, wake }
        waiting.push(sleeper)
        signal?.addEventListener('abort', stop, { once: true })
      }),
    async advance(ms) {
      const untilMs = nowMs + ms
      for (;;) {
        await settle()
        const due = waiting
          .filter((sleeper) => sleeper.atMs <= untilMs)
          .toSorted((a, b) => a.atMs - b.atMs)[0]
        if (!due) break
        nowMs = Math.max(nowMs, due.atMs)
        waiting = waiting.filter((sleeper) => sleeper !== due)
        due.wake()
      }
      nowMs = untilMs
      await settle()
    },
  }
}

/** Lets every promise that can settle do so. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}
