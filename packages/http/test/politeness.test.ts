import { type FlowEvent, HttpError, systemClock } from '@hfx/core'
import { startFakeHub } from '@hfx/fake-hub'
import { createManualClock } from '@hfx/testing'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createHttp, type Http, type HttpOptions } from '../src/index.ts'
import { backoff } from '../src/plan-retry.ts'
import { createRateGate, type RateGate } from '../src/rate-gate.ts'
import { resolveHttpOptions } from '../src/options.ts'
import { readRateLimit, readRetryAfter } from '../src/retry-after.ts'
import { sendHops } from '../src/send-hops.ts'
import type { Wire } from '../src/wire.ts'

async function useHub() {
  const hub = await startFakeHub({
    repos: [{ id: 'acme/tiny', commits: [{ files: { 'a.txt': 'a' } }] }],
  })
  onTestFinished(() => hub.close())
  const clock = createManualClock(Date.parse('2026-01-01T00:00:00Z'))
  const waits: FlowEvent[] = []
  function open(options: HttpOptions = {}): Http {
    const http = createHttp({ endpoint: hub.url, ...options }, { clock, random: () => 1 })
    onTestFinished(() => http.close())
    return http
  }
  const ask = (http: Http): Promise<unknown> =>
    http.transport
      .send(
        { method: 'GET', url: `${hub.url}/api/models/acme/tiny` },
        { emit: (event) => waits.push(event) },
      )
      .then((answer) => answer.status)
  /** Moves time until a question that sleeps is answered. */
  async function settle<T>(asked: Promise<T>, stepMs = 1000): Promise<T> {
    const state = { over: false }
    const settled = asked.finally(() => {
      state.over = true
    })
    settled.catch(() => undefined)
    for (let step = 0; step < 400 && !state.over; step++) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      await clock.advance(stepMs)
    }
    return settled
  }
  return { hub, clock, waits, open, ask, settle }
}

/** For `vi.waitFor`, on a busy machine. */
const patient = { timeout: 10_000 }

const waitsOf = (events: readonly FlowEvent[]): readonly number[] =>
  events.flatMap((event) => (event.type === 'request:wait' ? [event.waitMs] : []))

