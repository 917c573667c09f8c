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
  readonly sampleMs: number
  tuning: LaneTuning
  active: number
  amount: number
  throttled: boolean
  resets: number
  /** False once a lane of this kind found nothing to do. */
  saturated: boolean
  sampledMs: number
}

/** The one pool of lanes: every connection that carries a file's bytes is a lane of it. */
export function createLanePool(connections: number | undefined, nowMs: number): LanePool {
  const groups = new Map<string, Group>()
  const members = new Set<LaneSource>()
  const kinds: Readonly<Record<LaneKind, Kind>> = {
    small: createKind({ lanes: connections ?? 16, ceiling: connections ?? 64 }, 250, nowMs),
    large: createKind({ lanes: connections ?? 8, ceiling: connections ?? 16 }, 500, nowMs),
  }
  const busyLanes = new Set<number>()

  function maxLanes(): number {
    return Math.max(kinds.small.tuning.lanes, kinds.large.tuning.lanes)
  }

  function mayStart(name: LaneKind): boolean {
    return kinds[name].active < kinds[name].tuning.lanes && busyLanes.size < maxLanes()
  }

  function fill(): void {
    // Each turn gives one lane to the job that has the fewest.
    while (busyLanes.size < maxLanes() && startNext());
  }

  function startNext(): boolean {
    if (groups.size === 1) return [...groups.values()].some(startFrom)
    return [...groups.values()].toSorted((a, b) => a.active - b.active).some(startFrom)
  }

  function startFrom(group: Group): boolean {
    for (const source of group.ready) {
      if (!mayStart(source.kind)) continue
      const task = source.take()
      if (task) {
        run(group, source, task)
        return true
      }
      group.ready.delete(source)
    }
    return false
  }

  function run(group: Group, source: LaneSource, task: LaneTask): void {
    const lane = lowestFree(busyLanes)
    const kind = kinds[source.kind]
    busyLanes.add(lane)
    group.active += 1
    kind.active += 1
    void task(lane).then(() => {
      busyLanes.delete(lane)
      group.active -= 1
      kind.active -= 1
      fill()
      if (kind.active < kind.tuning.lanes) kind.saturated = false
      if (group.active === 0 && group.ready.size === 0) groups.delete(source.group)
    })
  }

  function tuneKind(kind: Kind, atMs: number): void {
    const spanMs = atMs - kind.sampledMs
    if (spanMs < kind.sampleMs) return
    const { throttled, resets, saturated } = kind
    const rate = (kind.amount * 1000) / spanMs
    const { tuning, reason } = tuneLanes(kind.tuning, {
      nowMs: atMs,
      rate,
      saturated,
      throttled,
      resets,
    })
    const before = maxLanes()
    Object.assign(kind, { tuning, amount: 0, throttled: false, resets: 0, sampledMs: atMs })
    fill()
    kind.saturated = kind.active >= tuning.lanes
    if (reason !== undefined && maxLanes() !== before) announce(reason)
  }

  function announce(reason: string): void {
    const sinks = new Set([...members].map((source) => source.emit))
    for (const emit of sinks) emit?.({ type: 'lanes:change', lanes: maxLanes(), reason })
  }

  return {
    join: (source) => {
      members.add(source)
      return () => void members.delete(source)
    },
    offer: (source) => {
      const group = groups.get(source.group) ?? { ready: new Set(), active: 0 }
      groups.set(source.group, group)
      group.ready.add(source)
      fill()
    },
    hasIdle: mayStart,
    report: (name, trouble) => {
      if (trouble === 'throttled') kinds[name].throttled = true
      else kinds[name].resets += 1
    },
    count: (name, amount) => {
      kinds[name].amount += amount
    },
    tune: (atMs) => {
      if (connections !== undefined) return
      tuneKind(kinds.large, atMs)
      tuneKind(kinds.small, atMs)
    },
    get lanes() {
      return maxLanes()
    },
  }
}

function createKind(
  start: { readonly lanes: number; readonly ceiling: number },
  sampleMs: number,
  nowMs: number,
): Kind {
  return {
    sampleMs,
    tuning: { ...start, holdUntilMs: 0 },
    active: 0,
    amount: 0,
    throttled: false,
    resets: 0,
    saturated: false,
    sampledMs: nowMs,
  }
}

function lowestFree(taken: ReadonlySet<number>): number {
  let lane = 0
  while (taken.has(lane)) lane += 1
  return lane
}
