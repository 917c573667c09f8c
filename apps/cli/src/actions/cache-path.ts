import { join, resolve } from 'node:path'
import { HubError, isCommitHash, parseRepo, pluralOf } from '@hfx/core'
import { parseCachedRepo } from '../cache-target.ts'
import type { CacheFlags } from '../commands/cache.ts'
import type { RepoFlags } from '../commands/repo-flags.ts'
import type { CliIo } from '../io.ts'
import { readConfig } from '../open-hub.ts'
import { withStore } from '../open-store.ts'
import { print, readFormat } from '../output/format.ts'

/** The cache, the folder of a repository in it, or, with `--revision`, a snapshot. */
export async function runCachePath(
  io: CliIo,
  name: string | undefined,
  flags: CacheFlags & RepoFlags,
): Promise<void> {
  const format = readFormat(flags)
  const config = await readConfig(io, flags)
  const path = name === undefined ? resolve(config.settings.cacheDir) : await findFolder()
  print(io, format, { human: () => path, json: () => ({ path }), quiet: () => path })

  async function findFolder(): Promise<string> {
    const text = name ?? ''
    const repo =
      flags.repoType === undefined ? parseCachedRepo(text) : parseRepo(text, flags.repoType)
    const { revision } = flags
    if (revision === undefined)
      return join(
        resolve(config.settings.cacheDir),
        `${pluralOf(repo.type)}--${repo.id.replaceAll('/', '--')}`,
      )
    return withStore(config, undefined, async ({ store }) => {
      const known = isCommitHash(revision)
        ? revision
        : (await store.readRevision(repo, revision))?.commit
      if (known !== undefined && (await store.listSnapshot(repo, known)).length > 0)
        return store.snapshotFolder(repo, known)
      throw new HubError({
        code: 'HUB_CACHE_NOT_FOUND',
        message: `${repo.id} at ${revision} is not in ${config.settings.cacheDir}`,
        hint: `Download it: hfx download ${repo.id} --revision ${revision}`,
      })
    })
  }
}
