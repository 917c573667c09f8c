import { readlink, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf, isAbsent } from './disk-error.ts'
import { linkBytes } from './link-bytes.ts'
import type { LinkKind, ResolvedCacheDeps, ResolvedStoreOptions } from './options.ts'
import { renameFile } from './rename-file.ts'
import { tempName } from './temp-name.ts'

export interface Pointer {
  /** `snapshots/<commit>/<path>`, absolute. */
  readonly path: string
  /** What a symbolic link there says. */
  readonly target: string
  readonly blob: string
  /** Where a link under way is no harm. */
  readonly tempFolder: string
}

/**
 * Makes a snapshot entry show a blob: by a relative symbolic link, or, where there are none, as a second name or a
 * block-sharing copy of the blob, in a folder that is there. Where neither works the blob itself moves into the snapshot, as Python does.
 */
export async function placePointer(
  deps: ResolvedCacheDeps,
  pointer: Pointer,
  options: ResolvedStoreOptions & { readonly symlinks: boolean },
): Promise<LinkKind | 'moved'> {
  if (options.symlinks) {
    await placeSymlink(deps, pointer, options)
    return 'symlink'
  }
  if (await isSameFile(pointer.path, pointer.blob)) return 'hardlink'
  const link = { from: pointer.blob, to: pointer.path, kinds: ['hardlink', 'reflink'] as const }
  try {
    return await linkBytes(deps, link, { ...options, tempFolder: pointer.tempFolder })
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') throw error
    await renameFile(deps, { from: pointer.blob, to: pointer.path }, options)
    return 'moved'
  }
}

async function placeSymlink(
  deps: ResolvedCacheDeps,
  pointer: Pointer,
  options: ResolvedStoreOptions,
): Promise<void> {
  try {
    return await deps.platform.symlink(pointer.target, pointer.path)
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error
  }
  if (await linksTo(pointer.path, pointer.target)) return
  const temp = join(pointer.tempFolder, tempName(deps.random))
  try {
    await deps.platform.symlink(pointer.target, temp)
    await renameFile(deps, { from: temp, to: pointer.path }, options)
  } finally {
    await rm(temp, { force: true })
  }
}

async function linksTo(path: string, target: string): Promise<boolean> {
  try {
    return (await readlink(path)) === target
  } catch {
    return false
  }
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  try {
    const [a, b] = await Promise.all([stat(one), stat(other)])
    return a.ino === b.ino && a.dev === b.dev
  } catch (error) {
    if (isAbsent(error)) return false
    throw error
  }
}
