/** Bytes at moments of the last seconds, oldest first; bounded whatever the number of events. */
export type RateWindow = readonly RateSample[]

export interface RateSample {
  readonly atMs: number
  readonly bytes: number
}

const windowMs = 10_000
/** Events closer than this share a sample. */
const sampleMs = 250

/** The window after `bytes` have arrived in all at `atMs`. */
export function addSample(window: RateWindow, atMs: number, bytes: number): RateWindow {
  const last = window.at(-1)
  const before = window.at(-2)
  const kept = before && last && last.atMs - before.atMs < sampleMs ? window.slice(0, -1) : window
  const since = Math.max(atMs, last?.atMs ?? atMs)
  return [...dropOld(kept, since), { atMs: since, bytes }]
}

/** Bytes per second over the window as it is at `nowMs`: it falls while nothing arrives. */
export function rateOf(window: RateWindow, nowMs: number): number {
  const live = dropOld(window, nowMs)
  const first = live[0]
  const last = live.at(-1)
  if (!first || !last || last.bytes <= first.bytes) return 0
  // Half a second at least, or the first burst would be shown as an absurd rate.
  return ((last.bytes - first.bytes) / Math.max(nowMs - first.atMs, 500)) * 1000
}

/** Keeps the youngest sample from before the window: the bytes since then count in full. */
function dropOld(window: RateWindow, nowMs: number): RateWindow {
  const firstInside = window.findIndex((sample) => sample.atMs > nowMs - windowMs)
  return firstInside <= 0
    ? firstInside === 0
      ? window
      : window.slice(-1)
    : window.slice(firstInside - 1)
}
