import { writeFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { writeCacheTag } from './cache-tag.ts'
import type { LocalDirContext } from './local-dir-context.ts'
import { housekeepingFolder } from './local-layout.ts'
import { makeParents } from './local-parents.ts'

/**
 * Makes the folders above one of our records, and `.cache/huggingface` with its `.gitignore` and its cache tag. Every
 * folder must be a real one: a link would let our own files land outside.
 * @throws DiskError `HUB_UNSAFE_PATH`
 */
export async function openHousekeeping(dir: LocalDirContext, record: string): Promise<void> {
  const folder = housekeepingFolder(dir.folder())
  await makeParents(
    dir.folder(),
    relative(dir.folder(), record).split(sep).join('/'),
    dir.options.shared,
  )
  await writeFile(join(folder, '.gitignore'), '*', { flag: 'wx' }).catch(() => {})
  await writeCacheTag(folder)
}
