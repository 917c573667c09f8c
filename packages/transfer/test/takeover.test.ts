import { renameSync } from 'node:fs'
import { appendFile, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { StagedFile, TransferSource } from '@hfx/core'
import { createManualClock, useTempDir } from '@hfx/testing'
import { createFileTransfer } from '../src/index.ts'
import { copyBetween } from '../src/open-partial.ts'
import { formatOwner } from '../src/resume-journal.ts'
import { createStagedFile, openForReading } from '../src/staged-writer.ts'
import { makeBytes, sha256, stageIn, startBench } from './support/hub-source.ts'
import { createScriptedReader, filling } from './support/scripted-reader.ts'
import { serve } from './support/scripted-stage.ts'

const partBytes = 1024 ** 2
const sizeBytes = 4 * partBytes
const bytes = Buffer.alloc(sizeBytes, filling)

async function begin() {
  const clock = createManualClock()
  const { rangeReader, requests } = createScriptedReader()
  const options = { partBytes, connections: 1, stallTimeoutMs: 600_000 }
  const transfer = createFileTransfer({ rangeReader, clock }, options)
  onTestFinished(() => transfer.close())
  const source: TransferSource = {
    path: 'f.bin',
    sizeBytes,
    hash: { algorithm: 'sha256', digest: sha256(bytes) },
    locate: () => Promise.resolve({ url: 'http://cdn.example/f' }),
  }
  return { clock, requests, transfer, source, staged: stageIn(await useTempDir(), source) }
}

async function findNames({ folder }: StagedFile): Promise<{ journal: string; partial: string }> {
  const names = (await readdir(folder)).map((name) => join(folder, name))
  const journal = names.find((name) => name.includes('.journal.')) ?? ''
  return { journal, partial: names.find((name) => name !== journal) ?? '' }
}

describe('RE-2: a partial that another process takes over while it is written', () => {
  it('gets no further byte; a new one is begun with what it holds', async () => {
    const { clock, requests, transfer, source, staged } = await begin()
    const moving = transfer.transferFile(source, staged)
    await expect.poll(() => requests.length, { timeout: 10_000 }).toBe(1)
    serve(requests[0])
    await expect.poll(() => requests.length, { timeout: 10_000 }).toBe(2)
    const { journal, partial } = await findNames(staged)
    const range = `range 0 ${partBytes} `
    await expect.poll(() => readFile(journal, 'utf8'), { timeout: 10_000 }).toContain(range)
    const theirs = journal.replace(/[0-9a-f]{8}\.journal/, '99999999.journal')
    renameSync(journal, theirs)
    await appendFile(theirs, formatOwner({ place: 'elsewhere', pid: 1 }))
    await clock.advance(10_000)

    requests[1]?.send(partBytes)
    for (let at = 2; at < 5; at += 1) {
      await expect.poll(() => requests.length, { timeout: 10_000 }).toBe(at + 1)
      serve(requests[at])
    }
    const { file, resumedBytes } = await moving
    expect(resumedBytes).toBe(partBytes)
    expect(bytes.equals(await readFile(file.path))).toBe(true)
    const stolen = await readFile(partial)
    expect(stolen.subarray(0, partBytes).equals(bytes.subarray(0, partBytes))).toBe(true)
    expect(stolen.subarray(partBytes).every((byte) => byte === 0)).toBe(true)
    expect(await readFile(theirs, 'utf8')).toContain('owner elsewhere 1')
  })
})

it('copying ends where the other file ends', async () => {
  const folder = await useTempDir()
  await writeFile(join(folder, 'from'), Buffer.alloc(1000, 1))
  const from = await openForReading(join(folder, 'from'))
  const to = await createStagedFile(join(folder, 'to'), 5000)
  expect(await copyBetween(from, to, { start: 100, end: 5000 })).toBe(1000)
  await Promise.all([from.close(), to.close()])
})

it('what was copied from another partial is noted at once, and no file stays open however it ends', async ({
  skip,
}) => {
  const content = makeBytes(sizeBytes)
  const bench = await startBench({ 'f.bin': content }, { transfer: { partBytes, connections: 1 } })
  const source = bench.source('f.bin')
  const staged = stageIn(await useTempDir(), source)
  const fail = (skipped: number) =>
    bench.hub.addFault({
      on: { host: 'cdn' },
      skip: skipped,
      fault: { kind: 'status', status: 400 },
    })
  const first = fail(2)
  await expect(bench.transfer.transferFile(source, staged)).rejects.toMatchObject({ status: 400 })
  first.remove()
  const { journal, partial } = await findNames(staged)
  await appendFile(journal, formatOwner({ place: 'elsewhere', pid: 1 }))
  fail(0)
  await expect(bench.transfer.transferFile(source, staged)).rejects.toMatchObject({ status: 400 })
  await Promise.all([rm(journal), rm(partial)])
  expect(await bench.transfer.findPartial(source, staged)).toBe(2 * partBytes)
  bench.hub.clearFaults()
  const { resumedBytes, file } = await bench.transfer.transferFile(source, staged)
  expect(resumedBytes).toBe(2 * partBytes)
  expect(content.equals(await readFile(file.path))).toBe(true)

  const fds = await readdir('/proc/self/fd').catch(() => undefined)
  if (!fds) return skip('this system does not tell which files are open')
  const open = await Promise.all(
    fds.map((fd) => readlink(join('/proc/self/fd', fd)).catch(() => '')),
  )
  expect(open.filter((path) => path.startsWith(staged.folder))).toEqual([])
})
