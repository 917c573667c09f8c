import { constants, existsSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { DiskError } from '@hfx/core'
import { errnoOf } from './disk-error.ts'
import { joinInside, segmentsOf } from './layout.ts'
import { checkParents } from './local-parents.ts'

/** Where Linux shows the open files of a process; some sandboxes hide it. */
const openFolders = '/proc/self/fd'

/**
 * Hands out a path of a file that nobody can bend any more: on Linux its folder is opened step by step, no link
 * followed, and the file named below the open folder, wherever that is by then. Elsewhere the folder is looked at
 * before and after.
 * @throws DiskError `HUB_UNSAFE_PATH`
 */
export async function inRealFolder(
  os: string,
  at: { readonly folder: string; readonly path: string },
  work: (target: string) => Promise<void>,
): Promise<void> {
  if (os !== 'linux' || !existsSync(openFolders)) {
    await work(joinInside(at.folder, at.path))
    return checkParents(at.folder, at.path)
  }
  const segments = segmentsOf(at.path)
  const folder = await openFolder(at.folder, segments.slice(0, -1))
  try {
    await work(join(openFolders, String(folder.fd), segments.at(-1) ?? ''))
  } finally {
    await folder.close()
  }
}

async function openFolder(root: string, segments: readonly string[]): Promise<FileHandle> {
  const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants
  let folder = await open(root, O_RDONLY | O_DIRECTORY)
  for (const segment of segments) {
    const outer = folder
    try {
      folder = await open(
        join(openFolders, String(outer.fd), segment),
        O_RDONLY | O_DIRECTORY | O_NOFOLLOW,
      )
    } catch (error) {
      throw describeRefusal(error, join(root, ...segments))
    } finally {
      await outer.close()
    }
  }
  return folder
}

function describeRefusal(error: unknown, path: string): unknown {
  const errno = errnoOf(error)
  if (errno !== 'ELOOP' && errno !== 'ENOTDIR') return error
  return new DiskError({
    code: 'HUB_UNSAFE_PATH',
    path,
    message: `refusing to write through ${path}: a symbolic link leads out of the folder`,
    hint: 'Replace the link by a real folder, or download to another place.',
    cause: error,
  })
}
