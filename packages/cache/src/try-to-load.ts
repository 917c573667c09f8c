import { findPathFault, isCommitHash, type RepoRef } from '@hfx/core'
import { statFile } from './find-file.ts'
import { noExistPath, pointerPath, refPath } from './layout.ts'
import { createRealRoot } from './real-root.ts'
import { readRef } from './revision-ref.ts'

/** The Hub has said that this file does not exist at this commit. Compared by identity. */
export const knownMissing: unique symbol = Symbol.for('hfx.known-missing')

/** Which file {@link tryToLoadFromCache} looks for. */
export interface CachedFileQuery {
  readonly repo: RepoRef
  readonly path: string
  /** @default 'main' */
  readonly revision?: string
}

/**
 * The path of a file that is in the cache, {@link knownMissing}, or undefined when nothing is known. Asks no server and
 * writes nothing, as Python's `try_to_load_from_cache`; a name that leads out of the cache is nothing known.
 */
export async function tryToLoadFromCache(
  root: string,
  query: CachedFileQuery,
): Promise<string | typeof knownMissing | undefined> {
  const { repo, path, revision = 'main' } = query
  if (findPathFault(path) !== undefined) return undefined
  const folder = createRealRoot(root)()
  const commit = isCommitHash(revision)
    ? revision
    : (await readRef(refPath(folder, repo, revision)))?.commit
  if (commit === undefined) return undefined
  if (await statFile(noExistPath(folder, repo, { commit, path }))) return knownMissing
  const pointer = pointerPath(folder, repo, { commit, path })
  return (await statFile(pointer)) ? pointer : undefined
}
