import { getEventListeners } from 'node:events'
import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  HubError,
  systemClock,
  type CachedFile,
  type StagedFile,
  type VerifiedFile,
} from '@hfx/core'
import { createHttp } from '@hfx/http'
import { createManualClock, useTempDir, type ManualClock } from '@hfx/testing'
import { createFileTransfer } from '../src/index.ts'
import { isAbandoned, listPartials } from '../src/find-partials.ts'
import { describePlace } from '../src/process-place.ts'
import { formatJournalHead } from '../src/resume-journal.ts'
import { createStagedFile } from '../src/staged-writer.ts'
import { makeBytes, stageIn, startBench } from './support/hub-source.ts'
import { runHalted, type SoakWire } from './support/soak-runs.ts'

const kib = 1024
const partBytes = 256 * kib
const files = { large: makeBytes(4 * partBytes), small: makeBytes(100 * kib), tiny: makeBytes(100) }

/** The soak takes all of them. */
const wires: readonly SoakWire[] = [
  { name: 'lean', tls: true },
  { name: 'undici', tls: false },
]

describe('a file that is proven and has no final name yet', () => {
  it.each(wires)(
    'RE-1: costs a process that is killed there no byte, and leaves nothing behind (%o)',
    async (wire) => {
      const report = await runHalted(await useTempDir(), wire)
      expect(report).toMatchObject({ wrong: [], killedBy: 'SIGKILL', refetchedBytes: 0 })
      expect(report.names).toEqual([report.finalName])
    },
  )

  it('stays with its journal until it was committed', async () => {
    const { bench, staged, source } = await begin('large')
    const seen: string[][] = []
    const commit = async (file: VerifiedFile): Promise<CachedFile> => {
      seen.push(await readdir(staged.folder))
      return moveTo(staged, file)
    }
    const result = await bench.transfer.transferFile(source, staged, { commit })
    expect(seen.flat()).toHaveLength(2)
    expect(result.committed).toEqual({
      path: join(staged.folder, 'final'),
      sizeBytes: 4 * partBytes,
    })
    expect(await readdir(staged.folder)).toEqual(['final'])
  })

  it('is kept when it cannot be committed, and the next attempt of the same process fetches nothing', async () => {
    const { bench, staged, source } = await begin('large')
    const refused = new HubError({ code: 'HUB_DISK', message: 'no' })
    const commit = (): Promise<CachedFile> => Promise.reject(refused)
    await expect(bench.transfer.transferFile(source, staged, { commit })).rejects.toBe(refused)
    const again = await bench.transfer.transferFile(source, staged, {
      commit: (file) => moveTo(staged, file),
    })
    expect(again).toMatchObject({ fetchedBytes: 0, resumedBytes: 4 * partBytes })
    expect(await readdir(staged.folder)).toEqual(['final'])
    expect(files.large.equals(await readFile(join(staged.folder, 'final')))).toBe(true)
  })

  it('leaves no journal of bytes that were moved before the commit failed', async () => {
    const { bench, staged, source } = await begin('large')
    const commit = async (file: VerifiedFile): Promise<CachedFile> => {
      await moveTo(staged, file)
      throw new Error('no link to it')
    }
    await expect(bench.transfer.transferFile(source, staged, { commit })).rejects.toThrow('no link')
    expect(await readdir(staged.folder)).toEqual(['final'])
  })

  it.each(['small', 'tiny'] as const)(
    'is removed when it cannot be committed and is one part: nothing could resume it (%s)',
    async (name) => {
      const { bench, staged, source } = await begin(name)
      const commit = (): Promise<CachedFile> => Promise.reject(new Error('no'))
      await expect(bench.transfer.transferFile(source, staged, { commit })).rejects.toThrow('no')
      expect(await readdir(staged.folder)).toEqual([])
      const done = await bench.transfer.transferFile(source, staged, {
        commit: (file) => moveTo(staged, file),
      })
      expect(done.committed?.sizeBytes).toBe(files[name].byteLength)
      expect(await readdir(staged.folder)).toEqual(['final'])
    },
  )

  it('is not taken by another process, however long its commit takes', async () => {
    const { hub, staged, source } = await begin('large')
    const http = createHttp({ endpoint: hub.url })
    // From now on, because the disk's own clock notes when the journal was made.
    const clock = createManualClock(systemClock.now())
    const transfer = createFileTransfer(
      { rangeReader: http.rangeReader, clock },
      { partBytes, deadlineMs: 3_600_000 },
    )
    onTestFinished(async () => {
      await transfer.close()
      await http.close()
    })
    const { hash, sizeBytes } = source
    if (!hash) throw new Error('no hash')
    const abandoned: (boolean | undefined)[] = []
    const commit = async (file: VerifiedFile): Promise<CachedFile> => {
      for (let step = 0; step < 20; step += 1) await passTime(clock, staged.folder)
      const [seen] = await listPartials(staged, { hash, sizeBytes })
      abandoned.push(seen && isAbandoned(seen, 'another place', clock))
      return moveTo(staged, file)
    }
    const { signal } = new AbortController()
    await transfer.transferFile(source, staged, { commit, signal })
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(abandoned).toEqual([false])
    expect(clock.sleepers).toEqual([])
    expect(await readdir(staged.folder)).toEqual(['final'])
  })
})

