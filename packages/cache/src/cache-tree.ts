import type { RepoFile, RepoRef } from '@hfx/core'
import { onDisk } from './disk-error.ts'
import type { HubCacheContext } from './hub-cache-context.ts'
import { repoFolder, treePath } from './layout.ts'
import { formatTree, isStorableTree, readTreeFile } from './tree-cache.ts'
import { writeAtomic } from './write-atomic.ts'

/** The listing of a commit, as this cache or one of its layers has it. */
export async function readCacheTree(
  cache: HubCacheContext,
  repo: RepoRef,
  commit: string,
): Promise<readonly RepoFile[] | undefined> {
  for (const root of [cache.root(), ...cache.layers()]) {
    const files = await readTreeFile(treePath(root, repo, commit), cache.deps.logger)
    if (files) return files
  }
  return undefined
}

/** Stores a whole listing, readable for whom the umask lets. One with masked hashes is not stored. */
export async function writeCacheTree(
  cache: HubCacheContext,
  repo: RepoRef,
  tree: { readonly commit: string; readonly files: readonly RepoFile[] },
): Promise<void> {
  const path = treePath(cache.root(), repo, tree.commit)
  if (cache.options.readOnly || !isStorableTree(tree.files)) return
  const tempFolder = repoFolder(cache.root(), repo)
  await onDisk(path, 'write', () =>
    writeAtomic(cache.deps, { path, text: formatTree(tree.files), tempFolder }, cache.options),
  )
}
