import type { FlowSink } from '@hfx/core'
import { tuneLanes, type LaneSample, type LaneTuning } from './tune-lanes.ts'

/** Work on one range, on the given lane; settles when its connection is free again. Never rejects. */
export type LaneTask = (lane: number) => Promise<void>

export type LaneKind = 'small' | 'large'

/** Something that has ranges to fetch: a file. */
export interface LaneSource {
  /** Groups share the lanes evenly: one per job. */
  readonly group: string
  readonly kind: LaneKind
  /** Hears of changes in the number of lanes. */
  readonly emit?: FlowSink
  /** Next range in file order; undefined when there is none just now. */
  take(): LaneTask | undefined
}

export interface LanePool {
  /** Lets a source hear of changes; returns the function that ends it. */
  join(source: LaneSource): () => void
  /** Queues a source that has (again) something to take. */
  offer(source: LaneSource): void
  /** True when lanes of this kind have nothing to do. */
  hasIdle(kind: LaneKind): boolean
  /** Tells of a server that wants less, or of a cut connection. */
  report(kind: LaneKind, trouble: 'throttled' | 'reset'): void
  /** Counts what arrived (bytes, or whole small files), for finding the number of lanes. */
  count(kind: LaneKind, amount: number): void
  /** Looks at what was counted since the last call. */
  tune(nowMs: number): void
  /** Connections that may be open now. */
  readonly lanes: number
}

interface Group {
  readonly ready: Set<LaneSource>
  active: number
}

interface Kind {
  tuning: LaneTuning
  active: number
  amount: number
  throttled: boolean
  resets: number
  /** A lane of this kind has found nothing to do since the last look. */
  idled: boolean
  sampledMs: number
}

interface Pool {
  readonly fixed: boolean
  readonly groups: Map<string, Group>
  readonly members: Set<LaneSource>
  readonly kinds: Readonly<Record<LaneKind, Kind>>
  readonly busyLanes: Set<number>
}

/** A small file is all latency: many at once. */
const smallStart = { lanes: 32, ceiling: 64, growth: 2 }
const largeStart = { lanes: 8, ceiling: 16, growth: 2 }

/** A download can be over in two seconds: lanes that would help are opened at once. */
const sampleMs = 100
/** Long enough for new connections to be made over a long line and to bring their share. */
const trialMs = 1_000

/** The one pool of lanes: every connection that carries a file's bytes is a lane of it. */
export function createLanePool(connections: number | undefined, nowMs: number): LanePool {
  const fixed = connections === undefined ? {} : { lanes: connections, ceiling: connections }
  const pool: Pool = {
    fixed: connections !== undefined,
    groups: new Map(),
    members: new Set(),
    kinds: {
      small: createKind({ ...smallStart, ...fixed }, nowMs),
      large: createKind({ ...largeStart, ...fixed }, nowMs),
    },
    busyLanes: new Set(),
  }
  const { kinds, members } = pool
  return {
    join: (source) => {
      members.add(source)
      return () => void members.delete(source)
    },
    offer: (source) => offer(pool, source),
    hasIdle: (name) => mayStart(pool, name),
    report: (name, trouble) => {
      if (trouble === 'throttled') kinds[name].throttled = true
      else kinds[name].resets += 1
    },
    count: (name, amount) => {
      kinds[name].amount += amount
    },
    tune: (atMs) => {
      if (pool.fixed) return
      tuneKind(pool, kinds.large, atMs)
      tuneKind(pool, kinds.small, atMs)
    },
    get lanes() {
      return maxLanes(pool)
    },
  }
}

function offer(pool: Pool, source: LaneSource): void {
  const group = pool.groups.get(source.group) ?? { ready: new Set(), active: 0 }
  pool.groups.set(source.group, group)
  group.ready.add(source)
  fill(pool)
}

function maxLanes({ kinds }: Pool): number {
  return Math.max(kinds.small.tuning.lanes, kinds.large.tuning.lanes)
}

function mayStart(pool: Pool, name: LaneKind): boolean {
  const kind = pool.kinds[name]
  return kind.active < kind.tuning.lanes && pool.busyLanes.size < maxLanes(pool)
}

/** Each turn gives one lane to the job that has the fewest. */
function fill(pool: Pool): void {
  let started = true
  while (started && pool.busyLanes.size < maxLanes(pool)) {
    const groups = [...pool.groups.values()]
    if (groups.length > 1) groups.sort((a, b) => a.active - b.active)
    started = groups.some((group) => startFrom(pool, group))
  }
}

function startFrom(pool: Pool, group: Group): boolean {
  for (const source of group.ready) {
    if (!mayStart(pool, source.kind)) continue
    const task = source.take()
    if (task) {
      run(pool, { group, source }, task)
      return true
    }
    group.ready.delete(source)
  }
  return false
}

interface Placed {
  readonly group: Group
  readonly source: LaneSource
}

function run(pool: Pool, { group, source }: Placed, task: LaneTask): void {
  const { busyLanes, groups, kinds } = pool
  const lane = lowestFree(busyLanes)
  const kind = kinds[source.kind]
  busyLanes.add(lane)
  group.active += 1
  kind.active += 1
  void task(lane).then(() => {
    busyLanes.delete(lane)
    group.active -= 1
    kind.active -= 1
    fill(pool)
    if (kind.active < kind.tuning.lanes) kind.idled = true
    if (group.active === 0 && group.ready.size === 0) groups.delete(source.group)
  })
}

function tuneKind(pool: Pool, kind: Kind, nowMs: number): void {
  const spanMs = nowMs - kind.sampledMs
  const { throttled, resets } = kind
  const onTrial = kind.tuning.trialRate !== undefined && !throttled
  if (spanMs < (onTrial ? trialMs : sampleMs)) return
  const saturated = !kind.idled && kind.active >= kind.tuning.lanes
  const rate = (kind.amount * 1000) / spanMs
  const sample: LaneSample = { nowMs, rate, saturated, throttled, resets }
  const { tuning, reason } = tuneLanes(kind.tuning, sample)
  const before = maxLanes(pool)
  const fresh = { amount: 0, throttled: false, resets: 0, idled: false, sampledMs: nowMs }
  Object.assign(kind, { tuning, ...fresh })
  fill(pool)
  if (reason !== undefined && maxLanes(pool) !== before) announce(pool, reason)
}

function announce(pool: Pool, reason: string): void {
  const sinks = new Set([...pool.members].map((source) => source.emit))
  for (const emit of sinks) emit?.({ type: 'lanes:change', lanes: maxLanes(pool), reason })
}

function createKind(start: Omit<LaneTuning, 'holdUntilMs'>, nowMs: number): Kind {
  return {
    tuning: { ...start, holdUntilMs: 0 },
    active: 0,
    amount: 0,
    throttled: false,
    resets: 0,
    idled: false,
    sampledMs: nowMs,
  }
}

function lowestFree(taken: ReadonlySet<number>): number {
  let lane = 0
  while (taken.has(lane)) lane += 1
  return lane
}
