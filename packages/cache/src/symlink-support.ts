import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isRefused } from './disk-error.ts'
import type { ResolvedCacheDeps } from './options.ts'
import { randomHex } from './temp-name.ts'

/**
 * Tells whether relative symbolic links work in a repository folder. Tried once per store, in a folder of its own, and
 * every asker waits for the same try: two probes in one place would fail each other.
 */
export function createSymlinkProbe(
  deps: ResolvedCacheDeps,
  disabled: boolean,
): (repoFolder: string) => Promise<boolean> {
  let answer: Promise<boolean> | undefined
  return async (repoFolder) => {
    if (disabled) return false
    answer ??= probeSymlinks(deps, repoFolder)
    try {
      return await answer
    } catch (error) {
      answer = undefined
      throw error
    }
  }
}

async function probeSymlinks(deps: ResolvedCacheDeps, repoFolder: string): Promise<boolean> {
  const folder = join(repoFolder, `tmp${randomHex(deps.random)}`)
  try {
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'file'), '')
    await deps.platform.symlink('file', join(folder, 'link'))
    return true
  } catch (error) {
    // No room for a probe says nothing about links; on the systems that have them, they work.
    if (isRefused(error) && deps.platform.os !== 'win32' && !(await madeFolder(folder))) return true
    deps.logger.warn('this volume has no symbolic links; files are linked or moved instead', {
      folder: repoFolder,
      error,
    })
    return false
  } finally {
    await rm(folder, { recursive: true, force: true }).catch(() => {})
  }
}

async function madeFolder(folder: string): Promise<boolean> {
  try {
    await mkdir(folder)
    return true
  } catch (error) {
    return !isRefused(error)
  }
}
