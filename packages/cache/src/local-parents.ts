import { lstat, mkdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { DiskError } from '@hfx/core'
import { errnoOf, isAbsent } from './disk-error.ts'
import { segmentsOf } from './layout.ts'
import { makeFolder } from './make-folder.ts'

/**
 * Makes the folders above a file, refusing to pass through a symbolic link: the folder may come from anybody, and a
 * link in it may lead anywhere.
 * @throws DiskError `HUB_UNSAFE_PATH`
 */
export async function makeParents(
  folder: string,
  path: string,
  shared: 'user' | 'group',
): Promise<void> {
  await makeFolder(folder, shared)
  let at = folder
  for (const segment of segmentsOf(path).slice(0, -1)) {
    at = join(at, segment)
    await makeOne(at, shared)
  }
}

/**
 * Looks again, when the file is about to get its name, whether its folder is still the one that was made.
 * @throws DiskError `HUB_UNSAFE_PATH`
 */
export async function checkParents(folder: string, path: string): Promise<void> {
  const below = segmentsOf(path).slice(0, -1)
  const expected = join(folder, ...below)
  try {
    if ((await realpath(expected)) === expected) return
  } catch (error) {
    if (isAbsent(error)) return
    throw error
  }
  throw throughLink(expected)
}

/** True when every folder above a file is a real one, or is not there. */
export async function hasRealParents(folder: string, path: string): Promise<boolean> {
  try {
    await checkParents(folder, path)
    return true
  } catch (error) {
    if (error instanceof DiskError) return false
    throw error
  }
}

async function makeOne(path: string, shared: 'user' | 'group'): Promise<void> {
  try {
    await mkdir(path)
    if (shared === 'group') await makeFolder(path, shared)
    return
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error
  }
  const stats = await lstat(path)
  if (stats.isSymbolicLink()) throw throughLink(path)
  if (!stats.isDirectory()) {
    throw new DiskError({
      code: 'HUB_DISK',
      path,
      message: `cannot make the folder ${path}: a file has that name`,
      hint: 'Move the file away, or download to another folder.',
    })
  }
}

function throughLink(path: string): DiskError {
  return new DiskError({
    code: 'HUB_UNSAFE_PATH',
    path,
    message: `refusing to write through ${path}: a symbolic link leads out of the folder`,
    hint: 'Replace the link by a real folder, or download to another place.',
  })
}
