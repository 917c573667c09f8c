import type { CachedRevision, RepoRef, ResolvedRevision } from '@hfx/core'
import type { HubCacheContext } from './hub-cache-context.ts'
import { refPath, repoFolder } from './layout.ts'
import { readRef, writeRef } from './revision-ref.ts'

/** What a revision meant when it was last asked, in this cache or else in its layers. */
export async function readRevision(
  cache: HubCacheContext,
  repo: RepoRef,
  revision: string,
): Promise<CachedRevision | undefined> {
  for (const root of [cache.root(), ...cache.layers()]) {
    const found = await readRef(refPath(root, repo, revision))
    if (found) return found
  }
  return undefined
}

/** Stores what a revision means. A commit needs no ref; a read-only cache keeps none. */
export async function writeRevision(
  cache: HubCacheContext,
  repo: RepoRef,
  { requested, commit }: ResolvedRevision,
): Promise<void> {
  const path = refPath(cache.root(), repo, requested)
  if (requested === commit || cache.options.readOnly) return
  const ref = { path, revision: requested, commit, tempFolder: repoFolder(cache.root(), repo) }
  await writeRef(cache.deps, ref, cache.options)
}
