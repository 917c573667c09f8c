import { describe, expect, it, onTestFinished } from 'vitest'
import { type Clock, DiskError, InsufficientSpaceError, systemClock } from '@hfx/core'
import { createHttp } from '@hfx/http'
import { createManualClock, useTempDir } from '@hfx/testing'
import type { VolumeSpace } from '../src/check-space.ts'
import { createEngine } from '../src/create-engine.ts'
import { fetchRanges } from '../src/fetch-ranges.ts'
import { createFileTransfer } from '../src/index.ts'
import { createLocator } from '../src/locate-source.ts'
import { createSpaceWatch, type SpaceUser } from '../src/space-watch.ts'
import { makeBytes, stageIn, startBench, type Bench } from './support/hub-source.ts'

const kib = 1024

/** Waits are a hundredth as long. */
const quickClock: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(ms / 100, signal),
}

interface Watched {
  readonly user: SpaceUser
  readonly errors: InsufficientSpaceError[]
}

function watched(folder: string, leftBytes: number, force = false): Watched {
  const errors: InsufficientSpaceError[] = []
  const stop = (error: InsufficientSpaceError): void => void errors.push(error)
  return { errors, user: { folder, force, leftBytes: () => leftBytes, stop } }
}

describe('DF-3: the room on a volume is looked at while files are written', () => {
  it('ends the files of the volume when theirs together no longer fit, and no others', async () => {
    const clock = createManualClock()
    const free = { a: 1000, b: 1000 }
    const readVolume = (folder: string): Promise<VolumeSpace> =>
      Promise.resolve(
        folder.startsWith('a')
          ? { id: 'a', freeBytes: free.a }
          : { id: 'b', freeBytes: folder === 'b/unknown' ? undefined : free.b },
      )
    const watch = createSpaceWatch({ clock, readVolume })
    const files = [watched('a/x', 600), watched('a/y', 300), watched('b', 900)]
    const forced = watched('a/x', 1, true)
    const leaving = [...files, forced].map(({ user }) => watch.add(user))
    await clock.advance(10_000)
    free.a = 900
    await clock.advance(10_000)
    expect(files.map(({ errors }) => errors.length > 0)).toEqual([true, true, false])
    expect(files[0]?.errors[0]).toMatchObject({ needBytes: 901, freeBytes: 900, path: 'a/x' })
    expect(forced.errors).toEqual([])
    for (const leave of leaving) leave()
    await clock.advance(1)
    expect(clock.sleepers).toEqual([])
  })

  it('bears that room is missing for a moment, or cannot be known', async () => {
    const clock = createManualClock()
    let freeBytes: number | undefined = 1000
    const readVolume = (): Promise<VolumeSpace> => Promise.resolve({ id: 'a', freeBytes })
    const watch = createSpaceWatch({ clock, readVolume })
    const file = watched('a', 600)
    watch.add(file.user)
    for (const next of [10, 1000, 10, undefined, 10, 600]) {
      freeBytes = next
      await clock.advance(2_000)
    }
    expect(file.errors).toEqual([])
    freeBytes = 599
    await clock.advance(4_000)
    expect(file.errors).toHaveLength(1)
  })

  it('begins to count anew with the first file after a time without any', async () => {
    const clock = createManualClock()
    const readVolume = (): Promise<VolumeSpace> => Promise.resolve({ id: 'a', freeBytes: 10 })
    const watch = createSpaceWatch({ clock, readVolume })
    const first = watched('a', 600)
    const leave = watch.add(first.user)
    await clock.advance(2_000)
    leave()
    const second = watched('a', 600)
    watch.add(second.user)
    await clock.advance(2_000)
    expect([...first.errors, ...second.errors]).toEqual([])
    await clock.advance(2_000)
    expect(second.errors).toHaveLength(1)
  })

  it('ends a running transfer with what it lacks, closes its sockets, and a later run goes on', async () => {
    const bytes = makeBytes(2048 * kib)
    const bench = await startBench({ 'f.bin': bytes, 'g.bin': makeBytes(1200 * kib, 2) })
    let freeBytes = 2 ** 40
    const transfer = openTransfer(bench, () => freeBytes)
    const fault = { kind: 'stall', afterBytes: 0 } as const
    bench.hub.addFault({ on: { host: 'cdn' }, skip: 3, fault })
    const folder = await useTempDir()
    const [f, g] = [bench.source('f.bin'), bench.source('g.bin')]
    const running = transfer.transferFile(f, stageIn(folder, f))
    const saved = (): Promise<number> => transfer.findPartial(f, stageIn(folder, f))
    const first = Promise.allSettled([running])
    await expect.poll(saved, { timeout: 5_000 }).toBeGreaterThan(0)
    const second = Promise.allSettled([transfer.transferFile(g, stageIn(folder, g))])
    freeBytes = 700 * kib
    for (const end of [...(await first), ...(await second)]) {
      expect(end).toMatchObject({ status: 'rejected' })
      const error: unknown = end.status === 'rejected' ? end.reason : undefined
      expect(error).toBeInstanceOf(InsufficientSpaceError)
      expect(error).toMatchObject({ freeBytes, path: folder, needBytes: expect.any(Number) })
    }
    await expect.poll(() => bench.data().every(({ ended }) => ended)).toBe(true)
    const kept = await saved()
    expect(kept).toBeGreaterThan(0)
    bench.hub.clearFaults()
    freeBytes = 2 ** 40
    const result = await transfer.transferFile(f, stageIn(folder, f))
    expect(result).toMatchObject({ resumedBytes: kept, fetchedBytes: bytes.length - kept })
  })

  it('goes on when told to, however little room there is', async () => {
    const bench = await startBench({ 'f.bin': makeBytes(1200 * kib) })
    const transfer = openTransfer(bench, () => 1)
    bench.hub.addFault({ on: { host: 'cdn' }, fault: { kind: 'rate', bytesPerSecond: 800 * kib } })
    const source = bench.source('f.bin')
    const staged = stageIn(await useTempDir(), source)
    const { file } = await transfer.transferFile(source, staged, { forceSpace: true })
    expect(file.sizeBytes).toBe(1200 * kib)
  })
})

