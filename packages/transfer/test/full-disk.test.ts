import { execFileSync } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { InsufficientSpaceError } from '@hfx/core'
import { useTempDir } from '@hfx/testing'
import { listPartials } from '../src/find-partials.ts'
import { formatJournalHead, formatRange } from '../src/resume-journal.ts'
import { makeBytes, stageIn, startBench } from './support/hub-source.ts'

const kib = 1024

/** A volume of one MiB; undefined where this user may not mount one. */
async function mountSmallVolume(): Promise<string | undefined> {
  const folder = await useTempDir()
  try {
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], {
      stdio: 'ignore',
    })
  } catch {
    return undefined
  }
  onTestFinished(() => void execFileSync('/bin/umount', [folder]))
  return folder
}

it('DF-2: a volume that fills up in the middle ends every lane, keeps the partial, and a later run goes on', async ({
  skip,
}) => {
  const folder = await mountSmallVolume()
  if (folder === undefined) return skip('no right to mount a small volume')
  const bytes = makeBytes(1400 * kib)
  const { source, ...bench } = await startBench(
    { 'f.bin': bytes },
    { transfer: { partBytes: 128 * kib, connections: 3 } },
  )
  const staged = stageIn(folder, source('f.bin'))
  const failed = bench.transfer.transferFile(source('f.bin'), staged)
  const error: unknown = await failed.catch((error_: unknown) => error_)
  expect(error).toMatchObject({
    code: 'HUB_NO_SPACE',
    path: folder,
    cause: { code: 'HUB_NO_SPACE' },
  })
  if (!(error instanceof InsufficientSpaceError)) throw error
  expect(error.needBytes).toBeGreaterThan(300 * kib)
  expect(error.freeBytes).toBeLessThan(200 * kib)
  await expect.poll(() => bench.data().every(({ ended }) => ended)).toBe(true)
  const kept = await bench.transfer.findPartial(source('f.bin'), staged)
  expect(kept).toBeGreaterThan(300 * kib)
  execFileSync('/bin/mount', ['-o', 'remount,size=4m', folder])
  const result = await bench.transfer.transferFile(source('f.bin'), staged)
  expect(result).toMatchObject({ resumedBytes: kept, fetchedBytes: bytes.length - kept })
  await rm(join(result.file.path))
})

it('DF-2: files on a volume that is full end together, one on another volume goes on', async ({
  skip,
}) => {
  const folder = await mountSmallVolume()
  if (folder === undefined) return skip('no right to mount a small volume')
  const files = {
    a: makeBytes(1300 * kib),
    b: makeBytes(1400 * kib, 2),
    c: makeBytes(1500 * kib, 3),
  }
  const { source, ...bench } = await startBench(files, { transfer: { partBytes: 128 * kib } })
  bench.hub.addFault({
    on: { host: 'cdn', path: /^b$/ },
    skip: 1,
    fault: { kind: 'stall', afterBytes: 0 },
  })
  const elsewhere = await useTempDir()
  const bring = (name: string, to: string): Promise<unknown> =>
    bench.transfer.transferFile(source(name), stageIn(to, source(name)))
  const [a, b, c] = await Promise.allSettled([
    bring('a', folder),
    bring('b', folder),
    bring('c', elsewhere),
  ])
  expect([a.status, b.status, c.status]).toEqual(['rejected', 'rejected', 'fulfilled'])
  for (const end of [a, b])
    expect(end).toMatchObject({ reason: { name: 'InsufficientSpaceError', path: folder } })
  await expect.poll(() => bench.data().every(({ ended }) => ended)).toBe(true)
})

it('DF-2: a volume too full for what another process has lets go of the new partial at once', async ({
  skip,
}) => {
  const folder = await mountSmallVolume()
  if (folder === undefined) return skip('no right to mount a small volume')
  const bytes = makeBytes(1400 * kib)
  const { source, transfer } = await startBench(
    { 'f.bin': bytes },
    { transfer: { partBytes: 128 * kib } },
  )
  const { hash } = source('f.bin')
  if (!hash) throw new Error('no hash')
  const staged = stageIn(folder, source('f.bin'))
  const wanted = { hash, sizeBytes: bytes.length }
  const theirs = join(folder, `${staged.stem}.00000000`)
  await writeFile(`${theirs}.incomplete`, bytes.subarray(0, 700 * kib))
  const head = formatJournalHead(wanted, { place: 'elsewhere', pid: 1 })
  const range = formatRange({ start: 0, end: 700 * kib })
  await writeFile(`${theirs}.11111111.journal.incomplete`, head + range)
  const failed = transfer.transferFile(source('f.bin'), staged)
  await expect(failed).rejects.toMatchObject({ code: 'HUB_NO_SPACE' })
  const owners = (await listPartials(staged, wanted)).map(({ id, journal }) => [id, journal.owner])
  expect(owners).toHaveLength(2)
  expect(owners).toContainEqual([expect.not.stringMatching('00000000'), undefined])
})
