import { array, assert, nat, option, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HttpError, HubError, type HubErrorCode } from '@hfx/core'
import { decideRetry, type RetrySubject } from '../src/decide-retry.ts'
import { judgeLane, medianSpeed, planSplit } from '../src/judge-lane.ts'
import { createPartRun, type PartRun } from '../src/part-run.ts'
import { tuneLanes, type LaneSample, type LaneTuning } from '../src/tune-lanes.ts'

const mib = 1024 ** 2

describe('the number of lanes', () => {
  const start: LaneTuning = { lanes: 8, ceiling: 16, growth: 1.5, holdUntilMs: 0 }
  const busy: LaneSample = { nowMs: 1000, rate: 100, saturated: true, throttled: false, resets: 0 }

  it('SP-2: grows while that makes it faster, up to the ceiling', () => {
    const first = tuneLanes(start, busy)
    expect(first).toMatchObject({ reason: 'faster', tuning: { lanes: 12 } })
    const second = tuneLanes(first.tuning, { ...busy, rate: 150 })
    expect(second).toMatchObject({ reason: 'faster', tuning: { lanes: 16 } })
    expect(tuneLanes(second.tuning, { ...busy, rate: 200 }).tuning.lanes).toBe(16)
  })

  it('goes back when more lanes are not faster, and stays for a while', () => {
    const grown = tuneLanes(start, busy).tuning
    const back = tuneLanes(grown, { ...busy, rate: 101 })
    expect(back).toMatchObject({ reason: 'no-gain', tuning: { lanes: 8 } })
    expect(tuneLanes(back.tuning, { ...busy, nowMs: 5000 }).tuning.lanes).toBe(8)
    expect(tuneLanes(back.tuning, { ...busy, nowMs: 20_000 }).tuning.lanes).toBe(12)
  })

  it('halves when the server asks for less, and shrinks when connections are cut', () => {
    expect(tuneLanes(start, { ...busy, throttled: true })).toMatchObject({
      reason: 'throttled',
      tuning: { lanes: 4 },
    })
    expect(tuneLanes(start, { ...busy, resets: 3 }).tuning.lanes).toBe(6)
  })

  it('learns nothing while lanes have nothing to do', () => {
    expect(tuneLanes(start, { ...busy, saturated: false })).toEqual({ tuning: start })
  })
})

describe('a lane', () => {
  const rules = { stallTimeoutMs: 10_000, minBytesPerSecond: 10_240, minSpeedWindowMs: 30_000 }

  it('is stalled after silence, unless it was held', () => {
    const silent = Array.from({ length: 10 }, () => 0)
    expect(judgeLane(playLane(silent, 1000), undefined, rules)).toBe('stalled')
    expect(judgeLane(playLane(silent.slice(1), 5000), undefined, rules)).toBe('keep')
    const held = playLane([], 3000)
    for (let nowMs = 3000; nowMs < 60_000; nowMs += 3000) held.meter.sample(nowMs, 0, true)
    expect(judgeLane(held, undefined, rules)).toBe('keep')
  })

  it('NW-3: is given a part of the stall time to show that it lives, when the clock has jumped', () => {
    const run = playLane([0, 1000, 2000], 1000)
    run.meter.forgive(3_600_000, 7_000)
    expect(judgeLane(run, undefined, rules)).toBe('keep')
    for (let nowMs = 3_601_000; nowMs < 3_603_000; nowMs += 1000)
      run.meter.sample(nowMs, 2000, false)
    expect(judgeLane(run, undefined, rules)).toBe('keep')
    run.meter.sample(3_603_000, 2000, false)
    expect(judgeLane(run, undefined, rules)).toBe('stalled')
  })

  it('ST-2: is replaced below the minimum speed, but not over and over where all are slow', () => {
    const drip = Array.from({ length: 31 }, (_, second) => second * 100)
    expect(judgeLane(playLane(drip, 1000), undefined, rules)).toBe('below-minimum')
    expect(judgeLane(playLane(drip, 1000, 1), 120, rules)).toBe('keep')
    const longer = Array.from({ length: 61 }, (_, second) => second * 100)
    expect(judgeLane(playLane(longer, 1000, 1), 5_000_000, rules)).toBe('below-minimum')
  })

  it('is replaced when it is far behind its peers and has much left', () => {
    const slow = Array.from({ length: 6 }, (_, second) => second * 100_000)
    expect(judgeLane(playLane(slow, 1000), 10_000_000, rules)).toBe('behind-peers')
    expect(judgeLane(playLane(slow, 1000), 200_000, rules)).toBe('keep')
    expect(judgeLane(playLane(slow, 1000, 2), 10_000_000, rules)).toBe('keep')
  })

  it('ST-5: gives the larger share of its rest to a faster lane', () => {
    const run = playLane([0, 100_000, 200_000], 1000)
    const from = planSplit(run, 300_000)
    expect(from).toBeGreaterThan(run.position)
    expect((run.end - (from ?? 0)) / (run.end - run.position)).toBeGreaterThan(0.7)
  })

  it('splits at a whole offset inside its rest, or not at all', () => {
    assert(
      property(
        array(nat(2_000_000), { maxLength: 8 }),
        option(nat(50_000_000), { nil: undefined }),
        (gains, peerSpeed) => {
          let total = 0
          const run = playLane(
            gains.map((gain) => (total += gain)),
            500,
          )
          const from = planSplit(run, peerSpeed)
          if (from === undefined) return
          expect(Number.isSafeInteger(from)).toBe(true)
          expect(from).toBeGreaterThan(run.position)
          expect(from).toBeLessThan(run.end)
        },
      ),
    )
  })

  it('knows a median only of two lanes and more', () => {
    expect(medianSpeed([playLane([0, 1000], 1000)])).toBeUndefined()
    expect(medianSpeed([playLane([0, 1000], 1000), playLane([0, 3000], 1000)])).toBe(1500)
  })
})

