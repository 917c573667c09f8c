import { describe, expect, it } from 'vitest'
import { HubError } from '@hfx/core'
import { createGate } from './support/gate.ts'
import { httpError, refusal } from './support/http-errors.ts'
import {
  failAll,
  openStage,
  partBytes,
  serve,
  serveRest,
  type Locate,
} from './support/scripted-stage.ts'

const kib = 1024
/** Waits long, and hears no silence meanwhile. */
const patient = { retryWaitMs: 10_000, stallTimeoutMs: 100_000 }

/** Four ranges of eight on their way. */
async function startFour() {
  const stage = openStage({ ...patient, partBytes: 128 * kib })
  const { over } = stage.fetch(8)
  await stage.clock.advance(0)
  expect(stage.requests).toHaveLength(4)
  return { ...stage, over }
}

describe('RQ-3: a server in trouble', () => {
  it('is asked for no new range while three wait; one that comes whole opens all', async () => {
    const stage = await startFour()
    const { requests, clock, over } = stage
    failAll(requests.slice(0, 3), refusal(500))
    await clock.advance(0)
    expect(requests).toHaveLength(4)
    serve(requests[3])
    await clock.advance(0)
    expect(requests).toHaveLength(8)
    await clock.advance(20_000)
    await serveRest(stage, 4)
    expect(await over).toBe('done')
  })

  it('is asked for all again when a range has come a good way', async () => {
    const { requests, clock } = await startFour()
    failAll(requests.slice(0, 3), refusal(500))
    requests[3]?.send(64 * kib)
    requests[3]?.fail(refusal(500))
    await clock.advance(0)
    expect(requests.length).toBeGreaterThan(4)
  })

  it('is not asked for all again when a range has come some bytes', async () => {
    const { requests, clock } = await startFour()
    failAll(requests.slice(0, 3), refusal(500))
    requests[3]?.send(64 * kib - 1)
    requests[3]?.fail(refusal(500))
    await clock.advance(0)
    expect(requests).toHaveLength(4)
  })

  it('is asked for new ranges again when nothing waits any more', async () => {
    const { requests, clock, fetch } = openStage(patient)
    const other = fetch(1)
    const { over } = fetch(5)
    await clock.advance(0)
    expect(requests).toHaveLength(4)
    failAll(requests.slice(1), refusal(500))
    await clock.advance(10_000)
    expect(requests).toHaveLength(7)
    serve(requests[0])
    expect(await other.over).toBe('done')
    await clock.advance(0)
    expect(requests).toHaveLength(8)
    await serveRest({ requests, clock }, 4)
    expect(await over).toBe('done')
  })

  it.each([
    ['429', refusal(429), ['large throttled']],
    ['503', refusal(503), ['large throttled']],
    ['500', refusal(500), []],
    ['a cut connection', httpError('HUB_CONNECTION_LOST'), ['large reset']],
    ['a refused connection', httpError('HUB_CONNECT_FAILED'), ['large reset']],
  ])('tells the lanes with %s what they learn from', async (_title, error, expected) => {
    const { requests, clock, told, fetch } = openStage()
    const { over } = fetch(1)
    await clock.advance(0)
    requests[0]?.fail(error)
    await clock.advance(0)
    expect(told).toEqual(expected)
    serve(requests[1])
    expect(await over).toBe('done')
    expect(told.at(-1)).toBe(`large +${partBytes}`)
  })

  it('whose small files come counts whole ones, not bytes', async () => {
    const { requests, clock, told, fetch } = openStage()
    const { over } = fetch(1, { kind: 'small' })
    await clock.advance(0)
    serve(requests[0])
    expect(await over).toBe('done')
    expect(told).toEqual(['small +1'])
  })
})

