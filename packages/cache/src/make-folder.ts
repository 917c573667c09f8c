import { chmod, mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Group may read, write and enter, and hands its group on to what is made inside. */
const groupFolderBits = 0o2070
const groupFileBits = 0o060

/** Makes a folder and its parents by the umask; with `group` the new ones are open to the group. */
export async function makeFolder(path: string, shared: 'user' | 'group'): Promise<void> {
  const first = await mkdir(path, { recursive: true })
  if (first === undefined || shared === 'user') return
  for (let folder = path; folder.length >= first.length; folder = dirname(folder)) {
    await addMode(folder, groupFolderBits)
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
