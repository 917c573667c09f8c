import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HttpError, HubError, type HubErrorCode } from '@hfx/core'
import { decideRetry, type RetrySubject } from '../src/decide-retry.ts'
import {
  addRange,
  contiguousEnd,
  missingRanges,
  subtractRanges,
  sumRanges,
  type ByteRange,
} from '../src/file-ranges.ts'
import { judgeLane, medianSpeed, planSplit } from '../src/judge-lane.ts'
import { createPartRun, type PartRun } from '../src/part-run.ts'
import { planPartBytes, planParts } from '../src/plan-parts.ts'
import { formatJournalHead, formatRange, parseJournal } from '../src/resume-journal.ts'
import { tuneLanes, type LaneSample, type LaneTuning } from '../src/tune-lanes.ts'

const mib = 1024 ** 2

describe('ranges', () => {
  const range = fc
    .tuple(fc.nat(60), fc.nat(20))
    .map(([start, length]): ByteRange => ({ start, end: start + length }))

  it('say of each byte whether it is there, however they were added', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 12 }), (added) => {
        const ranges = added.reduce(addRange, [] as readonly ByteRange[])
        const there = new Set(added.flatMap(bytesOf))
        expect(ranges.flatMap(bytesOf)).toEqual([...there].toSorted((a, b) => a - b))
        expect(sumRanges(ranges)).toBe(there.size)
        const missing = missingRanges(ranges, 80).flatMap(bytesOf)
        expect(missing.length + there.size).toBe(80)
        expect(missing.some((byte) => there.has(byte))).toBe(false)
        expect(contiguousEnd(ranges)).toBe(there.has(0) ? (missing[0] ?? 80) : 0)
      }),
    )
  })

  it('are taken from one another byte for byte', () => {
    fc.assert(
      fc.property(fc.array(range), fc.array(range), (a, b) => {
        const wanted = a.reduce(addRange, [] as readonly ByteRange[])
        const there = b.reduce(addRange, [] as readonly ByteRange[])
        const left = new Set(wanted.flatMap(bytesOf))
        for (const byte of there.flatMap(bytesOf)) left.delete(byte)
        expect(subtractRanges(wanted, there).flatMap(bytesOf)).toEqual([...left])
      }),
    )
  })
})

describe('parts', () => {
  it('cover what is missing once, in file order, past 2^32 too', () => {
    const missing = [
      { start: 3 * mib, end: 20 * mib },
      { start: 2 ** 33 + 5, end: 2 ** 33 + 9 * mib },
    ]
    const parts = planParts(missing, 8 * mib)
    expect(parts[0]).toEqual({ start: 3 * mib, end: 8 * mib })
    expect(parts.reduce(addRange, [] as readonly ByteRange[])).toEqual(missing)
    expect(sumRanges(parts)).toBe(sumRanges(missing))
  })

  it('SU-3: stay few for a file of 1 TiB', () => {
    const partBytes = planPartBytes(2 ** 40, 8 * mib)
    expect(planParts([{ start: 0, end: 2 ** 40 }], partBytes)).toHaveLength(16_384)
    expect(planPartBytes(5 * 1024 * mib, 8 * mib)).toBe(16 * mib)
    expect(planPartBytes(mib, 8 * mib)).toBe(8 * mib)
  })
})

describe('the journal', () => {
  const key = { hash: { algorithm: 'sha256', digest: 'ab' }, sizeBytes: 100 } as const
  const head = formatJournalHead(key, { place: 'here', pid: 7 })

  it('loses only the record that was being written', () => {
    const text = head + formatRange({ start: 0, end: 10 }) + formatRange({ start: 10, end: 20 })
    expect(parseJournal(text)?.done).toEqual([{ start: 0, end: 20 }])
    expect(parseJournal(text.slice(0, -1))?.done).toEqual([{ start: 0, end: 10 }])
  })

  it.each(['range -1 5\n', 'range 5 101\n', 'range a b\n', 'range 9 2\n', 'range 1e999 1\n'])(
    'takes nothing from %j',
    (line) => expect(parseJournal(head + line)?.done).toEqual([]),
  )

  it('is none when it holds a word of another version', () => {
    expect(parseJournal(`${head}chunk 1 2\n`)).toBeUndefined()
  })
})

describe('the number of lanes', () => {
  const start: LaneTuning = { lanes: 8, ceiling: 16, holdUntilMs: 0 }
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
    expect(judgeLane(playLane([0, 0, 0, 0], 3000), undefined, rules)).toBe('stalled')
    const held = playLane([], 3000)
    for (let nowMs = 3000; nowMs < 60_000; nowMs += 3000) held.meter.sample(nowMs, 0, true)
    expect(judgeLane(held, undefined, rules)).toBe('keep')
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
    fc.assert(
      fc.property(
        fc.array(fc.nat(2_000_000), { maxLength: 8 }),
        fc.option(fc.nat(50_000_000), { nil: undefined }),
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

describe('a failed attempt', () => {
  const rules = { maxAttempts: 6, retryWaitMs: 500, maxRetryWaitMs: 15_000 }

  it.each<[HubErrorCode, number | undefined, Partial<RetrySubject>, object]>([
    ['HUB_SERVER_ERROR', 503, {}, { kind: 'retry', waitMs: 500, freshConnection: false }],
    ['HUB_SERVER_ERROR', 503, { failures: 3 }, { kind: 'retry', waitMs: 2000 }],
    ['HUB_SERVER_ERROR', 503, { failures: 6 }, { kind: 'fail' }],
    ['HUB_CONNECTION_LOST', undefined, {}, { kind: 'retry', freshConnection: true }],
    ['HUB_FORBIDDEN', 403, {}, { kind: 'retry', waitMs: 0, relocate: true }],
    ['HUB_FORBIDDEN', 403, { failures: 3 }, { kind: 'fail' }],
    ['HUB_RANGE_REFUSED', 416, { refusals: 1 }, { relocate: true, whole: false }],
    ['HUB_RANGE_REFUSED', 200, { refusals: 2 }, { relocate: false, whole: true }],
    ['HUB_RANGE_REFUSED', 200, { refusals: 4 }, { kind: 'fail' }],
    ['HUB_SIZE_MISMATCH', 200, { failures: 3 }, { kind: 'fail' }],
    ['HUB_FORBIDDEN', 403, { locating: true }, { kind: 'fail' }],
  ])('%s with status %s and %o leads to %o', (code, status, more, decision) => {
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

function bytesOf(range: ByteRange): number[] {
  return Array.from({ length: range.end - range.start }, (_, index) => range.start + index)
}

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
