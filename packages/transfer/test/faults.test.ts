import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { IntegrityError, StalledError, systemClock, type Clock, type FlowEvent } from '@hfx/core'
import type { Fault, FaultTarget } from '@hfx/fake-hub'
import { useTempDir } from '@hfx/testing'
import { createFileTransfer, type TransferOptions } from '../src/index.ts'
import { createNodeRangeReader } from './support/node-range-reader.ts'
import { makeBytes, stageIn, startBench, type Bench } from './support/hub-source.ts'

const kib = 1024
const partBytes = 256 * kib
const bytes = makeBytes(4 * partBytes)
const quick: TransferOptions = {
  partBytes,
  retryWaitMs: 1,
  maxRetryWaitMs: 20,
}

interface Trouble {
  readonly fault: Fault
  readonly on?: FaultTarget
  readonly times?: number
  readonly skip?: number
  /** Before each answer, so that the disk is never behind. */
  readonly latencyMs?: number
}

interface Outcome {
  readonly bench: Bench
  readonly events: readonly FlowEvent[]
  readonly fetchedBytes: number
}

/** Brings the file through the trouble, checks it to the byte, and tells what it took. */
async function survive(
  { latencyMs, ...trouble }: Trouble,
  options: TransferOptions = {},
): Promise<Outcome> {
  const bench = await startBench({ 'f.bin': bytes }, { transfer: { ...quick, ...options } })
  bench.hub.addFault({ times: 1, on: { host: 'cdn' }, ...trouble })
  if (latencyMs !== undefined)
    bench.hub.addFault({ on: { host: 'cdn' }, fault: { kind: 'latency', ms: latencyMs } })
  const folder = await useTempDir()
  const source = bench.source('f.bin')
  const events: FlowEvent[] = []
  const result = await bench.transfer.transferFile(source, stageIn(folder, source), {
    emit: (event) => void events.push(event),
  })
  expect(bytes.equals(await readFile(result.file.path))).toBe(true)
  expect(await readdir(folder)).toHaveLength(1)
  return { bench, events, fetchedBytes: result.fetchedBytes }
}

function retries(events: readonly FlowEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'file:retry' ? [event.code] : []))
}

