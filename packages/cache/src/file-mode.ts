import { statSync } from 'node:fs'
import { chmod, open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { RandomSource } from '@hfx/core'
import type { ResolvedCacheDeps } from './options.ts'
import { tempName } from './temp-name.ts'

/**
 * Finds out which permissions a new file gets in a folder (umask, default ACLs) by making one, once per folder, and
 * gives them to files that were made with others. Asking for the umask itself would change it for a moment.
 */
export function createModeSetter({
  onTheSpot,
  random,
}: Pick<ResolvedCacheDeps, 'onTheSpot' | 'random'>): (
  path: string,
  folder: string,
) => Promise<void> {
  const known = new Map<string, Promise<number>>()
  return async (path, folder) => {
    const probe = known.get(folder) ?? probeMode(folder, random)
    known.set(folder, probe)
    const wanted = await probe.catch((error: unknown) => {
      known.delete(folder)
      throw error
    })
    const { mode } = await onTheSpot(
      () => statSync(path),
      () => stat(path),
    )
    if ((mode & 0o777) !== wanted) await chmod(path, wanted)
  }
}

async function probeMode(folder: string, random: RandomSource): Promise<number> {
  const path = join(folder, tempName(random))
  const handle = await open(path, 'wx')
  try {
    return (await handle.stat()).mode & 0o777
  } finally {
    await handle.close()
    await rm(path, { force: true })
  }
}
