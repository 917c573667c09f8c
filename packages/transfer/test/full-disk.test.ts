import { execFileSync } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { useTempDir } from '@hfx/testing'
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
  await expect(failed).rejects.toMatchObject({ code: 'HUB_NO_SPACE' })
  const kept = await bench.transfer.findPartial(source('f.bin'), staged)
  expect(kept).toBeGreaterThan(300 * kib)
  execFileSync('/bin/mount', ['-o', 'remount,size=4m', folder])
  const result = await bench.transfer.transferFile(source('f.bin'), staged)
  expect(result).toMatchObject({ resumedBytes: kept, fetchedBytes: bytes.length - kept })
  await rm(join(result.file.path))
})
