import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { useTempDir } from '@hfx/testing'
import { makeBytes, stageIn, startBench } from './support/hub-source.ts'

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
    expect(new Set(data().map((request) => request.range))).toEqual(
      new Set([
        `bytes=0-${8 * mib - 1}`,
        `bytes=${16 * mib}-${20 * mib - 1}`,
        `bytes=${8 * mib}-${16 * mib - 1}`,
      ]),
    )
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

  it('makes an empty file without any request', async () => {
    const { source, ...bench } = await startBench({ 'empty.bin': Buffer.alloc(0) })
    const folder = await useTempDir()
    const wanted = source('empty.bin')
    const { file } = await bench.transfer.transferFile(wanted, stageIn(folder, wanted))
    expect((await readFile(file.path)).byteLength).toBe(0)
    expect(bench.hub.requests).toEqual([])
  })
})