describe('a transfer survives', () => {
  it('a reset in the middle of a part, keeping the bytes before it', async () => {
    const { fetchedBytes, events } = await survive({
      fault: { kind: 'reset', afterBytes: 100_000 },
    })
    expect(retries(events)).toEqual(['HUB_CONNECTION_LOST'])
    // A reset may swallow what was still on its way, but never more than the part.
    expect(fetchedBytes).toBeLessThanOrEqual(bytes.byteLength + partBytes)
  })

  it('a short body, going on after its last good byte', async () => {
    const { fetchedBytes, events, bench } = await survive({
      fault: { kind: 'short', bytes: 100_000 },
    })
    expect(retries(events)).toHaveLength(1)
    expect(fetchedBytes).toBe(bytes.byteLength)
    expect(bench.data()).toHaveLength(5)
  })

  it('a body that is too long', async () => {
    const { fetchedBytes } = await survive({ fault: { kind: 'long', bytes: 5000 } })
    expect(fetchedBytes).toBeLessThanOrEqual(bytes.byteLength + partBytes)
  })

  it('a body that is too long, also where no hash could tell', async () => {
    const bench = await startBench({ 'f.bin': bytes }, { transfer: quick })
    const fault = { kind: 'long', bytes: 5000 } as const
    bench.hub.addFault({ on: { host: 'cdn' }, times: 1, fault })
    const { hash: _, ...unhashed } = bench.source('f.bin')
    const staged = { folder: await useTempDir(), stem: 'f' }
    const { file } = await bench.transfer.transferFile(unhashed, staged)
    expect(bytes.equals(await readFile(file.path))).toBe(true)
    // The bytes of an answer that is too long are not to be trusted: its range comes again.
    expect(bench.data()).toHaveLength(5)
  })

  it('ST-1: silence after some bytes, on a new connection', async () => {
    const { events, bench, fetchedBytes } = await survive(
      { fault: { kind: 'stall', afterBytes: 100_000 } },
      { stallTimeoutMs: 300 },
    )
    expect(events.some((event) => event.type === 'file:stall')).toBe(true)
    expect(retries(events)).toContain('HUB_STALLED')
    expect(fetchedBytes).toBeLessThanOrEqual(bytes.byteLength + partBytes)
    const stalled = bench.data().find((request) => request.aborted)
    const last = bench.data().at(-1)
    expect(last?.connectionId).not.toBe(stalled?.connectionId)
  })

  it('ST-2: a drip, by asking again for the rest of the part', async () => {
    const { bench } = await survive(
      { fault: { kind: 'drip', bytesPerSecond: 200, afterBytes: 50_000 } },
      { minSpeedWindowMs: 300, stallTimeoutMs: 60_000 },
    )
    expect(bench.data()).toHaveLength(5)
  })

  it('ST-5: one slow connection, by sharing out what it has left', async () => {
    const large = makeBytes(4096 * kib)
    const bench = await startBench({ 'f.bin': large }, { transfer: { partBytes: 1024 * kib } })
    const slow = { kind: 'rate', bytesPerSecond: 150_000 } as const
    bench.hub.addFault({ times: 1, on: { host: 'cdn' }, fault: slow })
    const folder = await useTempDir()
    const source = bench.source('f.bin')
    const result = await bench.transfer.transferFile(source, stageIn(folder, source))
    expect(large.equals(await readFile(result.file.path))).toBe(true)
    expect(result.fetchedBytes).toBe(large.byteLength)
    const tails = bench.data().slice(4)
    expect(tails.length).toBeGreaterThanOrEqual(1)
    expect(tails.length).toBeLessThan(5)
    // What was given away is not sent all the same.
    await expect.poll(() => bench.data()[0]?.aborted).toBe(true)
  })

  it.each([429, 500, 502, 503, 504])('status %i', async (status) => {
    const { events } = await survive({ fault: { kind: 'status', status }, times: 2 })
    expect(retries(events)).toHaveLength(2)
  })

  it('many refused parts at once, without a warning of Node on the terminal', async () => {
    const warnings: Error[] = []
    const listen = (warning: Error): void => void warnings.push(warning)
    process.on('warning', listen)
    onTestFinished(() => void process.off('warning', listen))
    await survive(
      { fault: { kind: 'status', status: 500 }, skip: 1, times: 16 },
      { partBytes: 32 * kib, connections: 16, retryWaitMs: 200, maxRetryWaitMs: 200 },
    )
    expect(warnings).toEqual([])
  })

  it('more cuts than attempts, when each attempt brings something', async () => {
    const { events } = await survive(
      { fault: { kind: 'reset', afterBytes: 100_000 }, times: 8 },
      { partBytes: 1024 * kib, connections: 1, maxAttempts: 2 },
    )
    expect(retries(events).length).toBeGreaterThan(4)
  })

  it.each([{ declared: true }, { declared: false }])(
    'IN-3: a body of no bytes (%o)',
    async (how) => {
      const { bench } = await survive({ fault: { kind: 'short', bytes: 1e9, ...how } })
      expect(bench.data().length).toBeGreaterThan(4)
    },
  )

  it('IN-3: a 206 that starts elsewhere and says it does not', async () => {
    const { fetchedBytes } = await survive({ fault: { kind: 'shiftRange', by: 10, lie: true } })
    expect(fetchedBytes).toBeGreaterThan(bytes.byteLength)
  })

  it('a server that ignores ranges for good', async () => {
    const { fetchedBytes } = await survive({ fault: { kind: 'ignoreRange' }, times: 1000 })
    expect(fetchedBytes).toBe(bytes.byteLength)
  })

  it('RE-4: a server that ignores one range', async () => {
    const { bench } = await survive({ fault: { kind: 'ignoreRange' }, skip: 2 })
    expect(bench.data().length).toBeGreaterThan(4)
  })

  it('IN-3: a 206 that starts elsewhere', async () => {
    const { events } = await survive({ fault: { kind: 'shiftRange', by: 10 } })
    expect(retries(events)).toEqual(['HUB_RANGE_REFUSED'])
  })

  it('IN-3: an HTML page with status 200', async () => {
    const { events } = await survive({ fault: { kind: 'html' } })
    expect(retries(events)).toHaveLength(1)
  })

  it('IN-3: a gzip-encoded answer', async () => {
    const { events } = await survive({ fault: { kind: 'gzip' } })
    expect(retries(events)).toEqual(['HUB_BAD_RESPONSE'])
  })

  it('RE-4: a 416', async () => {
    const { events } = await survive({ fault: { kind: 'status', status: 416 } })
    expect(retries(events)).toEqual(['HUB_RANGE_REFUSED'])
  })

  it('a connection that is closed before an answer', async () => {
    const { events } = await survive({ fault: { kind: 'refuse' }, times: 2 })
    expect(retries(events)).toHaveLength(2)
  })

  it('SU-1: signed URLs that expire while it runs', async () => {
    const { events } = await survive({ fault: { kind: 'expireUrl' }, times: 2 })
    expect(retries(events).length).toBeGreaterThan(0)
  })

  it('IN-2: one flipped bit, by fetching again over another connection until the wrong part is found', async () => {
    const { bench, fetchedBytes, events } = await survive(
      { fault: { kind: 'flip', atByte: 1000 }, skip: 5, latencyMs: 60 },
      { partBytes: 64 * kib, connections: 1 },
    )
    // Of 16 parts the sixth is wrong; those after it may be on their way when that is known.
    expect(fetchedBytes).toBeGreaterThanOrEqual(bytes.byteLength + 6 * 64 * kib)
    expect(fetchedBytes).toBeLessThan(bytes.byteLength + 10 * 64 * kib)
    const ids = bench.data().map((request) => request.connectionId)
    const first = new Set(ids.slice(0, 16))
    expect(ids.slice(16).filter((id) => first.has(id))).toEqual([])
    const done = events.flatMap((event) => (event.type === 'file:progress' ? event.doneBytes : []))
    expect(done).toEqual(done.toSorted((a, b) => a - b))
  })

  it('IN-2: one flipped bit of a file of one part, without progress that falls', async () => {
    const bench = await startBench({ 'f.bin': makeBytes(3072 * kib) })
    const on = { host: 'cdn' } as const
    bench.hub.addFault({ on, times: 1, fault: { kind: 'flip', atByte: 1000 } })
    const source = bench.source('f.bin')
    const done: number[] = []
    await bench.transfer.transferFile(source, stageIn(await useTempDir(), source), {
      emit: (event) => {
        if (event.type === 'file:progress') done.push(event.doneBytes)
      },
    })
    expect(bench.data()).toHaveLength(2)
    expect(bench.data()[0]?.connectionId).not.toBe(bench.data()[1]?.connectionId)
    expect(done).toEqual(done.toSorted((a, b) => a - b))
  })

  it('IN-2: many flipped bits, asking for no byte more than twice', async () => {
    const { fetchedBytes } = await survive(
      { fault: { kind: 'flip', atByte: 1000 }, times: 16 },
      { partBytes: 64 * kib, connections: 2 },
    )
    expect(fetchedBytes).toBe(2 * bytes.byteLength)
  })
})

