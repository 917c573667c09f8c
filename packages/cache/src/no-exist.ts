import { writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { RepoRef } from '@hfx/core'
import { errnoOf, onDisk } from './disk-error.ts'
import { statFile } from './find-file.ts'
import type { HubCacheContext } from './hub-cache-context.ts'
import { type CommitPath, noExistPath } from './layout.ts'
import { makeFolder } from './make-folder.ts'

/** Leaves an empty marker for a path that the Hub does not have at a commit. A read-only cache remembers nothing. */
export async function markMissing(
  cache: HubCacheContext,
  repo: RepoRef,
  at: CommitPath,
): Promise<void> {
  const path = noExistPath(cache.root(), repo, at)
  if (cache.options.readOnly) return
  await onDisk(path, 'write', async () => {
    await makeFolder(dirname(path), cache.options.shared)
    await cache.markFolder()
    try {
      await writeFile(path, '', { flag: 'wx' })
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error
    }
  })
}

/** True when this cache or one of its layers has been told that there is no such file. */
export async function isKnownMissing(
  cache: HubCacheContext,
  repo: RepoRef,
  at: CommitPath,
): Promise<boolean> {
  for (const root of [cache.root(), ...cache.layers()]) {
    if ((await statFile(noExistPath(root, repo, at))) !== undefined) return true
  }
  return false
}