describe('attempts of a range', () => {
  it('that bring next to nothing run out', async () => {
    const { requests, clock, fetch } = openStage({ maxAttempts: 3, partBytes: 256 * kib })
    const { over } = fetch(1)
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await clock.advance(1)
      requests[attempt]?.send(1000)
      requests[attempt]?.fail(httpError('HUB_CONNECTION_LOST'))
    }
    expect(await over).toMatchObject({
      code: 'HUB_CONNECTION_LOST',
      message: 'HUB_CONNECTION_LOST (after 3 attempts)',
      attempts: 3,
    })
    expect(requests.map(({ range }) => range.start)).toEqual([0, 1000, 2000])
  })

  it('do not run out while each brings something', async () => {
    const { requests, clock, fetch } = openStage({ maxAttempts: 3, partBytes: 1024 * kib })
    const { over } = fetch(1)
    for (let attempt = 0; attempt < 12; attempt += 1) {
      await clock.advance(1)
      requests[attempt]?.send(64 * kib)
      requests[attempt]?.fail(httpError('HUB_CONNECTION_LOST'))
    }
    await clock.advance(1)
    serve(requests[12])
    expect(await over).toBe('done')
  })

  it('end with the file, also those that wait for their turn', async () => {
    const { requests, clock, fetch } = openStage({ retryWaitMs: 10_000 })
    const stop = new AbortController()
    const { over } = fetch(2, { signal: stop.signal })
    await clock.advance(0)
    requests[0]?.fail(refusal(500))
    await clock.advance(0)
    stop.abort('enough')
    expect(await over).toBe('enough')
    expect(requests.map(({ aborted }) => aborted)).toEqual([false, true])
    expect(clock.sleepers).toEqual([])
  })

  it('end the file with their first failure that nothing helps against', async () => {
    const { requests, clock, fetch } = openStage()
    const { over } = fetch(3)
    await clock.advance(0)
    const first = new HubError({ code: 'HUB_DISK', message: 'first' })
    requests[0]?.fail(first)
    requests[1]?.fail(new HubError({ code: 'HUB_DISK', message: 'second' }))
    expect(await over).toBe(first)
    expect(requests[2]?.aborted).toBe(true)
  })

  it('end the file with the first failure of the disk, whatever fails after it', async () => {
    const errors = [1, 2].map((at) => new HubError({ code: 'HUB_DISK', message: `${at}` }))
    let writes = 0
    const { requests, clock, fetch } = openStage({ partBytes: 4096 * kib })
    const write = (): Promise<void> => Promise.reject(errors[writes++])
    const { over } = fetch(1, { writer: { write } })
    await clock.advance(0)
    requests[0]?.send(1024 * kib)
    requests[0]?.send(1024 * kib)
    expect(await over).toBe(errors[0])
    expect(writes).toBe(2)
  })

  it('are none where the file had ended before it began', async () => {
    const { requests, clock, fetch } = openStage()
    const { over } = fetch(2, { signal: AbortSignal.abort('early') })
    await clock.advance(0)
    expect(await over).toBe('early')
    expect(requests).toEqual([])
  })

  it('are none of a file that ends while it waits for its first lane', async () => {
    const { requests, clock, fetch } = openStage({ connections: 1 })
    const stop = new AbortController()
    const first = fetch(1)
    const { over } = fetch(1, { signal: stop.signal })
    await clock.advance(0)
    stop.abort('enough')
    expect(await over).toBe('enough')
    serve(requests[0])
    expect(await first.over).toBe('done')
    await clock.advance(0)
    expect(requests).toHaveLength(1)
  })

  it('begin when a file that is paused from its start is no longer', async () => {
    const { requests, clock, fetch } = openStage()
    const gate = createGate()
    gate.set(true)
    const { over } = fetch(1, { gate })
    await clock.advance(60_000)
    expect(requests).toEqual([])
    gate.set(false)
    await clock.advance(0)
    serve(requests[0])
    expect(await over).toBe('done')
  })

  it('ask for no bytes when the file ended while its location was asked for', async () => {
    const { requests, clock, fetch } = openStage()
    const stop = new AbortController()
    let tell: (at: { readonly url: string }) => void = () => {}
    const locate: Locate = () => new Promise((resolve) => (tell = resolve))
    const { over } = fetch(2, { signal: stop.signal, locate })
    await clock.advance(0)
    stop.abort('enough')
    tell({ url: 'http://cdn.example/f' })
    expect(await over).toBe('enough')
    expect(requests).toEqual([])
  })

  it('count what has reached the disk before it failed, without a fingerprint of more', async () => {
    const noted: object[] = []
    const full = new HubError({ code: 'HUB_NO_SPACE', message: 'full' })
    let room = 1
    const write = (): Promise<void> => (room-- > 0 ? Promise.resolve() : Promise.reject(full))
    const { requests, clock, fetch } = openStage({ partBytes: 2048 * kib })
    const onPart = (range: object): void => void noted.push(range)
    const { over } = fetch(2, { writer: { write }, onPart })
    await clock.advance(0)
    requests[0]?.send(1024 * kib)
    await clock.advance(0)
    requests[0]?.send(1024 * kib)
    requests[1]?.send(1024 * kib)
    expect(await over).toBe(full)
    expect(noted).toEqual([{ start: 0, end: 1024 * kib }])
  })

  it('tell of each wait, with the lane and what is left', async () => {
    const { requests, clock, events, fetch } = openStage({ maxAttempts: 4, retryWaitMs: 1000 })
    const { over } = fetch(1)
    await clock.advance(0)
    requests[0]?.fail(refusal(503))
    await clock.advance(1000)
    const told = events.filter(({ type }) => type === 'file:retry')
    expect(told).toEqual([
      expect.objectContaining({
        path: 'f.bin',
        attempt: 1,
        maxRetries: 3,
        code: 'HUB_SERVER_ERROR',
        status: 503,
        lane: 0,
      }),
    ])
    serve(requests[1])
    expect(await over).toBe('done')
  })
})

