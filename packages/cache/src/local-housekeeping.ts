import { lstat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DiskError } from '@hfx/core'
import { writeCacheTag } from './cache-tag.ts'
import { isAbsent } from './disk-error.ts'
import type { LocalDirContext } from './local-dir-context.ts'
import { housekeepingFolder } from './local-layout.ts'
import { makeFolder } from './make-folder.ts'

/**
 * Makes `.cache/huggingface` with its `.gitignore` and its cache tag. Both folders must be real ones: a link would let
 * our own files land outside.
 */
export async function openHousekeeping(dir: LocalDirContext): Promise<void> {
  const folder = housekeepingFolder(dir.folder())
  await refuseLink(join(dir.folder(), '.cache'))
  await refuseLink(folder)
  await refuseLink(join(folder, 'download'))
  await makeFolder(folder, dir.options.shared)
  await writeFile(join(folder, '.gitignore'), '*', { flag: 'wx' }).catch(() => {})
  await writeCacheTag(folder)
}

async function refuseLink(path: string): Promise<void> {
  try {
    if (!(await lstat(path)).isSymbolicLink()) return
  } catch (error) {
    if (isAbsent(error)) return
    throw error
  }
  throw new DiskError({
    code: 'HUB_UNSAFE_PATH',
    path,
    message: `refusing to write through ${path}: it is a symbolic link`,
    hint: 'Replace the link by a real folder, or download to another place.',
  })
}