describe('RQ-3: one gate for everybody', () => {
  it('waits as long as Retry-After says, in seconds or as a date', async () => {
    for (const value of ['7', 'Thu, 01 Jan 2026 00:00:07 GMT']) {
      const { hub, waits, open, ask, settle } = await useHub()
      hub.addFault({
        on: {},
        times: 1,
        fault: { kind: 'status', status: 429, headers: { 'retry-after': value } },
      })
      const asked = ask(open())
      await vi.waitFor(() => expect(waits).toHaveLength(1), patient)
      expect(await settle(asked)).toBe(200)
      expect(waitsOf(waits)[0]).toBeGreaterThan(6_000)
      expect(waitsOf(waits)[0]).toBeLessThanOrEqual(7_000)
    }
  })

  it('a 429 for one holds back all others of its host and bucket until the gate opens', async () => {
    const { hub, clock, waits, open, ask, settle } = await useHub()
    const http = open()
    hub.addFault({
      on: {},
      times: 1,
      fault: {
        kind: 'status',
        status: 429,
        headers: {
          ratelimit: '"api";r=0;t=30',
          'ratelimit-policy': '"fixed window";"api";q=500;w=300',
        },
      },
    })
    const first = ask(http)
    await vi.waitFor(() => expect(waits).toHaveLength(1), patient)
    const others = Array.from({ length: 5 }, () => ask(http))
    await vi.waitFor(() => expect(waits).toHaveLength(6), patient)
    expect(hub.requests).toHaveLength(1)
    const startMs = clock.now()
    await settle(Promise.all([first, ...others]))
    expect(hub.requests).toHaveLength(7)
    expect(clock.now() - startMs).toBeGreaterThanOrEqual(29_000)
  })

  it('those who waited for a Retry-After come back one by one, not as a herd', async () => {
    const clock = createManualClock(0)
    let draw = 0
    const random = (): number => (draw++ % 10) / 10
    const gate = createRateGate({ clock, random }, { maxRequestsPerWindow: Infinity })
    const visit = { url: new URL('https://hub.example/api/x'), bucket: 'api' } as const
    gate.learn(visit, { status: 429, headers: { 'retry-after': '10' } })
    const passedAtMs: number[] = []
    const waiting = Array.from({ length: 40 }, () =>
      gate
        .enter({ ...visit, options: {}, patienceMs: 60_000 })
        .then(() => passedAtMs.push(clock.now())),
    )
    for (let step = 0; step < 800; step++) await clock.advance(20)
    await Promise.all(waiting)
    expect(passedAtMs[0]).toBe(10_000)
    expect(passedAtMs.at(-1)).toBeLessThanOrEqual(15_000)
    const inTheFirstTenth = passedAtMs.filter((atMs) => atMs < 10_100)
    expect(inTheFirstTenth.length).toBeLessThanOrEqual(10)
  })

  it('time at the gate is not time that the server took', async () => {
    const url = new URL('https://hub.example/api/x')
    const steps: string[] = []
    const wire: Wire = {
      exchange: (request, onHead) => {
        steps.push(request.signal?.aborted === true ? 'sent too late' : 'sent in time')
        onHead({ status: 200, headers: {} })
        return Promise.resolve()
      },
      close: () => Promise.resolve(),
    }
    // Of two timers the shorter one ends first, however busy this machine is.
    const gate: RateGate = {
      enter: async ({ options }) => {
        await systemClock.sleep(50, options.signal)
        steps.push('let in')
        return 50
      },
      learn: () => {},
    }
    const options = resolveHttpOptions({ endpoint: url.origin })
    await sendHops(
      { options, wire, gate, decoders: new Map(), startReport: () => undefined },
      {
        method: 'GET',
        url,
        headers: {},
        fresh: false,
        redirect: 'follow',
        credentials: { headers: {}, sentToken: undefined },
        attempt: 1,
        limitMs: 1,
        waiting: { waitedMs: 0 },
        step: {},
      },
      () => () => 'more',
    )
    expect(steps).toEqual(['let in', 'sent in time'])
  })

  it('waits at the gate and between attempts are one account', async () => {
    const { hub, open, ask, settle } = await useHub()
    hub.addFault({ on: {}, fault: { kind: 'status', status: 503 } })
    const http = open({
      maxRequestsPerWindow: 1,
      retry: { maxRetries: 5, baseMs: 0, maxWaitMs: 330_000 },
    })
    await expect(settle(ask(http), 30_000)).rejects.toMatchObject({ code: 'HUB_RATE_LIMITED' })
    expect(hub.requests).toHaveLength(2)
  })

  it('a 429 at one of the counters holds back the others of that host too', async () => {
    const { hub, waits, open, ask, settle } = await useHub()
    const http = open()
    hub.addFault({
      on: { path: /api/ },
      times: 1,
      fault: { kind: 'status', status: 429, headers: { 'retry-after': '5' } },
    })
    const api = ask(http)
    await vi.waitFor(() => expect(waits).toHaveLength(1), patient)
    const file = http.transport.send(
      { method: 'HEAD', url: `${hub.url}/acme/tiny/resolve/main/a.txt` },
      { emit: (event) => waits.push(event) },
    )
    await vi.waitFor(() => expect(waits).toHaveLength(2), patient)
    expect(hub.requests).toHaveLength(1)
    await settle(Promise.all([api, file]))
  })

  it('does not wait when requests remain, whatever the window says', async () => {
    const { hub, waits, open, ask } = await useHub()
    hub.addFault({
      on: {},
      times: 1,
      fault: { kind: 'setHeaders', headers: { ratelimit: '"api";r=100;t=30' } },
    })
    const http = open()
    await ask(http)
    await ask(http)
    expect(waitsOf(waits)).toEqual([])
  })

  it('spaces requests while the window runs low, before any 429', async () => {
    const { hub, waits, open, ask, settle } = await useHub()
    hub.addFault({
      on: {},
      fault: {
        kind: 'setHeaders',
        headers: {
          ratelimit: '"api";r=2;t=20',
          'ratelimit-policy': '"fixed window";"api";q=500;w=300',
        },
      },
    })
    const http = open()
    await ask(http)
    await settle(Promise.all([ask(http), ask(http)]))
    expect(waitsOf(waits).length).toBeGreaterThan(0)
  })

  it('gives up at once when the wait would pass its patience', async () => {
    const { hub, open, ask, settle } = await useHub()
    hub.addFault({
      on: {},
      fault: { kind: 'status', status: 429, headers: { 'retry-after': '3600' } },
    })
    const asked = settle(ask(open({ retry: { maxWaitMs: 10_000 } })))
    await expect(asked).rejects.toMatchObject({ code: 'HUB_RATE_LIMITED', retryAfterMs: 3_600_000 })
    expect(hub.requests).toHaveLength(1)
  })

  it('RQ-6: keeps to an own limit of requests in five minutes', async () => {
    const { hub, clock, waits, open, ask, settle } = await useHub()
    const http = open({ maxRequestsPerWindow: 3 })
    const startMs = clock.now()
    await Promise.all([ask(http), ask(http), ask(http)])
    const fourth = ask(http)
    await vi.waitFor(() => expect(waits).toHaveLength(1), patient)
    expect(hub.requests).toHaveLength(3)
    await settle(fourth)
    expect(clock.now() - startMs).toBeGreaterThanOrEqual(300_000)
  })
})