describe('a transfer gives up', () => {
  it('IN-2: on bytes that stay wrong, and leaves nothing behind', async () => {
    const bench = await startBench({ 'f.bin': bytes }, { transfer: quick })
    bench.hub.addFault({ on: { host: 'cdn' }, fault: { kind: 'flip', atByte: 1000 } })
    const folder = await useTempDir()
    const source = bench.source('f.bin')
    const failed = bench.transfer.transferFile(source, stageIn(folder, source))
    await expect(failed).rejects.toBeInstanceOf(IntegrityError)
    await expect(failed).rejects.toMatchObject({
      code: 'HUB_HASH_MISMATCH',
      path: 'f.bin',
      expected: source.hash?.digest,
      actual: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(bench.data()).toHaveLength(8)
    expect(await readdir(folder)).toEqual([])
  })

  it('ST-4: with a StalledError when every connection is dead, keeping what arrived', async () => {
    const bench = await startBench(
      { 'f.bin': bytes },
      { transfer: { ...quick, stallTimeoutMs: 200, maxAttempts: 2 } },
    )
    bench.hub.addFault({ on: { host: 'cdn' }, skip: 1, fault: { kind: 'stall', afterBytes: 0 } })
    const folder = await useTempDir()
    const source = bench.source('f.bin')
    const staged = stageIn(folder, source)
    const failed = bench.transfer.transferFile(source, staged)
    const error: unknown = await failed.catch((error_: unknown) => error_)
    expect(error).toBeInstanceOf(StalledError)
    const doneBytes = await bench.transfer.findPartial(source, staged)
    expect(error).toMatchObject({ code: 'HUB_STALLED', path: 'f.bin', doneBytes })
  })

  it('RQ-3: on a server that makes it wait a quarter of an hour, telling of each wait', async () => {
    const slept: number[] = []
    const clock: Clock = {
      ...systemClock,
      sleep: (ms, signal) => {
        if (ms < 60_000) return systemClock.sleep(ms, signal)
        slept.push(ms)
        return Promise.resolve()
      },
    }
    const bench = await startBench({ 'f.bin': bytes })
    const rangeReader = createNodeRangeReader()
    const transfer = createFileTransfer({ rangeReader, clock }, { ...quick, maxAttempts: 99 })
    onTestFinished(async () => {
      await transfer.close()
      await rangeReader.close()
    })
    const headers = { 'retry-after': '400' }
    bench.hub.addFault({ on: {}, fault: { kind: 'status', status: 429, headers } })
    const source = bench.source('f.bin')
    const events: FlowEvent[] = []
    const failed = transfer.transferFile(source, stageIn(await useTempDir(), source), {
      emit: (event) => void events.push(event),
    })
    await expect(failed).rejects.toMatchObject({ status: 429 })
    expect(slept).toEqual([400_000, 400_000, 400_000])
    const told = events.flatMap((event) => (event.type === 'file:retry' ? [event.waitMs] : []))
    expect(told).toEqual(slept)
  })

  it('RQ-3: after its attempts that brought nothing, without asking a server in trouble for every range', async () => {
    const transfer = { ...quick, partBytes: 16 * kib, connections: 4, retryWaitMs: 40 }
    const bench = await startBench(
      { 'f.bin': bytes },
      { transfer: { ...transfer, maxAttempts: 3 } },
    )
    const fault = { kind: 'status', status: 500 } as const
    bench.hub.addFault({ on: { host: 'cdn' }, skip: 1, fault })
    const source = bench.source('f.bin')
    const failed = bench.transfer.transferFile(source, stageIn(await useTempDir(), source))
    await expect(failed).rejects.toMatchObject({ status: 500 })
    const ranges = bench.data().map(({ range }) => range)
    const most = Math.max(
      ...ranges.map((range) => ranges.filter((other) => other === range).length),
    )
    expect(most).toBe(3)
    // Of the 64 ranges: each of four lanes may have begun one before it was known, and one after each wait.
    expect(new Set(ranges).size).toBeLessThanOrEqual(14)
  })

  it('RQ-3: but asks for all of them again as soon as one comes', async () => {
    const { bench } = await survive(
      { fault: { kind: 'status', status: 500 }, skip: 1, times: 6 },
      { partBytes: 16 * kib, connections: 4, retryWaitMs: 40 },
    )
    expect(new Set(bench.data().map(({ range }) => range)).size).toBe(64)
  })

  it('on answers that are always too long, where no hash could tell', async () => {
    const bench = await startBench({ 'f.bin': bytes }, { transfer: { ...quick, connections: 1 } })
    bench.hub.addFault({ on: { host: 'cdn' }, fault: { kind: 'long', bytes: 5000 } })
    const { hash: _, ...unhashed } = bench.source('f.bin')
    const staged = { folder: await useTempDir(), stem: 'f' }
    const failed = bench.transfer.transferFile(unhashed, staged)
    await expect(failed).rejects.toMatchObject({ code: 'HUB_BAD_RESPONSE' })
    expect(bench.data().length).toBeLessThan(10)
  })

  it('on a file that is not there', async () => {
    const bench = await startBench({ 'f.bin': bytes }, { transfer: quick })
    const folder = await useTempDir()
    const source = bench.source('f.bin')
    bench.hub.addFault({ on: { host: 'cdn' }, fault: { kind: 'status', status: 404 } })
    await expect(
      bench.transfer.transferFile(source, stageIn(folder, source)),
    ).rejects.toMatchObject({ status: 404 })
  })
})
