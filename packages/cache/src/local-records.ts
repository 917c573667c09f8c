import type { CachedRevision, FileListing, RepoRef, ResolvedRevision } from '@hfx/core'
import { onDisk } from './disk-error.ts'
import { listFilesBelow } from './list-snapshot.ts'
import type { LocalDirContext } from './local-dir-context.ts'
import { openHousekeeping } from './local-housekeeping.ts'
import { housekeepingFolder, localRefPath, localTreePath } from './local-layout.ts'
import { readRef, writeRef } from './revision-ref.ts'
import { openTreeFile } from './open-tree.ts'
import { type TreeFile, writeTreeFile } from './write-tree.ts'

/** What a revision meant: as this folder remembers it, or, for folders that Python filled, the Hub cache. */
export async function readLocalRevision(
  dir: LocalDirContext,
  repo: RepoRef,
  revision: string,
): Promise<CachedRevision | undefined> {
  const own = await readRef(localRefPath(dir.folder(), repo, revision))
  return own ?? dir.options.cache?.readRevision(repo, revision)
}

/**
 * Remembers a revision in the folder itself. Python writes it to the Hub cache, where a repository that has nothing
 * but a ref looks damaged to its own scanner.
 */
export async function writeLocalRevision(
  dir: LocalDirContext,
  repo: RepoRef,
  { requested, commit }: ResolvedRevision,
): Promise<void> {
  const path = localRefPath(dir.folder(), repo, requested)
  if (requested === commit) return
  await onDisk(path, 'write', () => openHousekeeping(dir, path))
  const ref = { path, revision: requested, commit, tempFolder: housekeepingFolder(dir.folder()) }
  await writeRef(dir.deps, ref, dir.options)
}

/** The listing that is beside the files, or that of the Hub cache. */
export async function openLocalTree(
  dir: LocalDirContext,
  repo: RepoRef,
  commit: string,
): Promise<FileListing | undefined> {
  const own = await openTreeFile(localTreePath(dir.folder(), commit), dir.deps.logger)
  return own ?? dir.options.cache?.openTree(repo, commit)
}

/** Stores a whole listing beside the files. One with masked hashes is not stored. */
export async function writeLocalTree(
  dir: LocalDirContext,
  commit: string,
  files: TreeFile['files'],
): Promise<void> {
  const path = localTreePath(dir.folder(), commit)
  const tempFolder = housekeepingFolder(dir.folder())
  await onDisk(path, 'write', async () => {
    await openHousekeeping(dir, path)
    await writeTreeFile(dir.deps, { path, files, tempFolder }, dir.options)
  })
}

/** Every file of the folder but our own records. */
export function listLocalFiles(dir: LocalDirContext): Promise<readonly string[]> {
  return listFilesBelow(dir.folder(), (name) => name === '.cache/huggingface')
}
