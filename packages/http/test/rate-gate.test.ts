import { HttpError, type HubErrorCode, type RequestBucket } from '@hfx/core'
import { createManualClock } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { resolveHttpOptions } from '../src/options.ts'
import { planRetry } from '../src/plan-retry.ts'
import { createRateGate } from '../src/rate-gate.ts'

const url = new URL('https://hub.example/x')

interface Wish {
  readonly bucket?: RequestBucket
  readonly patienceMs?: number
  readonly signal?: AbortSignal
}

function openGate(maxRequestsPerWindow = Infinity) {
  const clock = createManualClock()
  const gate = createRateGate({ clock, random: () => 1 }, { maxRequestsPerWindow })
  return {
    clock,
    learn: (
      status: number,
      headers: Readonly<Record<string, string>>,
      bucket: RequestBucket = 'api',
    ) => gate.learn({ url, bucket }, { status, headers }),
    /** How long it waits. */
    enter: ({ bucket = 'api', patienceMs = 600_000, signal }: Wish = {}) =>
      gate.enter({ url, bucket, patienceMs, options: signal ? { signal } : {} }),
  }
}

describe('a door of the gate', () => {
  it('counts all waits of one request against its patience', async () => {
    const { clock, learn, enter } = openGate()
    learn(429, { 'retry-after': '10' })
    const waiting = enter({ patienceMs: 15_000 }).catch((error: unknown) => error)
    await clock.advance(9_999)
    learn(429, { 'retry-after': '10' })
    await clock.advance(60_000)
    expect(await waiting).toMatchObject({ code: 'HUB_RATE_LIMITED', retryAfterMs: 9_999 })
  })

  it('spreads those who wait now, and knows when they have gone', async () => {
    const { clock, learn, enter } = openGate()
    learn(429, { 'retry-after': '10' })
    const crowd = Array.from({ length: 20 }, () => enter())
    await clock.advance(60_000)
    expect(await Promise.all(crowd)).toContain(10_000 + 19 * 50)
    learn(429, { 'retry-after': '10' })
    const alone = enter()
    await clock.advance(60_000)
    expect(await alone).toBe(10_000)
  })

  it('shuts for a second after a 429 that names no time', async () => {
    const { clock, learn, enter } = openGate()
    learn(429, {})
    const waiting = enter()
    await clock.advance(60_000)
    expect(await waiting).toBe(1000)
  })

  it('shuts when an answer says that nothing remains, before any 429', async () => {
    const { clock, learn, enter } = openGate()
    learn(200, { ratelimit: '"api";r=0;t=30' })
    const waiting = enter()
    await clock.advance(60_000)
    expect(await waiting).toBe(30_000)
  })

  it('of the data host leaves those of the Hub open, and is not counted in its window', async () => {
    const { clock, learn, enter } = openGate(1)
    expect(await enter({ bucket: 'data' })).toBe(0)
    expect(await enter({ bucket: 'data' })).toBe(0)
    learn(429, { 'retry-after': '10' }, 'data')
    expect(await enter()).toBe(0)
    const waiting = enter({ bucket: 'data' })
    await clock.advance(60_000)
    expect(await waiting).toBe(10_000)
  })

  it('lets a request go that is aborted while it waits', async () => {
    const { clock, learn, enter } = openGate()
    learn(429, { 'retry-after': '10' })
    const stop = new AbortController()
    const waiting = enter({ signal: stop.signal })
    stop.abort('enough')
    await expect(waiting).rejects.toBe('enough')
    expect(clock.sleepers).toEqual([])
  })
})

describe('requests are spaced', () => {
  const policy = { 'ratelimit-policy': '"fixed window";"api";q=500;w=300' }

  it.each([
    [24, [0, 2500]],
    [25, [0, 0]],
    [100, [0, 0]],
  ])('below a twentieth of the window: with %i of 500 left', async (left, expected) => {
    const { clock, learn, enter } = openGate()
    learn(200, { ratelimit: `"api";r=${left};t=60`, ...policy })
    const waits = Promise.all([enter(), enter()])
    await clock.advance(60_000)
    expect(await waits).toEqual(expected)
  })

  it('until the window begins anew', async () => {
    const { clock, learn, enter } = openGate()
    learn(200, { ratelimit: '"api";r=2;t=20', ...policy })
    await clock.advance(20_000)
    expect(await Promise.all([enter(), enter()])).toEqual([0, 0])
  })
})

describe('a request is tried again', () => {
  function plan(code: HubErrorCode, attempt: number, retry?: boolean): unknown {
    const options = resolveHttpOptions({ retry: { maxRetries: 5 } })
    const error = new HttpError({ code, message: code, url: url.href, retryable: true })
    return planRetry(
      { options, random: () => 1 },
      { method: 'GET', url: url.href, ...(retry === undefined ? {} : { retry }) },
      { state: { attempt, waitedMs: 0 }, error },
    )
  }

  it.each(['HUB_CONNECT_FAILED', 'HUB_DNS_FAILED'] as const)(
    'twice at most where its host cannot be reached at all (%s)',
    (code) => {
      expect(plan(code, 2)).toMatchObject({ failure: { attempt: 2, maxRetries: 2, code } })
      expect(plan(code, 3)).toBeUndefined()
    },
  )

  it('as often as was allowed elsewhere', () => {
    expect(plan('HUB_SERVER_ERROR', 5)).toMatchObject({ failure: { maxRetries: 5 } })
    expect(plan('HUB_SERVER_ERROR', 6)).toBeUndefined()
  })

  it('not where its sender wants none', () => {
    expect(plan('HUB_SERVER_ERROR', 1, false)).toBeUndefined()
    expect(plan('HUB_SERVER_ERROR', 1, true)).toBeDefined()
  })
})
