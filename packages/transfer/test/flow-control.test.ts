import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { Clock, FlowEvent, TransferSource } from '@hfx/core'
import { createManualClock } from '@hfx/testing'
import { createAbortFan } from '../src/abort-fan.ts'
import { createByteBudget } from '../src/byte-budget.ts'
import { createLocator } from '../src/locate-source.ts'
import { createPartBuffer } from '../src/part-buffer.ts'
import { createProgressReport } from '../src/report-progress.ts'
import { createRateLimit } from '../src/rate-limit.ts'
import { makeBytes } from './support/hub-source.ts'

const mib = 1024 ** 2
const never = new AbortController().signal

describe('the memory for a slow disk', () => {
  it('holds no more than its limit and a chunk, and lets go as the disk takes it', async () => {
    const budget = createByteBudget(4 * mib)
    const writes: (() => void)[] = []
    const writer = { write: () => new Promise<void>((resolve) => writes.push(resolve)) }
    const buffer = createPartBuffer({ writer, budget, onWritten: () => {}, onFailure: () => {} }, 0)
    const chunk = Buffer.alloc(64 * 1024)
    let taken = 1
    while (buffer.push(chunk, true)) taken += 1
    expect(budget.usedBytes).toBe(taken * chunk.length)
    expect(budget.usedBytes).toBeLessThanOrEqual(4 * mib)
    let hasRoom = false
    void budget.whenRoom().then(() => (hasRoom = true))
    await settle()
    expect(hasRoom).toBe(false)
    writes.splice(0).forEach((finish) => finish())
    await settle()
    expect(hasRoom).toBe(true)
    await buffer.finish()
    expect(budget.usedBytes).toBe(0)
  })

  it('wakes nobody while what is free is not room', async () => {
    const budget = createByteBudget(4 * mib)
    expect(budget.take(3.5 * mib)).toBe(false)
    let hasRoom = false
    void budget.whenRoom().then(() => (hasRoom = true))
    budget.release(mib / 2)
    await settle()
    expect(hasRoom).toBe(false)
    budget.release(1)
    await settle()
    expect(hasRoom).toBe(true)
  })

  it('gives a chunk back when it has been written, and never one that the writer keeps', async () => {
    const finish: (() => void)[] = []
    const write = (): Promise<void> => new Promise((resolve) => finish.push(resolve))
    const back: Uint8Array[] = []
    const chunks = [Buffer.alloc(10), Buffer.alloc(20)]
    for (const keepsBuffers of [false, true]) {
      const buffer = createPartBuffer(
        {
          writer: { write, keepsBuffers },
          budget: createByteBudget(mib),
          onWritten: () => {},
          onFailure: () => {},
        },
        0,
      )
      for (const chunk of chunks) buffer.push(chunk, true, (written) => back.push(written))
      buffer.push(Buffer.alloc(30), false)
      const finished = buffer.finish()
      expect(back).toEqual(keepsBuffers ? chunks : [])
      finish.splice(0).forEach((end) => end())
      await finished
      expect(back).toEqual(chunks)
    }
  })

  it('copies chunks that are not to be kept, and writes them in order and in large pieces', async () => {
    const written: { readonly at: number; readonly bytes: Buffer }[] = []
    const writer = {
      write: (buffers: readonly Uint8Array[], at: number) => {
        written.push({ at, bytes: Buffer.concat(buffers) })
        return Promise.resolve()
      },
    }
    const buffer = createPartBuffer(
      { writer, budget: createByteBudget(8 * mib), onWritten: () => {}, onFailure: () => {} },
      500,
    )
    const bytes = makeBytes(2.5 * mib)
    const chunk = Buffer.alloc(60_000)
    for (let at = 0; at < bytes.length; at += chunk.length) {
      const size = bytes.copy(chunk, 0, at, Math.min(at + chunk.length, bytes.length))
      buffer.push(chunk.subarray(0, size), false)
    }
    await buffer.finish()
    expect(Buffer.concat(written.map((write) => write.bytes)).equals(bytes)).toBe(true)
    expect(written).toHaveLength(3)
    expect(written[0]?.at).toBe(500)
  })
})

