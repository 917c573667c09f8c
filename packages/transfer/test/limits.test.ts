import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { FlowEvent } from '@hfx/core'
import { useTempDir } from '@hfx/testing'
import { createGate } from './support/gate.ts'
import { makeBytes, stageIn, startBench } from './support/hub-source.ts'

const kib = 1024
const partBytes = 256 * kib
const bytes = makeBytes(8 * partBytes)

describe('a transfer keeps to', () => {
  it('the number of connections, over all files', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 6 }, (_, index) => [`f${index}.bin`, makeBytes(600 * kib, index + 1)]),
    )
    const bench = await startBench(files, { transfer: { connections: 3, partBytes } })
    const folder = await useTempDir()
    bench.hub.addFault({ on: { host: 'cdn' }, fault: { kind: 'latency', ms: 20 } })
    await Promise.all(
      Object.keys(files).map((name) => {
        const source = bench.source(name)
        return bench.transfer.transferFile(source, stageIn(folder, source))
      }),
    )
    const ids = new Set(bench.data().map((request) => request.connectionId))
    expect(ids.size).toBeLessThanOrEqual(3)
  })

  it('the byte budget', async () => {
    const bench = await startBench(
      { 'f.bin': bytes },
      { transfer: { byteBudget: 600_000, partBytes } },
    )
    const folder = await useTempDir()
    const source = bench.source('f.bin')
    const staged = stageIn(folder, source)
    await expect(bench.transfer.transferFile(source, staged)).rejects.toMatchObject({
      code: 'HUB_BUDGET_EXCEEDED',
    })
    expect(await bench.transfer.findPartial(source, staged)).toBeGreaterThan(300_000)
  })

  it('the deadline', async () => {
    const bench = await startBench({ 'f.bin': bytes }, { transfer: { deadlineMs: 100, partBytes } })
    bench.hub.addFault({ on: { host: 'cdn' }, fault: { kind: 'rate', bytesPerSecond: 100_000 } })
    const folder = await useTempDir()
    const source = bench.source('f.bin')
    await expect(
      bench.transfer.transferFile(source, stageIn(folder, source)),
    ).rejects.toMatchObject({ code: 'HUB_DEADLINE' })
  })

  it('an abort: rejects with its reason though nothing more arrives, closes the sockets, keeps the bytes', async () => {
    const patient = { stallTimeoutMs: 600_000, maxSilentMs: 600_000 }
    const bench = await startBench(
      { 'f.bin': bytes },
      { transfer: { partBytes, connections: 4, ...patient } },
    )
    bench.hub.addFault({ on: { host: 'cdn' }, skip: 1, fault: { kind: 'stall', afterBytes: 0 } })
    const folder = await useTempDir()
    const source = bench.source('f.bin')
    const staged = stageIn(folder, source)
    const controller = new AbortController()
    const events: FlowEvent[] = []
    const transferring = bench.transfer.transferFile(source, staged, {
      signal: controller.signal,
      emit: (event) => void events.push(event),
    })
    while (bench.data().length < 5) await new Promise((resolve) => setTimeout(resolve, 5))
    const reason = new Error('enough')
    controller.abort(reason)
    // Every connection is silent and no timer is due for minutes: only the abort can end this.
    await expect(transferring).rejects.toBe(reason)
    const told = events.length
    const kept = await bench.transfer.findPartial(source, staged)
    expect(kept).toBe(partBytes)
    await expect.poll(() => bench.data().filter((request) => request.aborted).length).toBe(4)
    expect(events).toHaveLength(told)
  })

  it('a pause: asks for nothing more until it is over', async () => {
    const bench = await startBench({ 'f.bin': bytes }, { transfer: { partBytes, connections: 1 } })
    const gate = createGate()
    const folder = await useTempDir()
    const source = bench.source('f.bin')
    const transferring = bench.transfer.transferFile(source, stageIn(folder, source), { gate })
    while (bench.data().length < 2) await new Promise((resolve) => setTimeout(resolve, 1))
    gate.set(true)
    await new Promise((resolve) => setTimeout(resolve, 60))
    const asked = bench.data().length
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(bench.data()).toHaveLength(asked)
    expect(asked).toBeLessThan(8)
    gate.set(false)
    const { file } = await transferring
    expect(bytes.equals(await readFile(file.path))).toBe(true)
    expect(bench.data()).toHaveLength(8)
  })

  it('the rate, also when it changes on the way', async () => {
    const bench = await startBench(
      { 'f.bin': bytes },
      { transfer: { partBytes, limitRate: 2_000_000, connections: 4 } },
    )
    const folder = await useTempDir()
    const source = bench.source('f.bin')
    const startedMs = performance.now()
    const transferring = bench.transfer.transferFile(source, stageIn(folder, source))
    await new Promise((resolve) => setTimeout(resolve, 500))
    bench.transfer.setRateLimit(undefined)
    await transferring
    // At 2 MB/s the file takes 1.05 s: half a second of it may have brought 1 MB at most, the rest is free.
    expect(performance.now() - startedMs).toBeGreaterThan(490)
    expect(() => bench.transfer.setRateLimit(0)).toThrow(RangeError)
  })

  it('the memory it was given, when the disk is slower than the network', async () => {
    const bench = await startBench(
      { 'f.bin': bytes },
      { transfer: { partBytes, maxBufferedBytes: 64 * kib } },
    )
    const folder = await useTempDir()
    const source = bench.source('f.bin')
    const { file } = await bench.transfer.transferFile(source, stageIn(folder, source))
    expect(bytes.equals(await readFile(file.path))).toBe(true)
  })
})

it('closing ends what runs and keeps its partial', async () => {
  const bench = await startBench({ 'f.bin': bytes }, { transfer: { partBytes } })
  bench.hub.addFault({ on: { host: 'cdn' }, fault: { kind: 'rate', bytesPerSecond: 100_000 } })
  const folder = await useTempDir()
  const source = bench.source('f.bin')
  const transferring = bench.transfer.transferFile(source, stageIn(folder, source))
  transferring.catch(() => {})
  while (bench.data().length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
  await bench.transfer.close()
  await expect(transferring).rejects.toMatchObject({ message: 'the transfer was closed' })
  expect(await readdir(folder)).toHaveLength(2)
})
