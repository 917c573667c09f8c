import { renameSync } from 'node:fs'
import { appendFile, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { StagedFile, TransferSource } from '@hfx/core'
import { createManualClock, useTempDir } from '@hfx/testing'
import { createFileTransfer, type TransferOptions } from '../src/index.ts'
import { copyBetween } from '../src/open-partial.ts'
import { formatOwner } from '../src/resume-journal.ts'
import { createStagedFile, openForReading } from '../src/staged-writer.ts'
import { makeBytes, sha256, stageIn, startBench } from './support/hub-source.ts'
import { createScriptedReader, filling, type ScriptedRequest } from './support/scripted-reader.ts'
import { serve } from './support/scripted-stage.ts'

const partBytes = 1024 ** 2
const sizeBytes = 4 * partBytes
const bytes = Buffer.alloc(sizeBytes, filling)

async function begin(more: TransferOptions = {}) {
  const clock = createManualClock()
  const { rangeReader, requests } = createScriptedReader()
  const options = { partBytes, connections: 1, stallTimeoutMs: 600_000, ...more }
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

/** All requests up to this one, as they come. */
async function serveUpTo(
  requests: readonly ScriptedRequest[],
  span: { readonly from: number; readonly to: number },
): Promise<void> {
  for (let at = span.from; at < span.to; at += 1) {
    await expect.poll(() => requests.length, { timeout: 10_000 }).toBeGreaterThan(at)
    serve(requests[at])
  }
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
    await serveUpTo(requests, { from: 2, to: 5 })
    expect(requests).toHaveLength(5)
    const { file, resumedBytes } = await moving
    expect(resumedBytes).toBe(partBytes)
    expect(bytes.equals(await readFile(file.path))).toBe(true)
    const stolen = await readFile(partial)
    expect(stolen.subarray(0, partBytes).equals(bytes.subarray(0, partBytes))).toBe(true)
    expect(stolen.subarray(partBytes).every((byte) => byte === 0)).toBe(true)
    expect(await readFile(theirs, 'utf8')).toContain('owner elsewhere 1')
  })
})

describe('IN-2: a whole file that is wrong', () => {
  it('is fetched anew until the range that was wrong is whole, and no further', async () => {
    const { requests, transfer, source, staged } = await begin({
      partBytes: 2 * partBytes,
      connections: 2,
    })
    const moving = transfer.transferFile(source, staged)
    await expect.poll(() => requests.length, { timeout: 10_000 }).toBe(2)
    requests[0]?.send(2 * partBytes, 1)
    requests[0]?.end()
    serve(requests[1])
    await expect.poll(() => requests.length, { timeout: 10_000 }).toBe(4)
    requests[2]?.send(partBytes)
    const { partial } = await findNames(staged)
    const readFirst = async (): Promise<number | undefined> => (await readFile(partial))[0]
    await expect.poll(readFirst, { timeout: 10_000 }).toBe(filling)
    serve(requests[3])
    const isNoted = async (): Promise<boolean> =>
      (await readFile((await findNames(staged)).journal, 'utf8'))
        .split('reset')
        .at(-1)
        ?.includes(`range ${2 * partBytes} `) ?? false
    await expect.poll(isNoted, { timeout: 10_000 }).toBe(true)
    expect(requests[2]?.aborted).toBe(false)
    requests[2]?.send(partBytes)
    requests[2]?.end()
    const { file } = await moving
    expect(bytes.equals(await readFile(file.path))).toBe(true)
    expect(requests).toHaveLength(4)
  })

  it('is not trusted by the next run when that is interrupted', async () => {
    const { requests, transfer, source, staged } = await begin()
    const stop = new AbortController()
    const moving = transfer.transferFile(source, staged, { signal: stop.signal })
    await expect.poll(() => requests.length, { timeout: 10_000 }).toBe(1)
    requests[0]?.send(partBytes, 1)
    requests[0]?.end()
    await serveUpTo(requests, { from: 1, to: 4 })
    await expect.poll(() => requests.length, { timeout: 10_000 }).toBe(5)
    stop.abort('enough')
    await expect(moving).rejects.toBe('enough')
    expect(await transfer.findPartial(source, staged)).toBe(0)
  })

  it('is looked through twice at most before the rest is fetched to its end', async () => {
    const { requests, transfer, source, staged } = await begin({ partBytes: partBytes / 2 })
    const phases: string[] = []
    const moving = transfer.transferFile(source, staged, {
      emit: (event) => void (event.type === 'phase:start' && phases.push(event.phase)),
    })
    const state = { isOver: false }
    const over = moving.finally(() => (state.isOver = true))
    for (let at = 0; at < 40 && !state.isOver; at += 1) {
      const isDue = (): boolean => state.isOver || requests.length > at
      await expect.poll(isDue, { timeout: 10_000 }).toBe(true)
      requests[at]?.send(partBytes / 2, at < 8 ? 1 : filling)
      requests[at]?.end()
    }
    expect(bytes.equals(await readFile((await over).file.path))).toBe(true)
    expect(phases).toEqual(['verify', 'verify', 'verify', 'verify'])
  })
})

it('an abort while the whole file is hashed is heard at once, and the file is kept', async () => {
  const { requests, transfer, source, staged } = await begin()
  const stop = new AbortController()
  const moving = transfer.transferFile(source, staged, {
    signal: stop.signal,
    emit: (event) => {
      if (event.type === 'phase:start') stop.abort('enough')
    },
  })
  moving.catch(() => {})
  await serveUpTo(requests, { from: 0, to: 4 })
  await expect(moving).rejects.toBe('enough')
  expect(await transfer.findPartial(source, staged)).toBe(sizeBytes)
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
  // Without fingerprints, as an older version writes it: then nothing but the range itself is noted.
  const noted = (await readFile(journal, 'utf8')).replaceAll(/^(range \d+ \d+) \d+$/gm, '$1')
  await writeFile(journal, noted + formatOwner({ place: 'elsewhere', pid: 1 }))
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
