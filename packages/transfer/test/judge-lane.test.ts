import { describe, expect, it } from 'vitest'
import { judgeLane, planSplit } from '../src/judge-lane.ts'
import { createPartRun, type PartRun } from '../src/part-run.ts'

const kib = 1024
const mib = 1024 ** 2
const rules = { stallTimeoutMs: 10_000, minBytesPerSecond: 10_240, minSpeedWindowMs: 30_000 }

interface Play {
  readonly bytesPerSecond: number
  readonly seconds: number
  readonly leftBytes?: number
  readonly slowRounds?: number
}

/** A lane that has brought so much each second. */
function play({ bytesPerSecond, seconds, leftBytes = 8 * mib, slowRounds = 0 }: Play): PartRun {
  const position = bytesPerSecond * seconds
  const part = { start: 0, end: position + leftBytes, failures: 0, slowRounds }
  const run = createPartRun({ ...part, freshConnection: false }, 0, 0)
  for (let second = 1; second <= seconds; second += 1)
    run.meter.sample(second * 1000, second * bytesPerSecond, false)
  run.position = position
  run.receivedBytes = position
  return run
}

describe('a lane is left alone', () => {
  it('ST-2: that was replaced for its slowness once, where others are as slow', () => {
    const slow = { bytesPerSecond: 100, seconds: 60, slowRounds: 1 }
    expect(judgeLane(play(slow), 200, rules)).toBe('keep')
    expect(judgeLane(play(slow), 201, rules)).toBe('below-minimum')
    expect(judgeLane(play({ ...slow, seconds: 59 }), 201, rules)).toBe('keep')
  })

  it('that has been slow next to others for less than three seconds', () => {
    const slow = { bytesPerSecond: 100_000, seconds: 2 }
    expect(judgeLane(play(slow), 10_000_000, rules)).toBe('keep')
    expect(judgeLane(play({ ...slow, seconds: 3 }), 10_000_000, rules)).toBe('behind-peers')
  })

  it('that is behind the others by a factor of five, not more', () => {
    const slow = play({ bytesPerSecond: 100_000, seconds: 3 })
    expect(judgeLane(slow, 500_000, rules)).toBe('keep')
    expect(judgeLane(slow, 500_001, rules)).toBe('behind-peers')
  })

  it('that is nearly over: four seconds are not worth a new connection', () => {
    const slow = { bytesPerSecond: 100_000, seconds: 3 }
    expect(judgeLane(play({ ...slow, leftBytes: 400_000 }), 10_000_000, rules)).toBe('keep')
    expect(judgeLane(play({ ...slow, leftBytes: 400_001 }), 10_000_000, rules)).toBe('behind-peers')
  })
})

describe('a range is left whole', () => {
  const run = { bytesPerSecond: 100_000, seconds: 3 }

  it('while its socket waits for us, and when it has ended', () => {
    expect(planSplit(play(run), undefined)).toBeDefined()
    expect(planSplit({ ...play(run), holds: 1 }, undefined)).toBeUndefined()
    expect(planSplit({ ...play(run), closed: true }, undefined)).toBeUndefined()
  })

  it('while its first byte may be on its way: three seconds', () => {
    const silent = { bytesPerSecond: 0 }
    expect(planSplit(play({ ...silent, seconds: 2 }), undefined)).toBeUndefined()
    expect(planSplit(play({ ...silent, seconds: 3 }), undefined)).toBeDefined()
  })

  it('when it is over within a second', () => {
    const quick = { bytesPerSecond: mib, seconds: 3 }
    expect(planSplit(play({ ...quick, leftBytes: mib - 1 }), undefined)).toBeUndefined()
    expect(planSplit(play({ ...quick, leftBytes: mib }), undefined)).toBeDefined()
  })

  it('when less than two pieces are left', () => {
    expect(planSplit(play({ ...run, leftBytes: 512 * kib - 1 }), undefined)).toBeUndefined()
    // From a whole offset on, where only the size of the rest can be the reason.
    const even = { bytesPerSecond: 256 * kib, seconds: 3 }
    expect(planSplit(play({ ...even, leftBytes: 512 * kib - 1 }), undefined)).toBeUndefined()
    expect(planSplit(play({ ...even, leftBytes: 512 * kib }), undefined)).toBe(1024 * kib)
  })

  it('when the next whole offset leaves less than half a piece', () => {
    expect(planSplit(play({ ...run, leftBytes: 600 * kib }), undefined)).toBeUndefined()
    expect(planSplit(play({ ...run, leftBytes: 610 * kib }), undefined)).toBe(768 * kib)
  })
})
