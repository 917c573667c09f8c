import { describe, expect, it } from 'vitest'
import { HttpError, StalledError, type Clock, type FileLocation, type FlowEvent } from '@hfx/core'
import { createGate } from './support/gate.ts'
import { located, openStage, partBytes, serve, type Locate } from './support/scripted-stage.ts'

function stalls(events: readonly FlowEvent[]): number {
  return events.filter(({ type }) => type === 'file:stall').length
}

describe('silence of a connection', () => {
  it('ST-1: ends it after the stall time, and the rest is asked for over a new one', async () => {
    const { clock, requests, events, fetch } = openStage()
    const { over } = fetch(1)
    await clock.advance(250)
    requests[0]?.send(1000)
    await clock.advance(9_750)
    expect(requests).toHaveLength(1)
    await clock.advance(500)
    expect(requests.map(({ aborted }) => aborted)).toEqual([true, false])
    expect(requests[1]?.range).toMatchObject({ start: 1000, freshConnection: true })
    expect(stalls(events)).toBe(1)
    serve(requests[1])
    expect(await over).toBe('done')
  })

  it('is told of once, also where its socket takes its time to close and sends on', async () => {
    const sameClock = (clock: Clock): Clock => clock
    const { clock, requests, events, fetch } = openStage({}, sameClock, { closesLate: true })
    const { over, task } = fetch(1)
    await clock.advance(35_000)
    expect(requests[0]?.aborted).toBe(true)
    expect(stalls(events)).toBe(1)
    requests[0]?.send(1000)
    expect(task.totals.fetchedBytes).toBe(0)
    requests[0]?.fail(new Error('closed'))
    await clock.advance(0)
    serve(requests[1])
    expect(await over).toBe('done')
  })

  it('counts for nothing while the request waits at the rate gate, and from then on again', async () => {
    const { clock, requests, events, fetch } = openStage()
    const { over } = fetch(1)
    await clock.advance(0)
    const wait = { host: 'cdn.example', bucket: 'data', reason: 'rate-limit' } as const
    requests[0]?.emit({ type: 'request:wait', waitMs: 60_000, ...wait })
    requests[0]?.emit({ type: 'request:wait', waitMs: 1_000, ...wait })
    await clock.advance(69_000)
    expect(requests).toHaveLength(1)
    expect(stalls(events)).toBe(0)
    expect(events).toContainEqual(expect.objectContaining({ type: 'request:wait' }))
    await clock.advance(2_000)
    expect(stalls(events)).toBe(1)
    serve(requests[1])
    expect(await over).toBe('done')
  })

  it('counts for nothing while the file is paused; the socket waits, and goes on when it may', async () => {
    const { clock, requests, events, fetch } = openStage({ maxSilentMs: 30_000 })
    const gate = createGate()
    const { over } = fetch(1, { gate })
    await clock.advance(0)
    expect(requests[0]?.send(1000)).toBe(true)
    gate.set(true)
    expect(requests[0]?.send(1000)).toBe(false)
    await clock.advance(3_600_000)
    expect(requests[0]?.resumed).toBe(0)
    expect(stalls(events)).toBe(0)
    gate.set(false)
    await clock.advance(0)
    expect(requests[0]?.resumed).toBe(1)
    requests[0]?.send(partBytes - 2000)
    requests[0]?.end()
    expect(await over).toBe('done')
    expect(requests).toHaveLength(1)
  })

  it('counts for nothing while what it has sent is not paid for: the speed limit holds it', async () => {
    const { clock, requests, events, fetch } = openStage({ limitRate: 1000, maxSilentMs: 15_000 })
    const { over } = fetch(1)
    await clock.advance(0)
    expect(requests[0]?.send(partBytes - 1)).toBe(false)
    await clock.advance(60_000)
    expect(requests[0]?.resumed).toBe(0)
    expect(stalls(events)).toBe(0)
    await clock.advance(6_000)
    expect(requests[0]?.resumed).toBe(1)
    requests[0]?.send(1)
    requests[0]?.end()
    expect(await over).toBe('done')
    expect(requests).toHaveLength(1)
  })

  it('counts for nothing while a connection that has sent nothing yet belongs to a paused file', async () => {
    const { clock, requests, events, fetch } = openStage({ maxSilentMs: 30_000 })
    const gate = createGate()
    const { over } = fetch(1, { gate })
    await clock.advance(0)
    gate.set(true)
    await clock.advance(3_600_000)
    expect(stalls(events)).toBe(0)
    gate.set(false)
    await clock.advance(5_000)
    serve(requests[0])
    expect(await over).toBe('done')
    expect(requests).toHaveLength(1)
  })

  it('counts for nothing while the location is asked for', async () => {
    const { clock, requests, fetch } = openStage({ maxSilentMs: 30_000 })
    let tell: (location: FileLocation) => void = () => {}
    const locate: Locate = () => new Promise((resolve) => (tell = resolve))
    const { over } = fetch(1, { locate })
    await clock.advance(300_000)
    expect(requests).toHaveLength(0)
    tell(await located())
    await clock.advance(0)
    serve(requests[0])
    expect(await over).toBe('done')
  })

  it.each([
    ['slept: only the clock on the wall has moved', { wall: true, monotonic: false }],
    ['was stopped: both clocks have moved', { wall: true, monotonic: true }],
    ['was stopped while its wall clock was set back', { wall: false, monotonic: true }],
  ])('NW-3: of a machine that %s is forgiven but for a part', async (_title, moves) => {
    let jumpMs = 0
    const { clock, requests, events, fetch } = openStage({ maxSilentMs: 30_000 }, (manual) => ({
      ...manual,
      now: () => manual.now() + (moves.wall ? jumpMs : 0),
      monotonic: () => manual.monotonic() + (moves.monotonic ? jumpMs : 0),
    }))
    const { over } = fetch(1)
    await clock.advance(9_500)
    jumpMs = 3_600_000
    await clock.advance(3_000)
    expect(stalls(events)).toBe(0)
    expect(requests).toHaveLength(1)
    // Three of the ten seconds are left to show that it lives.
    await clock.advance(500)
    expect(stalls(events)).toBe(1)
    serve(requests[1])
    expect(await over).toBe('done')
  })

  it('NW-3: that ends after the machine slept costs no new connection', async () => {
    let jumpMs = 0
    const { clock, requests, fetch } = openStage({}, (manual) => ({
      ...manual,
      now: () => manual.now() + jumpMs,
    }))
    const { over } = fetch(1)
    await clock.advance(9_500)
    jumpMs = 3_600_000
    await clock.advance(2_500)
    requests[0]?.send(1)
    await clock.advance(9_500)
    requests[0]?.send(partBytes - 1)
    requests[0]?.end()
    expect(await over).toBe('done')
    expect(requests).toHaveLength(1)
  })
})

