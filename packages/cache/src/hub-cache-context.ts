import type { Stats } from 'node:fs'
import { DiskError, type PinnedFile, type RepoRef } from '@hfx/core'
import type { FolderMaker } from './folder-maker.ts'
import { snapshotsFolder } from './layout.ts'
import type { ResolvedCacheDeps, ResolvedHubCacheOptions } from './options.ts'

/** What the parts of the Hub cache share. */
export interface HubCacheContext {
  readonly deps: ResolvedCacheDeps
  readonly options: ResolvedHubCacheOptions
  /** Real path of the writable cache. */
  root(): string
  /** Real paths of the read-only layers, best first. */
  layers(): readonly string[]
  /** Takes the name of a file in its snapshot. */
  readonly claimName: (file: PinnedFile) => Promise<void> | undefined
  /** Whether symbolic links work in a repository folder. */
  hasSymlinks(repoFolder: string): Promise<boolean>
  /** The file behind a path, links followed; undefined when there is no file that we may see. */
  statFile(path: string): Promise<Stats | undefined>
  /** Names in a folder, as they were a moment ago. */
  listFolder(folder: string): Promise<readonly string[]>
  /** The folders that files are published in. */
  readonly folders: FolderMaker
  /** Names in the root, as they were a moment ago. */
  listRoot(): Promise<readonly string[]>
  /** Marks the root as a cache for backup tools. */
  markFolder(): Promise<void>
  /** Gives a file the permissions that new files get in a folder. */
  setMode(path: string, folder: string): Promise<void>
}

/** The same cache when it may be written. @throws DiskError `HUB_READ_ONLY` */
export function checkWritable(cache: HubCacheContext): HubCacheContext {
  if (!cache.options.readOnly) return cache
  throw new DiskError({
    code: 'HUB_READ_ONLY',
    path: cache.root(),
    message: `the cache ${cache.root()} may only be read`,
    hint: 'Choose a writable cache and give this one as a layer below it.',
  })
}

/** Without it Python's scanner calls a repository damaged whose download has ended, or was killed, before its first file. */
export async function makeSnapshotsFolder(cache: HubCacheContext, repo: RepoRef): Promise<void> {
  await cache.folders.within(snapshotsFolder(cache.root(), repo), async () => {})
}
