import { statSync } from 'node:fs'
import { mkdir, mkdtemp, rm, statfs, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { InsufficientSpaceError } from '@hfx/core'
import { expect, it, onTestFinished } from 'vitest'
import { openStage } from './support/hub-stage.ts'

const repos = [
  {
    id: 'acme/huge',
    commits: [
      {
        files: {
          'model.bin': {
            lfs: true,
            generate: { sizeBytes: 2 ** 50, seed: 2 },
            trustSha256: 'a'.repeat(64),
          },
        },
      },
    ],
  },
] as const

/** A volume beside the one of temporary folders; undefined where there is none. */
function findOtherVolume(folder: string): string | undefined {
  const shm = statSync('/dev/shm', { throwIfNoEntry: false })
  return shm && shm.dev !== statSync(folder).dev ? '/dev/shm' : undefined
}

async function readFree(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

it('DF-1: names the folder that the bytes would go to, and asks for none of them', async () => {
  const { hub, cacheDir, open } = await openStage({ repos })
  const error = await open()
    .snapshot('acme/huge')
    .catch((error_: unknown) => error_)
  expect(error).toBeInstanceOf(InsufficientSpaceError)
  expect(error).toMatchObject({
    path: join(cacheDir, 'models--acme--huge', 'blobs'),
    needBytes: 2 ** 50,
  })
  expect(hub.requests.some(({ host }) => host === 'cdn')).toBe(false)
})

it('DF-1: a repository that lies on another volume than the cache needs its room there', async ({
  skip,
}) => {
  const { cacheDir, open } = await openStage({ repos })
  await mkdir(cacheDir)
  const volume = findOtherVolume(cacheDir)
  if (volume === undefined) return skip('this machine has no second volume at /dev/shm')
  const elsewhere = await mkdtemp(join(volume, 'hfx-space-'))
  onTestFinished(() => rm(elsewhere, { recursive: true }))
  await symlink(elsewhere, join(cacheDir, 'models--acme--huge'))
  const error = await open()
    .download('acme/huge', 'model.bin')
    .catch((error_: unknown) => error_)
  expect(error).toBeInstanceOf(InsufficientSpaceError)
  const freeBytes = error instanceof InsufficientSpaceError ? error.freeBytes : Number.NaN
  // Others write to both meanwhile.
  const [there, here] = [await readFree(volume), await readFree(cacheDir)]
  expect(Math.abs(freeBytes - there)).toBeLessThan(Math.abs(freeBytes - here))
})