describe('ST-4: a file that gets no byte', () => {
  it('fails after maxSilentMs, however many attempts are left', async () => {
    const { clock, requests, fetch } = openStage()
    const { over } = fetch(8)
    await clock.advance(100)
    requests[0]?.send(1000)
    const startMs = clock.now()
    let endedMs = 0
    void over.then(() => (endedMs = clock.now()))
    await clock.advance(120_000)
    const error = await over
    expect(error).toBeInstanceOf(StalledError)
    expect(error).toMatchObject({
      code: 'HUB_STALLED',
      doneBytes: 1000,
      lastProgressAtMs: startMs,
    })
    expect(endedMs - startMs).toBeGreaterThanOrEqual(60_000)
    expect(endedMs - startMs).toBeLessThanOrEqual(60_500)
    expect(requests.every(({ aborted }) => aborted)).toBe(true)
    expect(clock.sleepers).toEqual([])
  })

  it('does not fail while now and then one comes', async () => {
    const { clock, requests, fetch } = openStage({ stallTimeoutMs: 20_000, maxSilentMs: 25_000 })
    const { over } = fetch(1)
    for (let bytes = 0; bytes < 40; bytes += 1) {
      await clock.advance(19_000)
      requests.at(-1)?.send(1)
    }
    serve(requests.at(-1))
    expect(await over).toBe('done')
  })

  it('is given all of maxSilentMs again after a pause', async () => {
    const { clock, requests, fetch } = openStage({ stallTimeoutMs: 15_000, maxSilentMs: 20_000 })
    const gate = createGate()
    const { over } = fetch(1, { gate })
    await clock.advance(14_000)
    gate.set(true)
    await clock.advance(1_000)
    gate.set(false)
    await clock.advance(14_000)
    serve(requests[0])
    expect(await over).toBe('done')
  })

  it('does not count the time for which the machine slept', async () => {
    let jumpMs = 0
    const { clock, requests, fetch } = openStage({ maxSilentMs: 12_000 }, (manual) => ({
      ...manual,
      monotonic: () => manual.monotonic() + jumpMs,
    }))
    const { over } = fetch(1)
    await clock.advance(9_000)
    jumpMs = 3_600_000
    await clock.advance(2_500)
    serve(requests[0])
    expect(await over).toBe('done')
  })
})

describe('lanes', () => {
  it('go to other files while one file has more parts than lanes and is not located yet', async () => {
    const { clock, requests, fetch } = openStage({ connections: 2 })
    let tell: (location: FileLocation) => void = () => {}
    const first = fetch(4, { locate: () => new Promise((resolve) => (tell = resolve)) })
    await clock.advance(0)
    const second = fetch(1)
    await clock.advance(0)
    expect(requests.map(({ range }) => range.totalBytes)).toEqual([partBytes])
    serve(requests[0])
    expect(await second.over).toBe('done')
    tell(await located())
    await clock.advance(0)
    expect(requests).toHaveLength(3)
    for (let at = 1; at <= 4; at += 1) {
      serve(requests[at])
      await clock.advance(0)
    }
    expect(await first.over).toBe('done')
  })

  it('are not asked for by the parts of a file whose location is refused', async () => {
    const { clock, requests, fetch } = openStage({ maxAttempts: 1 })
    const refused = new HttpError({
      code: 'HUB_FORBIDDEN',
      message: 'no',
      url: 'u',
      status: 403,
      attempts: 1,
      retryable: false,
    })
    let asked = 0
    const { over } = fetch(4, {
      locate: () => {
        asked += 1
        return Promise.reject(refused)
      },
    })
    await clock.advance(0)
    expect(await over).toBe(refused)
    expect({ asked, requests }).toEqual({ asked: 1, requests: [] })
  })
})

it('a file of which bytes are missing in the end is refused, whatever has lost them', async () => {
  const { clock, requests, fetch } = openStage()
  const totals = { done: [], fetchedBytes: 0, retries: 0, lastProgressAtMs: 0 }
  const { over } = fetch(2, { totals, onWritten: () => void (totals.done = []) })
  await clock.advance(0)
  serve(requests[0])
  await clock.advance(0)
  serve(requests[1])
  expect(await over).toMatchObject({
    code: 'HUB_SIZE_MISMATCH',
    expected: String(2 * partBytes),
    actual: '0',
  })
})