interface RetryCase {
  readonly code: HubErrorCode
  readonly status: number | undefined
  readonly subject: Partial<RetrySubject>
  readonly decision: object
}

describe('a failed attempt', () => {
  const rules = { maxAttempts: 6, retryWaitMs: 500, maxRetryWaitMs: 15_000 }

  it.each<readonly [RetryCase]>([
    [
      {
        code: 'HUB_SERVER_ERROR',
        status: 503,
        subject: {},
        decision: { kind: 'retry', waitMs: 500, freshConnection: false },
      },
    ],
    [
      {
        code: 'HUB_SERVER_ERROR',
        status: 503,
        subject: { failures: 3 },
        decision: { kind: 'retry', waitMs: 2000 },
      },
    ],
    [
      {
        code: 'HUB_SERVER_ERROR',
        status: 503,
        subject: { failures: 6 },
        decision: { kind: 'fail' },
      },
    ],
    [
      {
        code: 'HUB_CONNECTION_LOST',
        status: undefined,
        subject: {},
        decision: { kind: 'retry', freshConnection: true },
      },
    ],
    [
      {
        code: 'HUB_FORBIDDEN',
        status: 403,
        subject: {},
        decision: { kind: 'retry', waitMs: 0, relocate: true },
      },
    ],
    [{ code: 'HUB_FORBIDDEN', status: 403, subject: { failures: 3 }, decision: { kind: 'fail' } }],
    [
      {
        code: 'HUB_RANGE_REFUSED',
        status: 416,
        subject: { refusals: 1 },
        decision: { relocate: true, whole: false },
      },
    ],
    [
      {
        code: 'HUB_RANGE_REFUSED',
        status: 200,
        subject: { refusals: 2 },
        decision: { relocate: false, whole: true },
      },
    ],
    [
      {
        code: 'HUB_RANGE_REFUSED',
        status: 200,
        subject: { refusals: 4 },
        decision: { kind: 'fail' },
      },
    ],
    [
      {
        code: 'HUB_SIZE_MISMATCH',
        status: 200,
        subject: { failures: 3 },
        decision: { kind: 'fail' },
      },
    ],
    [
      {
        code: 'HUB_FORBIDDEN',
        status: 403,
        subject: { locating: true },
        decision: { kind: 'fail' },
      },
    ],
  ])('leads to what may help: %o', ({ code, status, subject: more, decision }) => {
    const error = new HttpError({
      code,
      message: 'x',
      url: 'http://x',
      retryable: code === 'HUB_SERVER_ERROR' || code === 'HUB_CONNECTION_LOST',
      ...(status === undefined ? {} : { status }),
    })
    const subject = { error, failures: 1, refusals: 0, locating: false, ...more }
    expect(decideRetry(subject, rules, () => 1)).toMatchObject(decision)
  })

  it('waits as long as the server says, and never retries what is no failure of the wire', () => {
    const init = {
      code: 'HUB_RATE_LIMITED',
      message: 'x',
      url: 'http://x',
      retryable: true,
    } as const
    const error = new HttpError({ ...init, status: 429, retryAfterMs: 40_000 })
    const subject = { error, failures: 1, refusals: 0, locating: false }
    expect(decideRetry(subject, rules, () => 0)).toMatchObject({ waitMs: 40_000 })
    const disk = new HubError({ code: 'HUB_NO_SPACE', message: 'x' })
    expect(decideRetry({ ...subject, error: disk }, rules, () => 0)).toEqual({ kind: 'fail' })
    const foreign = { ...subject, error: new TypeError('x') }
    expect(decideRetry(foreign, rules, () => 0)).toEqual({ kind: 'fail' })
  })
})

/** A lane whose totals were seen at equal steps; its range ends 8 MiB after the last. */
function playLane(totals: readonly number[], stepMs: number, slowRounds = 0): PartRun {
  const last = totals.at(-1) ?? 0
  const part = { start: 0, end: last + 8 * mib, failures: 0, slowRounds, freshConnection: false }
  const run = createPartRun(part, 0, 0)
  for (const [index, total] of totals.entries())
    run.meter.sample((index + 1) * stepMs, total, false)
  run.position = last
  run.receivedBytes = last
  return run
}