describe('a journal whose partial is gone', () => {
  it.each([
    ['is removed once its writer is dead: a kill came before the partial was made', 1, 2 ** 22],
    ['is left to a writer that lives and is about to make it', 2, process.pid],
  ])('%s', async (_title, left, pid) => {
    const { bench, staged, source } = await begin('large')
    const { sizeBytes, hash } = source
    if (!hash) throw new Error('no hash')
    const journal = formatJournalHead({ hash, sizeBytes }, { place: await describePlace(), pid })
    const name = `${staged.stem}.00000000.11111111.journal.incomplete`
    await writeFile(join(staged.folder, name), journal)
    expect(await bench.transfer.findPartial(source, staged)).toBe(0)
    await bench.transfer.transferFile(source, staged)
    expect(await readdir(staged.folder)).toHaveLength(left)
  })
})

/** Time, and real work on the disk in between. */
async function passTime(clock: ManualClock, folder: string): Promise<void> {
  await clock.advance(6000)
  for (let turn = 0; turn < 3; turn += 1) await readdir(folder)
}

describe('a partial that cannot be made', () => {
  it('takes its journal along, and leaves alone what has its name', async () => {
    const { hub, staged, source } = await begin('large')
    const http = createHttp({ endpoint: hub.url })
    const random = (): number => 0
    const transfer = createFileTransfer({ rangeReader: http.rangeReader, random }, { partBytes })
    onTestFinished(async () => {
      await transfer.close()
      await http.close()
    })
    const name = `${staged.stem}.00000000.incomplete`
    await writeFile(join(staged.folder, name), 'of somebody else')
    await expect(transfer.transferFile(source, staged)).rejects.toMatchObject({ code: 'HUB_DISK' })
    expect(await readdir(staged.folder)).toEqual([name])
    expect(await readFile(join(staged.folder, name), 'utf8')).toBe('of somebody else')
  })

  it('is not left behind when the volume takes no file of its size', async ({ skip }) => {
    const folder = await useTempDir()
    const made = await createStagedFile(join(folder, 'x.incomplete'), 2 ** 62).catch(
      (error: unknown) => error,
    )
    if (!(made instanceof Error)) return skip('this volume takes files of 4 EiB')
    expect(made).toMatchObject({ name: 'DiskError' })
    expect(await readdir(folder)).toEqual([])
  })
})

async function begin(name: keyof typeof files) {
  const bench = await startBench(files, { transfer: { partBytes } })
  const source = bench.source(name)
  return { bench, hub: bench.hub, source, staged: stageIn(await useTempDir(), source) }
}

async function moveTo(staged: StagedFile, file: VerifiedFile): Promise<CachedFile> {
  const path = join(staged.folder, 'final')
  expect(dirname(file.path)).toBe(staged.folder)
  await rename(file.path, path)
  return { path, sizeBytes: file.sizeBytes }
}
