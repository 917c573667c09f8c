import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Adoptable, AdoptionPlace } from '@hfx/cache'
import { expandPath, type ResolvedConfig } from '@hfx/config'
import {
  type FileStore,
  HubError,
  parseRepo,
  pinFile,
  type PinnedFile,
  type RepoFile,
  type RepoRef,
  visible,
} from '@hfx/core'
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
  const places = await placesFor(io, flags)
  const listed = await listPinned(io, repo, flags)
  const { taken, openCount } = await adoptFiles(io, { ...listed, repo, places, flags })
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
  if (openCount === 0) io.err('every file is in the cache already\n')
  else io.err(`${formatCount(taken.length, 'file')}, ${formatBytes(bytes)} ${verb}\n`)
}

interface Listed {
  readonly commit: string
  readonly files: readonly RepoFile[]
  readonly config: ResolvedConfig
}

async function listPinned(io: CliIo, repo: RepoRef, flags: CacheAdoptFlags): Promise<Listed> {
  const options = { signal: io.signal }
  const at = flags.revision === undefined ? options : { ...options, revision: flags.revision }
  return withHub(io, { flags: { ...flags, progress: 'none' } }, async ({ client, config }) => {
    const { commit } = await client.repoInfo(repo, at)
    const files: RepoFile[] = []
    for await (const file of client.listFiles(repo, { ...options, revision: commit }))
      files.push(file)
    return { commit, files, config }
  })
}

async function adoptFiles(
  io: CliIo,
  work: Listed & {
    readonly repo: RepoRef
    readonly places: readonly AdoptionPlace[]
    readonly flags: CacheAdoptFlags
  },
): Promise<{ readonly taken: readonly Adoptable[]; readonly openCount: number }> {
  const cache = await import('@hfx/cache')
  const { signal } = io
  return withStore(work.config, undefined, async ({ store, hasher }) => {
    const open = new Set<PinnedFile>()
    for (const listed of work.files) {
      const file = pinFile(work.repo, work.commit, listed)
      if ((await store.findFile(file)).kind === 'fetch') open.add(file)
    }
    const openCount = open.size
    const taken: Adoptable[] = []
    for (const place of work.places) {
      const wanted = { place, files: [...open] }
      for (const match of await cache.findAdoptable({ hasher }, wanted, { signal })) {
        taken.push(match)
        open.delete(match.file)
      }
    }
    if (work.flags.dryRun || taken.length === 0) return { taken, openCount }
    for (const match of taken) await cache.adopt(store, match, { signal })
    await remember(store, work, { isComplete: open.size === 0 })
    return { taken, openCount }
  })
}

/**
 * Stores what the revision means and holds: files that no ref names would be pruned, and without a listing a few of
 * them would pass for all. A ref that names another commit goes on doing so until everything is here.
 */
async function remember(
  store: FileStore,
  {
    repo,
    commit,
    files,
    flags,
  }: Listed & {
    readonly repo: RepoRef
    readonly flags: CacheAdoptFlags
  },
  { isComplete }: { readonly isComplete: boolean },
): Promise<void> {
  const requested = flags.revision ?? 'main'
  await store.writeTree(repo, commit, files)
  const known = await store.readRevision(repo, requested)
  if (isComplete || known === undefined) await store.writeRevision(repo, { requested, commit })
}

async function placesFor(io: CliIo, flags: CacheAdoptFlags): Promise<readonly AdoptionPlace[]> {
  const { adoptionPlaces } = await import('@hfx/cache')
  const own = (flags.scan ?? []).map((folder): AdoptionPlace => ({
    kind: 'folder',
    path: resolve(io.cwd, folder),
  }))
  for (const { path } of own) {
    if (existsSync(path)) continue
    throw new HubError({
      code: 'HUB_INVALID_OPTION',
      message: `--scan ${path}: there is no such folder`,
      hint: 'Name a folder or a file that is there.',
    })
  }
  const clone: AdoptionPlace = { kind: 'git-lfs', path: join(io.cwd, '.git', 'lfs', 'objects') }
  return [...own, clone, ...adoptionPlaces(expandPath('~', io.env))]
}
