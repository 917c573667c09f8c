/** How many lanes of one kind there are, and what was learnt about it. */
export interface LaneTuning {
  readonly lanes: number
  readonly ceiling: number
  /** Factor of one growth. */
  readonly growth: number
  /** Rate before the last growth; undefined when no growth is on trial. */
  readonly trialRate?: number
  /** Lanes before the last growth. */
  readonly trialLanes?: number
  /** No growth before this time. */
  readonly holdUntilMs: number
}

/** What happened since the last look. */
export interface LaneSample {
  readonly nowMs: number
  /** Bytes or files per second. */
  readonly rate: number
  /** True when every lane was busy: only then does the rate say anything about their number. */
  readonly saturated: boolean
  /** The server asked for less (429, 503). */
  readonly throttled: boolean
  /** Connections that were cut or refused. */
  readonly resets: number
}

export interface LaneChange {
  readonly tuning: LaneTuning
  readonly reason?: 'faster' | 'no-gain' | 'throttled' | 'resets'
}

/** A growth has to pay at least this much. */
const leastGain = 1.05
const holdMs = 10_000
const manyResets = 3
/** What goes wrong this soon after a cut was asked for before it. */
const burstMs = 250

/**
 * One step of finding the number of lanes: grow while that makes it faster, go back when it does not,
 * halve when the server asks for less.
 */
export function tuneLanes(tuning: LaneTuning, sample: LaneSample): LaneChange {
  const { lanes, ceiling, growth } = tuning
  const holdUntilMs = sample.nowMs + holdMs
  if (sample.throttled || sample.resets >= manyResets) return cut(tuning, sample, holdUntilMs)
  if (!sample.saturated) return { tuning }
  if (tuning.trialRate !== undefined && sample.rate < tuning.trialRate * leastGain) {
    return change(tuning, { lanes: tuning.trialLanes ?? lanes, holdUntilMs }, 'no-gain')
  }
  const settled = { lanes, ceiling, growth, holdUntilMs: tuning.holdUntilMs }
  if (sample.nowMs < tuning.holdUntilMs || lanes >= ceiling || sample.rate <= 0)
    return { tuning: settled }
  const next = { lanes: Math.min(ceiling, Math.ceil(lanes * growth)), holdUntilMs: 0 }
  return change(settled, { ...next, trialRate: sample.rate, trialLanes: lanes }, 'faster')
}

function cut(tuning: LaneTuning, sample: LaneSample, holdUntilMs: number): LaneChange {
  if (holdUntilMs - tuning.holdUntilMs < burstMs) return { tuning }
  const { lanes } = tuning
  return sample.throttled
    ? change(tuning, { lanes: Math.max(1, Math.floor(lanes / 2)), holdUntilMs }, 'throttled')
    : change(tuning, { lanes: Math.max(1, Math.ceil(lanes * 0.75)), holdUntilMs }, 'resets')
}

function change(
  before: LaneTuning,
  after: Omit<LaneTuning, 'ceiling' | 'growth'>,
  reason: NonNullable<LaneChange['reason']>,
): LaneChange {
  const tuning = { ceiling: before.ceiling, growth: before.growth, ...after }
  return after.lanes === before.lanes ? { tuning } : { tuning, reason }
}