describe('RE-4: a server that does not do ranges', () => {
  const refused = httpError('HUB_RANGE_REFUSED')

  it('is asked again elsewhere once, and then for the whole file over one connection', async () => {
    const asked: boolean[] = []
    const { requests, clock, fetch } = openStage({ connections: 1 })
    const locate = ({ fresh }: { readonly fresh: boolean }) => {
      asked.push(fresh)
      return Promise.resolve({ url: `http://cdn.example/${asked.length}` })
    }
    const { over } = fetch(2, { locate })
    await clock.advance(0)
    requests[0]?.fail(refused)
    await clock.advance(1)
    expect(asked).toEqual([false, true])
    expect(requests[1]?.range).toMatchObject({
      url: 'http://cdn.example/2',
      start: 0,
      end: partBytes,
      freshConnection: true,
    })
    requests[1]?.fail(refused)
    await clock.advance(1)
    expect(requests[2]?.range).toMatchObject({ start: 0, end: 2 * partBytes })
    requests[2]?.sendWhole(2 * partBytes)
    requests[2]?.end()
    expect(await over).toBe('done')
    expect(requests).toHaveLength(3)
  })

  it('brings the whole file over one connection, however many have failed at once', async () => {
    const { requests, clock, fetch } = openStage()
    const { over } = fetch(4)
    await clock.advance(0)
    failAll(requests, refused)
    await clock.advance(1)
    expect(
      requests.slice(4).map(({ range, aborted }) => [range.start, range.end, aborted]),
    ).toEqual([[0, 4 * partBytes, false]])
    requests[4]?.sendWhole(4 * partBytes)
    requests[4]?.end()
    expect(await over).toBe('done')
  })

  it('is asked for the whole file once, also when a range has waited for its turn meanwhile', async () => {
    const { requests, clock, fetch } = openStage({ ...patient, connections: 2 })
    const { over } = fetch(2)
    await clock.advance(0)
    requests[1]?.fail(refusal(500))
    await clock.advance(0)
    requests[0]?.sendWhole(1000)
    await clock.advance(20_000)
    expect(requests).toHaveLength(2)
    requests[0]?.send(2 * partBytes - 1000)
    requests[0]?.end()
    expect(await over).toBe('done')
  })

  it('is given up where it refuses the whole file too', async () => {
    const { requests, clock, fetch } = openStage({ connections: 1 })
    const { over } = fetch(2)
    for (let at = 0; at < 4; at += 1) {
      await clock.advance(1)
      requests[at]?.fail(refused)
    }
    expect(await over).toMatchObject({ code: 'HUB_RANGE_REFUSED' })
    expect(requests).toHaveLength(4)
  })

  it('and ignores the first range, is read on to the end over that connection; the others end', async () => {
    const { requests, clock, fetch } = openStage()
    const { over, task } = fetch(4)
    await clock.advance(0)
    requests[0]?.sendWhole(partBytes)
    await clock.advance(0)
    expect(requests.map(({ aborted }) => aborted)).toEqual([false, true, true, true])
    requests[0]?.send(3 * partBytes)
    requests[0]?.end()
    expect(await over).toBe('done')
    expect(requests).toHaveLength(4)
    expect(task.totals.fetchedBytes).toBe(4 * partBytes)
  })

  it('and always cuts at one place, is given up: that place is no progress the second time', async () => {
    const { requests, clock, fetch } = openStage({ maxAttempts: 3, partBytes: 256 * kib })
    const { over } = fetch(2)
    await clock.advance(0)
    requests[0]?.sendWhole(128 * kib)
    requests[0]?.fail(httpError('HUB_CONNECTION_LOST'))
    for (let at = 2; at < 8; at += 1) {
      await clock.advance(1)
      if (requests.length <= at) break
      expect(requests[at]?.range).toMatchObject({ start: 0, end: 512 * kib })
      requests[at]?.sendWhole(128 * kib)
      requests[at]?.fail(httpError('HUB_CONNECTION_LOST'))
    }
    expect(await over).toMatchObject({ code: 'HUB_CONNECTION_LOST' })
    expect(requests).toHaveLength(4)
  })
})
