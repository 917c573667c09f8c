import { describe, expect, it } from 'vitest'
import { type FlowEvent } from '@hfx/core'
import { createManualClock } from '@hfx/testing'
import { createLanePool, type LaneKind, type LaneSource } from '../src/lane-pool.ts'
import { createLaneWatch, type WatchLook } from '../src/lane-watch.ts'

describe('the lane pool', () => {
  it('gives each job its share, whoever came first', () => {
    const pool = createLanePool(6, 0)
    const started: string[] = []
    pool.offer(makeSource('big', { started, tasks: 100 }))
    expect(started).toHaveLength(6)
    const fair = createLanePool(6, 0)
    const order: string[] = []
    const release: (() => void)[] = []
    fair.offer(makeSource('big', { started: order, tasks: 100, release }))
    fair.offer(makeSource('late', { started: order, tasks: 100, release }))
    expect(order).toEqual(Array.from({ length: 6 }, () => 'big'))
  })

  it('hands the next free lanes to the job that has the fewest', async () => {
    const pool = createLanePool(4, 0)
    const started: string[] = []
    const release: (() => void)[] = []
    pool.offer(makeSource('first', { started, tasks: 100, release }))
    pool.offer(makeSource('second', { started, tasks: 100, release }))
    release.splice(0, 2).forEach((free) => free())
    await settle()
    expect(started.slice(4)).toEqual(['second', 'second'])
  })

  it('never runs more than its lanes, and more of them for small files than for parts', () => {
    const pool = createLanePool(undefined, 0)
    const started: string[] = []
    pool.offer(makeSource('parts', { started, tasks: 100, kind: 'large' }))
    expect(started).toHaveLength(8)
    pool.offer(makeSource('smalls', { started, tasks: 100, kind: 'small' }))
    expect(started).toHaveLength(32)
  })

  it('SP-2: opens more lanes at the first look that finds all of them busy', () => {
    const pool = createLanePool(undefined, 0)
    const started: string[] = []
    pool.offer(makeSource('parts', { started, tasks: 100 }))
    pool.count('large', 1_000_000)
    pool.tune(50)
    expect(started).toHaveLength(8)
    pool.tune(125)
    expect(started).toHaveLength(16)
  })

  it('SP-2: gives new lanes a second to show that they help', () => {
    const pool = createLanePool(undefined, 0)
    const reasons: FlowEvent[] = []
    const emit = (event: FlowEvent): void => void reasons.push(event)
    pool.join(makeSource('listener', { started: [], tasks: 0, emit }))
    pool.offer(makeSource('smalls', { started: [], tasks: 100, kind: 'small' }))
    pool.count('small', 100)
    pool.tune(250)
    for (const nowMs of [500, 750, 1000]) pool.tune(nowMs)
    expect(pool.lanes).toBe(64)
    pool.count('small', 400)
    pool.tune(1250)
    expect(pool.lanes).toBe(32)
    expect(reasons).toEqual([
      { type: 'lanes:change', lanes: 64, reason: 'faster' },
      { type: 'lanes:change', lanes: 32, reason: 'no-gain' },
    ])
  })

  it('learns nothing from a span in which a lane had no work', async () => {
    const pool = createLanePool(undefined, 0)
    const started: string[] = []
    const release: (() => void)[] = []
    pool.offer(makeSource('few', { started, tasks: 8, release }))
    release.splice(0, 1).forEach((free) => free())
    await settle()
    pool.offer(makeSource('many', { started, tasks: 100, release }))
    pool.count('large', 1_000_000)
    pool.tune(250)
    expect(started).toHaveLength(9)
    pool.count('large', 1_000_000)
    pool.tune(500)
    expect(started).toHaveLength(17)
  })

  it('RQ-3: halves at once when the server asks for less, also while a growth is on trial', () => {
    const pool = createLanePool(undefined, 0)
    pool.offer(makeSource('smalls', { started: [], tasks: 100, kind: 'small' }))
    pool.count('small', 100)
    pool.tune(250)
    pool.report('small', 'throttled')
    pool.tune(500)
    expect(pool.lanes).toBe(32)
  })

  it('RQ-3: halves once for refusals that come in one burst, and again when they go on', () => {
    const pool = createLanePool(undefined, 0)
    for (const [nowMs, lanes] of [
      [125, 16],
      [250, 16],
      [375, 8],
    ] as const) {
      pool.report('small', 'throttled')
      pool.tune(nowMs)
      expect({ nowMs, lanes: pool.lanes }).toEqual({ nowMs, lanes })
    }
  })

  it('tells each listener once how many lanes there are now, and why', () => {
    const pool = createLanePool(undefined, 0)
    const events: FlowEvent[] = []
    const emit = (event: FlowEvent): void => void events.push(event)
    pool.join(makeSource('a', { started: [], tasks: 0, emit }))
    pool.join(makeSource('b', { started: [], tasks: 0, emit }))
    pool.report('small', 'throttled')
    pool.report('large', 'throttled')
    pool.tune(1000)
    expect(events).toEqual([{ type: 'lanes:change', lanes: 16, reason: 'throttled' }])
  })
})

describe('the watch over lanes', () => {
  it('notices that the clock jumped, and stops with its last file', async () => {
    const clock = createManualClock()
    const looks: WatchLook[] = []
    const watch = createLaneWatch(clock, createLanePool(1, 0), 250)
    const inspect = (look: WatchLook): void => void looks.push(look)
    const leave = watch.add({ kind: 'small', runs: new Set(), inspect })
    await clock.advance(500)
    expect(looks.map((look) => look.jumped)).toEqual([false, false])
    leave()
    await clock.advance(1000)
    expect(looks).toHaveLength(2)
    expect(clock.sleepers).toEqual([])
    watch.add({ kind: 'small', runs: new Set(), inspect })()
    watch.add({ kind: 'small', runs: new Set(), inspect })
    await clock.advance(250)
    expect(looks).toHaveLength(3)
    const asleep = createManualClock()
    let wallMs = 0
    const laptop = { ...asleep, now: () => asleep.now() + wallMs }
    createLaneWatch(laptop, createLanePool(1, 0), 250).add({
      kind: 'small',
      runs: new Set(),
      inspect,
    })
    wallMs = 3_600_000
    await asleep.advance(250)
    expect(looks.at(-1)?.jumped).toBe(true)
  })
})

interface SourcePlan {
  readonly started: string[]
  readonly tasks: number
  readonly kind?: LaneKind
  readonly release?: (() => void)[]
  readonly emit?: (event: FlowEvent) => void
}

function makeSource(group: string, plan: SourcePlan): LaneSource {
  let left = plan.tasks
  return {
    group,
    kind: plan.kind ?? 'large',
    ...(plan.emit ? { emit: plan.emit } : {}),
    take: () => {
      if (left === 0) return undefined
      left -= 1
      return () => {
        plan.started.push(group)
        return new Promise((resolve) => plan.release?.push(resolve))
      }
    },
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
