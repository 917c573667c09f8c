import { existsSync } from 'node:fs'
import type { FoundFile, RepoRef } from '@hfx/core'
import { statFile } from './find-file.ts'
import type { HubCacheContext } from './hub-cache-context.ts'
import { type CommitPath, pointerPath, snapshotFolder } from './layout.ts'
import { listFilesBelow } from './list-snapshot.ts'

/** The snapshot's folder in this cache; where nothing may be written, in the first layer that has one. */
export function readableSnapshotFolder(
  cache: HubCacheContext,
  repo: RepoRef,
  commit: string,
): string {
  const own = snapshotFolder(cache.root(), repo, commit)
  if (!cache.options.readOnly) return own
  const all = [own, ...cache.layers().map((root) => snapshotFolder(root, repo, commit))]
  return all.find((folder) => existsSync(folder)) ?? own
}

/** Files of a snapshot in this cache and its layers, by repository path. */
export async function listSnapshot(
  cache: HubCacheContext,
  repo: RepoRef,
  commit: string,
): Promise<readonly string[]> {
  const names = new Set<string>()
  for (const root of [cache.root(), ...cache.layers()]) {
    for (const name of await listFilesBelow(snapshotFolder(root, repo, commit))) names.add(name)
  }
  return [...names].toSorted()
}

/** A file of a snapshot, whatever it holds, in this cache or else in its layers. */
export async function findSnapshotFile(
  cache: HubCacheContext,
  repo: RepoRef,
  at: CommitPath,
): Promise<FoundFile | undefined> {
  for (const root of [cache.root(), ...cache.layers()]) {
    const path = pointerPath(root, repo, at)
    const stats = await statFile(path)
    if (stats) return { path, sizeBytes: stats.size, isOfCommit: true }
  }
  return undefined
}