describe('the rate limit', () => {
  it('SP-3: keeps to its rate over many lanes, and to a new one from when it is set', async () => {
    const clock = createManualClock()
    const limit = createRateLimit(clock, 1_000_000)
    const chunkBytes = 64 * 1024
    let bytes = 0
    const lane = async (): Promise<void> => {
      for (;;) {
        bytes += chunkBytes
        await limit.take(chunkBytes, never)
      }
    }
    for (let index = 0; index < 8; index += 1) void lane()
    await clock.advance(5000)
    expect(bytes / 5_000_000).toBeGreaterThan(0.95)
    // Each lane holds one chunk that is not paid for yet.
    expect((bytes - 8 * chunkBytes) / 5_000_000).toBeLessThan(1.05)
    limit.setRate(4_000_000)
    const before = bytes
    await clock.advance(5000)
    expect((bytes - before) / 20_000_000).toBeGreaterThan(0.95)
    expect((bytes - before) / 20_000_000).toBeLessThan(1.05)
  })

  it('lets everybody go when it is lifted', async () => {
    const limit = createRateLimit(createManualClock(), 1000)
    const waiting = limit.take(1_000_000, never)
    limit.setRate(undefined)
    await waiting
    expect(limit.take(1_000_000, never)).toBeUndefined()
  })
})

describe('the location of a file', () => {
  it('SU-1: is asked for once by all lanes, again before it expires, and once after a refusal', async () => {
    const clock = createManualClock()
    const { source, asked } = createAgingSource(clock, 60_000)
    const locator = createLocator({ clock }, source, {})
    const [first, second] = await Promise.all([locator.current(), locator.current()])
    expect([first.url, second.url]).toEqual(['http://cdn/1', 'http://cdn/1'])
    await clock.advance(31_000)
    expect((await locator.current()).url).toBe('http://cdn/2')
    locator.reject('http://cdn/1')
    expect((await locator.current()).url).toBe('http://cdn/2')
    locator.reject('http://cdn/2')
    await Promise.all([locator.current(), locator.current()])
    expect(asked).toEqual([false, true, true])
    await locator.current()
    expect(asked).toHaveLength(3)
  })

  it.each([
    ['half a minute before that, where it lives long', 600_000, 569_999],
    ['after half of its life, where that is short', 20_000, 9_999],
  ])('SU-1: is asked for again %s', async (_title, lifetimeMs, goodMs) => {
    const clock = createManualClock()
    const { source, asked } = createAgingSource(clock, lifetimeMs)
    const locator = createLocator({ clock }, source, {})
    await locator.current()
    await clock.advance(goodMs)
    await locator.current()
    expect(asked).toHaveLength(1)
    await clock.advance(1)
    await locator.current()
    expect(asked).toHaveLength(2)
  })

  it('SU-1: that has expired already serves no request twice', async () => {
    const clock = createManualClock()
    const { source, asked } = createAgingSource(clock, -60_000)
    const locator = createLocator({ clock }, source, {})
    await locator.current()
    await locator.current()
    expect(asked).toHaveLength(2)
  })
})

it('one listener on a signal serves many, and is gone with the last', () => {
  const fan = createAbortFan()
  const controller = new AbortController()
  let added = 0
  const { signal } = controller
  const { addEventListener, removeEventListener } = signal
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    added += 1
    addEventListener.apply(signal, args)
  }
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    added -= 1
    removeEventListener.apply(signal, args)
  }
  const heard: unknown[] = []
  const leaving = [1, 2, 3].map(() => fan.listen(signal, (reason) => void heard.push(reason)))
  expect(added).toBe(1)
  leaving[0]?.()
  controller.abort('stop')
  expect(heard).toEqual(['stop', 'stop'])
  for (const leave of leaving) leave()
  expect(added).toBe(0)
})

it('a signal that has aborted already is heard at once, and nothing stays on it', () => {
  const heard: unknown[] = []
  const signal = AbortSignal.abort('long ago')
  createAbortFan().listen(signal, (reason) => void heard.push(reason))()
  expect(heard).toEqual(['long ago'])
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

it('progress is told ten times a second at most, and at the end', async () => {
  const clock = createManualClock()
  const told: number[] = []
  const totals = { done: [{ start: 0, end: 5 }], fetchedBytes: 0, retries: 0, lastProgressAtMs: 0 }
  const emit = (event: FlowEvent): void => {
    if (event.type === 'file:progress') told.push(event.doneBytes)
  }
  const report = createProgressReport({ clock, emit }, { path: 'f', sizeBytes: 9, totals }, () => 0)
  for (let step = 0; step < 20; step += 1) {
    report.tell()
    await clock.advance(10)
  }
  expect(told).toEqual([5, 5])
  report.finish()
  expect(told).toEqual([5, 5, 9])
})

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** A file whose every location is good for so long, and whether each was asked for afresh. */
function createAgingSource(
  clock: Pick<Clock, 'now'>,
  lifetimeMs: number,
): { readonly source: TransferSource; readonly asked: readonly boolean[] } {
  const asked: boolean[] = []
  const locate: TransferSource['locate'] = ({ fresh }) => {
    asked.push(fresh)
    const url = `http://cdn/${asked.length}`
    return Promise.resolve({ url, expiresAtMs: clock.now() + lifetimeMs })
  }
  return { source: { path: 'f', sizeBytes: 1, locate }, asked }
}
