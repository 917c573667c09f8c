import { join, resolve } from 'node:path'
import type { Adoptable, AdoptionPlace } from '@hfx/cache'
import { expandPath, type ResolvedConfig } from '@hfx/config'
import { parseRepo, pinFile, type PinnedFile, type RepoRef, visible } from '@hfx/core'
import { formatBytes, formatCount } from '@hfx/progress'
import { parseCachedRepo } from '../cache-target.ts'
import type { CacheAdoptFlags } from '../commands/cache.ts'
import type { CliIo } from '../io.ts'
import { withHub } from '../open-hub.ts'
import { withStore } from '../open-store.ts'
import { print, readFormat } from '../output/format.ts'

/** Links files into the cache whose bytes other programs already have. */
export async function runCacheAdopt(
  io: CliIo,
  name: string,
  flags: CacheAdoptFlags,
): Promise<void> {
  const format = readFormat(flags)
  const repo =
    flags.repoType === undefined ? parseCachedRepo(name) : parseRepo(name, flags.repoType)
  const { files, config } = await listPinned(io, repo, flags)
  const taken = await adoptFiles(io, { files, config, flags })
  const isDry = flags.dryRun ?? false
  print(io, format, {
    human: () =>
      taken.map(({ file, from }) => `${visible(file.path)} ← ${visible(from)}`).join('\n'),
    json: () =>
      taken.map(({ file, from, place }) => ({
        path: file.path,
        sizeBytes: file.sizeBytes,
        from,
        place,
        dryRun: isDry,
      })),
    quiet: () => taken.map(({ file }) => file.path),
  })
  if (format !== 'human') return
  const bytes = taken.reduce((sum, { file }) => sum + file.sizeBytes, 0)
  const verb = isDry ? 'could be taken' : 'taken'
  io.err(`${formatCount(taken.length, 'file')}, ${formatBytes(bytes)} ${verb}\n`)
}

async function listPinned(io: CliIo, repo: RepoRef, flags: CacheAdoptFlags) {
  const options = { signal: io.signal }
  const at = flags.revision === undefined ? options : { ...options, revision: flags.revision }
  return withHub(io, { flags: { ...flags, progress: 'none' } }, async ({ client, config }) => {
    const { commit } = await client.repoInfo(repo, at)
    const files: PinnedFile[] = []
    for await (const file of client.listFiles(repo, { ...options, revision: commit }))
      files.push(pinFile(repo, commit, file))
    return { files, config }
  })
}

async function adoptFiles(
  io: CliIo,
  work: {
    readonly files: readonly PinnedFile[]
    readonly config: ResolvedConfig
    readonly flags: CacheAdoptFlags
  },
): Promise<readonly Adoptable[]> {
  const cache = await import('@hfx/cache')
  const { signal } = io
  return withStore(work.config, undefined, async ({ store, hasher }) => {
    const open = new Set<PinnedFile>()
    for (const file of work.files) if ((await store.findFile(file)).kind === 'fetch') open.add(file)
    const matches: Adoptable[] = []
    for (const place of placesFor(io, cache.adoptionPlaces, work.flags)) {
      for (const match of await cache.findAdoptable(
        { hasher },
        { place, files: [...open] },
        { signal },
      )) {
        matches.push(match)
        open.delete(match.file)
      }
    }
    if (work.flags.dryRun) return matches
    for (const match of matches) await cache.adopt(store, match, { signal })
    return matches
  })
}

function placesFor(
  io: CliIo,
  known: (home: string) => readonly AdoptionPlace[],
  flags: CacheAdoptFlags,
): readonly AdoptionPlace[] {
  const home = expandPath('~', io.env)
  const own = (flags.scan ?? []).map((folder): AdoptionPlace => ({
    kind: 'folder',
    path: resolve(io.cwd, folder),
  }))
  const clone: AdoptionPlace = { kind: 'git-lfs', path: join(io.cwd, '.git', 'lfs', 'objects') }
  return [...own, clone, ...known(home)]
}
