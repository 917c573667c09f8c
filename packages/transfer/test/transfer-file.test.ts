import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, expect, it, onTestFinished } from 'vitest'
import { channels, type FlowEvent } from '@hfx/core'
import { useTempDir } from '@hfx/testing'
import { makeBytes, stageIn, startBench } from './support/hub-source.ts'
import { createNodeRangeReader } from './support/node-range-reader.ts'
import { createFileTransfer } from '../src/index.ts'

const mib = 1024 ** 2

describe('transferFile', () => {
  it('brings a large file in ranges and proves it', async () => {
    const bytes = makeBytes(20 * mib)
    const { source, data, ...bench } = await startBench({ 'big.bin': bytes })
    const folder = await useTempDir()
    const wanted = source('big.bin')
    const result = await bench.transfer.transferFile(wanted, stageIn(folder, wanted))
    expect(bytes.equals(await readFile(result.file.path))).toBe(true)
    expect(result).toMatchObject({ fetchedBytes: 20 * mib, resumedBytes: 0, attempts: 1 })
    expect(result.file).toMatchObject({ sizeBytes: 20 * mib, verifiedBy: 'sha256' })
    const ranges = data().map((request) => request.range)
    const parts = [`0-${8 * mib - 1}`, `${8 * mib}-${16 * mib - 1}`, `${16 * mib}-${20 * mib - 1}`]
    expect(ranges).toEqual(expect.arrayContaining(parts.map((part) => `bytes=${part}`)))
    expect(await readdir(folder)).toHaveLength(1)
  })

  it('brings a small file with one request without a range', async () => {
    const bytes = makeBytes(1000)
    const { source, data, ...bench } = await startBench({ 'small.bin': bytes })
    const folder = await useTempDir()
    const wanted = source('small.bin')
    const { file } = await bench.transfer.transferFile(wanted, stageIn(folder, wanted))
    expect(bytes.equals(await readFile(file.path))).toBe(true)
    expect(data().map((request) => request.range)).toEqual([undefined])
  })

  it('works over any RangeReader, also one whose chunks are not to be kept', async () => {
    const bytes = makeBytes(700_000)
    const { source } = await startBench({ 'f.bin': bytes })
    const rangeReader = createNodeRangeReader()
    const transfer = createFileTransfer({ rangeReader }, { partBytes: 200_000 })
    onTestFinished(async () => {
      await transfer.close()
      await rangeReader.close()
    })
    const wanted = source('f.bin')
    const { file } = await transfer.transferFile(wanted, stageIn(await useTempDir(), wanted))
    expect(bytes.equals(await readFile(file.path))).toBe(true)
  })

  it('makes an empty file without any request', async () => {
    const { source, ...bench } = await startBench({ 'empty.bin': Buffer.alloc(0) })
    const folder = await useTempDir()
    const wanted = source('empty.bin')
    const { file } = await bench.transfer.transferFile(wanted, stageIn(folder, wanted))
    expect((await readFile(file.path)).byteLength).toBe(0)
    expect(bench.hub.requests).toEqual([])
  })

  it('tells of each part on the diagnostics channels, start and end with one id', async () => {
    const seen: { readonly name: string | symbol; readonly message: unknown }[] = []
    const listen = (message: unknown, name: string | symbol): void =>
      void seen.push({ name, message })
    subscribe(channels.partStart, listen)
    subscribe(channels.partEnd, listen)
    onTestFinished(() => {
      unsubscribe(channels.partStart, listen)
      unsubscribe(channels.partEnd, listen)
    })
    const { source, ...bench } = await startBench({ 'f.bin': makeBytes(1000) })
    const trace = { jobId: 'j', path: 'f.bin' }
    const folder = await useTempDir()
    await bench.transfer.transferFile(source('f.bin'), stageIn(folder, source('f.bin')), { trace })
    expect(seen.map(({ name }) => name)).toEqual([channels.partStart, channels.partEnd])
    expect(seen[0]?.message).toMatchObject({ path: 'f.bin', start: 0, end: 1000, lane: 0, trace })
    expect(seen[1]?.message).toMatchObject({ receivedBytes: 1000 })
  })

  it('brings a file without a known hash by size alone, in parts, and warns', async () => {
    const bytes = makeBytes(900_000)
    const { source, ...bench } = await startBench(
      { 'f.bin': bytes },
      { transfer: { partBytes: 300_000 } },
    )
    const { hash: _, ...unhashed } = source('f.bin')
    const events: FlowEvent[] = []
    const folder = await useTempDir()
    const { file } = await bench.transfer.transferFile(
      unhashed,
      { folder, stem: 'f' },
      { emit: (event) => void events.push(event) },
    )
    expect(file.verifiedBy).toBe('size')
    expect(bytes.equals(await readFile(file.path))).toBe(true)
    expect(events).toContainEqual(expect.objectContaining({ code: 'UNVERIFIED' }))
    expect(bench.data()).toHaveLength(3)
  })

  it('tells progress that never falls and ends at the whole size', async () => {
    const { source, ...bench } = await startBench(
      { 'f.bin': makeBytes(2 * mib) },
      { transfer: { partBytes: 256 * 1024, durable: true } },
    )
    const done: number[] = []
    const folder = await useTempDir()
    await bench.transfer.transferFile(source('f.bin'), stageIn(folder, source('f.bin')), {
      emit: (event) => {
        if (event.type === 'file:progress') done.push(event.doneBytes)
      },
    })
    expect(done).toEqual(done.toSorted((a, b) => a - b))
    expect(done.at(-1)).toBe(2 * mib)
  })

  it('brings many small files with one request and one file handle after another each', async () => {
    const bytes = makeBytes(1500)
    const { source, ...bench } = await startBench({ 'f.bin': bytes })
    const folder = await useTempDir()
    await mkdir(join(folder, 'x'))
    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        bench.transfer.transferFile(source('f.bin'), { folder, stem: `f${index}` }),
      ),
    )
    expect(await readdir(folder)).toHaveLength(101)
    expect(bench.data()).toHaveLength(100)
    const connections = new Set(bench.data().map((request) => request.connectionId))
    expect(connections.size).toBeLessThanOrEqual(64)
  })
})

it('a file of one part that fails leaves nothing, and one that came wrong tells of two attempts', async () => {
  const bench = await startBench({ 'f.bin': makeBytes(200 * 1024) })
  const source = bench.source('f.bin')
  const staged = stageIn(await useTempDir(), source)
  const on = { host: 'cdn' } as const
  const refused = bench.hub.addFault({ on, fault: { kind: 'status', status: 400 } })
  await expect(bench.transfer.transferFile(source, staged)).rejects.toMatchObject({ status: 400 })
  expect(await readdir(staged.folder)).toEqual([])
  refused.remove()
  bench.hub.addFault({ on, times: 1, fault: { kind: 'flip', atByte: 9 } })
  expect(await bench.transfer.transferFile(source, staged)).toMatchObject({ attempts: 2 })
})