describe('DF-2: a volume that takes no more', () => {
  it('closes every connection of the file at the first refused write, and keeps what was written', async () => {
    const bench = await startBench({ 'f.bin': makeBytes(2048 * kib) })
    const http = createHttp({ endpoint: bench.hub.url })
    onTestFinished(() => http.close())
    const engine = createEngine({ rangeReader: http.rangeReader }, {}, new AbortController().signal)
    bench.hub.addFault({
      on: { host: 'cdn' },
      skip: 2,
      fault: { kind: 'stall', afterBytes: 100_000 },
    })
    const full = new DiskError({ code: 'HUB_NO_SPACE', path: '/f', message: 'full' })
    const source = bench.source('f.bin')
    const totals = { done: [], fetchedBytes: 0, retries: 0, lastProgressAtMs: 0 }
    let written = 0
    const failed = fetchRanges(
      engine,
      {
        source,
        step: {},
        gate: undefined,
        kind: 'large',
        partBytes: 256 * kib,
        splittable: true,
        writer: {
          write: (buffers) => {
            written += 1
            return written > 1 ? Promise.reject(full) : Promise.resolve(void buffers)
          },
        },
        locator: createLocator({ clock: systemClock }, source, {}),
        totals,
        onBytes: () => {},
        onWritten: () => {},
        onPart: () => {},
      },
      [{ start: 0, end: source.sizeBytes }],
    )
    await expect(failed).rejects.toBe(full)
    expect(totals.done).toHaveLength(1)
    await expect.poll(() => bench.data().every(({ ended }) => ended)).toBe(true)
  })

  it.each([
    ['ENOSPC', 77],
    ['EDQUOT', 0],
  ])('%s ends all its files with what is free for this user', async (code, freeBytes) => {
    const readVolume = (folder: string): Promise<VolumeSpace> =>
      Promise.resolve({ id: folder.slice(0, 1), freeBytes: 77 })
    const watch = createSpaceWatch({ clock: createManualClock(), readVolume })
    const files = [watched('a/x', 500), watched('a/y', 40, true), watched('b', 3)]
    for (const { user } of files) watch.add(user)
    const cause = new DiskError({
      code: 'HUB_NO_SPACE',
      path: 'a/x/f',
      message: 'x',
      cause: Object.assign(new Error('x'), { code }),
    })
    const error = await watch.reportFull('a/x', cause)
    expect(error).toMatchObject({ needBytes: 540, freeBytes, path: 'a/x', cause })
    expect(files.map(({ errors }) => errors)).toEqual([[error], [error], []])
  })
})

function openTransfer(
  bench: Bench,
  freeBytes: () => number,
): ReturnType<typeof createFileTransfer> {
  const http = createHttp({ endpoint: bench.hub.url })
  const readVolume = (): Promise<VolumeSpace> =>
    Promise.resolve({ id: 'v', freeBytes: freeBytes() })
  const deps = { rangeReader: http.rangeReader, clock: quickClock, readVolume }
  const transfer = createFileTransfer(deps, { partBytes: 128 * kib, connections: 4 })
  onTestFinished(async () => {
    await transfer.close()
    await http.close()
  })
  return transfer
}
