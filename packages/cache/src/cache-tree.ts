import type { FileListing, RepoRef } from '@hfx/core'
import { onDisk } from './disk-error.ts'
import { type HubCacheContext, makeSnapshotsFolder } from './hub-cache-context.ts'
import { repoFolder, treePath } from './layout.ts'
import { openTreeFile } from './open-tree.ts'
import { type TreeFile, writeTreeFile } from './write-tree.ts'

/** The listing of a commit, as this cache or one of its layers has it. */
export async function openCacheTree(
  cache: HubCacheContext,
  repo: RepoRef,
  commit: string,
): Promise<FileListing | undefined> {
  for (const root of [cache.root(), ...cache.layers()]) {
    const files = await openTreeFile(treePath(root, repo, commit), cache.deps.logger)
    if (files) return files
  }
  return undefined
}

/** Stores a whole listing, readable for whom the umask lets. One with masked hashes is not stored. */
export async function writeCacheTree(
  cache: HubCacheContext,
  repo: RepoRef,
  tree: { readonly commit: string; readonly files: TreeFile['files'] },
): Promise<void> {
  const path = treePath(cache.root(), repo, tree.commit)
  if (cache.options.readOnly) return
  const tempFolder = repoFolder(cache.root(), repo)
  await onDisk(path, 'write', async () => {
    await makeSnapshotsFolder(cache, repo)
    await writeTreeFile(cache.deps, { path, files: tree.files, tempFolder }, cache.options)
  })
}
