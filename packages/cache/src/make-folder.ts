import { chmod, mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errnoOf } from './disk-error.ts'

/** Group may read, write and enter, and hands its group on to what is made inside. */
const groupFolderBits = 0o2070
const groupFileBits = 0o060

/** Makes a folder and its parents by the umask; with `group` the new ones are open to the group. */
export async function makeFolder(path: string, shared: 'user' | 'group'): Promise<void> {
  const first = await makeWithParents(path)
  if (first === undefined || shared === 'user') return
  for (let folder = path; folder.length >= first.length; folder = dirname(folder)) {
    await addMode(folder, groupFolderBits)
  }
}

/**
 * The first folder that had to be made; undefined when all were there. Node's own `recursive` never ends where a
 * file system answers ENOENT for a child of a folder that exists, as /proc does.
 */
async function makeWithParents(path: string): Promise<string | undefined> {
  try {
    await mkdir(path)
    return path
  } catch (error) {
    const code = errnoOf(error)
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return undefined
    if (code !== 'ENOENT' || dirname(path) === path) throw error
  }
  const first = await makeWithParents(dirname(path))
  return (await makeOne(path)) ? (first ?? path) : first
}

/** False when another process has made it meanwhile. */
async function makeOne(path: string): Promise<boolean> {
  try {
    await mkdir(path)
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw error
  }
}

/** Opens a file to the group where the store is shared. */
export async function shareFile(path: string, shared: 'user' | 'group'): Promise<void> {
  if (shared === 'group') await addMode(path, groupFileBits)
}

async function addMode(path: string, bits: number): Promise<void> {
  const { mode } = await stat(path)
  await chmod(path, (mode & 0o7777) | bits)
}