describe('retries', () => {
  it('end when their waits together would pass what was allowed', async () => {
    const { hub, open, ask, settle } = await useHub()
    const headers = { 'retry-after': '4' }
    hub.addFault({ on: {}, fault: { kind: 'status', status: 503, headers } })
    const asked = settle(ask(open({ retry: { maxRetries: 9, maxWaitMs: 10_000 } })))
    await expect(asked).rejects.toMatchObject({ status: 503, attempts: 3 })
    expect(hub.requests).toHaveLength(3)
  })

  it('end with an abort, also in the middle of a wait', async () => {
    const { hub, clock, waits, open } = await useHub()
    hub.addFault({ on: {}, fault: { kind: 'status', status: 503 } })
    const stop = new AbortController()
    const asked = open().transport.send(
      { method: 'GET', url: `${hub.url}/api/models/acme/tiny` },
      { signal: stop.signal, emit: (event) => waits.push(event) },
    )
    await vi.waitFor(() => expect(waits).toHaveLength(1), patient)
    stop.abort('enough')
    await expect(asked).rejects.toBe('enough')
    expect(clock.sleepers).toEqual([])
    expect(hub.requests).toHaveLength(1)
  })

  it('end after the attempts that were allowed, and say how many there were', async () => {
    const { hub, open, ask, settle } = await useHub()
    hub.addFault({ on: {}, fault: { kind: 'status', status: 503 } })
    const error: unknown = await settle(ask(open({ retry: { maxRetries: 2 } }))).catch(
      (error_: unknown) => error_,
    )
    expect(error).toBeInstanceOf(HttpError)
    expect(error).toMatchObject({ status: 503, attempts: 3, code: 'HUB_SERVER_ERROR' })
    expect(hub.requests).toHaveLength(3)
  })

  it.each([400, 401, 403, 404, 416])('never follow a %i', async (status) => {
    const { hub, open, ask } = await useHub()
    hub.addFault({ on: {}, fault: { kind: 'status', status } })
    await expect(ask(open())).rejects.toMatchObject({ status })
    expect(hub.requests).toHaveLength(1)
  })

  it('a server that closes before it answers is asked again', async () => {
    const { hub, open, ask, settle } = await useHub()
    hub.addFault({ on: {}, times: 1, fault: { kind: 'refuse' } })
    expect(await settle(ask(open()))).toBe(200)
  })

  it('back off twice as long each time, up to a bound', () => {
    expect([1, 2, 3, 4, 20].map((attempt) => backoff(attempt, 500, () => 1))).toEqual([
      500, 1000, 2000, 4000, 15_000,
    ])
    expect(backoff(3, 500, () => 0)).toBe(1000)
  })
})

describe('what a server says of its limits', () => {
  it.each([
    [{ 'retry-after': '120' }, 120_000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:01:00 GMT' }, 60_000],
    [{ 'retry-after': 'Mon, 01 Jan 2001 00:00:00 GMT' }, 0],
    [{ 'retry-after': '99999999999' }, 86_400_000],
    [{ 'retry-after': 'soon' }, undefined],
    [{ ratelimit: '"api";r=0;t=9', 'retry-after': '1' }, 9_000],
    [{ ratelimit: '"api";r=0;t=99999999' }, 86_400_000],
    [{ ratelimit: '"api";r=5;t=9' }, undefined],
    [{}, undefined],
  ])('%j asks for %s ms', (headers, expected) => {
    expect(readRetryAfter(headers, Date.parse('2026-01-01T00:00:00Z'))).toBe(expected)
  })

  it('reads the bucket and its quota', () => {
    expect(
      readRateLimit({
        ratelimit: '"resolvers";r=4992;t=9',
        'ratelimit-policy': '"fixed window";"resolvers";q=5000;w=300',
      }),
    ).toEqual({ name: 'resolvers', remaining: 4992, resetMs: 9000, quota: 5000 })
    expect(readRateLimit({ ratelimit: 'nonsense' })).toBeUndefined()
  })
})
