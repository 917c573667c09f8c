import { resolve } from 'node:path'
import type { ResolvedConfig } from '@hfx/config'
import { type FileHasher, type FileStore, silentLogger, systemClock, systemRandom } from '@hfx/core'

/** The cache (or `localDir`) without a client, and what hashes its files. */
export interface OpenStore {
  readonly store: FileStore
  readonly hasher: FileHasher
}

/** Runs `work` over the store in force; needs no network and loads nothing that does. */
export async function withStore<T>(
  config: ResolvedConfig,
  localDir: string | undefined,
  work: (open: OpenStore) => Promise<T>,
): Promise<T> {
  const { settings } = config
  const [{ createHubCache, createLocalDir }, { createFileHasher }, { cacheOptionsOf }] =
    await Promise.all([import('@hfx/cache'), import('@hfx/transfer'), import('@hfx/hub')])
  const hasher = createFileHasher()
  const deps = { hasher, clock: systemClock, random: systemRandom, logger: silentLogger }
  const cache = createHubCache(deps, cacheOptionsOf({ config }))
  const folder = localDir ?? settings.localDir
  const store =
    folder === undefined ? cache : createLocalDir(deps, { folder: resolve(folder), cache })
  try {
    return await work({ store, hasher })
  } finally {
    await hasher.close()
  }
}
