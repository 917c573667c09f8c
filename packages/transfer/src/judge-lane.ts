import type { ResolvedTransferOptions } from './options.ts'
import type { PartRun } from './part-run.ts'

/** What to do with a connection, seen next to its peers. */
export type LaneVerdict = 'keep' | 'stalled' | 'below-minimum' | 'behind-peers'

export type LaneRules = Pick<
  ResolvedTransferOptions,
  'stallTimeoutMs' | 'minBytesPerSecond' | 'minSpeedWindowMs'
>

/** A lane this many times slower than the median of its peers is not worth waiting for … */
const behindFactor = 5
/** … if what it has left would take longer than this … */
const worthReplacingMs = 4_000
/** … and it has not been replaced this often already. */
const maxBehindRounds = 2

/**
 * Silence ends a connection at once. Slowness ends it when others do better; where all are slow the waits
 * double, so that a thin line is not spent on reconnecting.
 */
export function judgeLane(
  run: PartRun,
  peerSpeed: number | undefined,
  rules: LaneRules,
): LaneVerdict {
  if (run.meter.silentMs >= rules.stallTimeoutMs) return 'stalled'
  const { slowRounds } = run.part
  const windowSpeed = run.meter.slowSince(rules.minSpeedWindowMs * 2 ** slowRounds)
  const isSlow = windowSpeed !== undefined && windowSpeed < rules.minBytesPerSecond
  const othersAreFaster = peerSpeed === undefined || peerSpeed > 2 * (windowSpeed ?? 0)
  if (isSlow && (slowRounds === 0 || othersAreFaster)) return 'below-minimum'
  return isBehind(run, peerSpeed) ? 'behind-peers' : 'keep'
}

function isBehind(run: PartRun, peerSpeed: number | undefined): boolean {
  const speed = run.meter.recentSpeed
  if (peerSpeed === undefined || speed === undefined || run.part.slowRounds >= maxBehindRounds)
    return false
  const leftMs = ((run.end - run.position) * 1000) / Math.max(1, speed)
  return run.meter.isSettled && speed * behindFactor < peerSpeed && leftMs > worthReplacingMs
}

/** Median of the speeds that are known; undefined for fewer than two. */
export function medianSpeed(runs: Iterable<PartRun>): number | undefined {
  const speeds = [...runs]
    .map((run) => run.meter.recentSpeed)
    .filter((speed) => speed !== undefined)
    .toSorted((a, b) => a - b)
  return speeds.length < 2 ? undefined : speeds[Math.floor(speeds.length / 2)]
}

/** Bytes below which a second request costs more than it brings. */
const leastSplitBytes = 256 * 1024
/** A range that ends this soon is left alone. */
const leastSplitMs = 1_000

/** Offset from which an idle lane should take over the rest of a range; undefined when it is better left whole. */
export function planSplit(run: PartRun, peerSpeed: number | undefined): number | undefined {
  const left = run.end - run.position
  if (!maySplit(run) || left < 2 * leastSplitBytes) return undefined
  const speed = Math.max(1, run.meter.recentSpeed ?? 0)
  if ((left * 1000) / speed < leastSplitMs) return undefined
  const other = Math.max(speed, peerSpeed ?? 0)
  const keep = Math.max(leastSplitBytes, Math.floor((left * speed) / (speed + other)))
  const aligned = Math.ceil((run.position + keep) / leastSplitBytes) * leastSplitBytes
  return run.end - aligned < leastSplitBytes / 2 ? undefined : aligned
}

/** Not while its speed is unknown: a connection that still waits for its first byte is given some seconds. */
function maySplit({ closed, holds, meter, receivedBytes }: PartRun): boolean {
  const isKnown = meter.recentSpeed !== undefined && (receivedBytes > 0 || meter.isSettled)
  return isKnown && !closed && holds === 0
}
