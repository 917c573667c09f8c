import type { Dirent } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DiskError, type RepoRef } from '@hfx/core'
import { isAbsent } from './disk-error.ts'
import { etagOf } from './etag-of.ts'
import { parseRepoFolderName, repoFolder } from './layout.ts'
import { createRealRoot } from './real-root.ts'
import type { CacheScan, ScannedRepo } from './scan-model.ts'
import { scanRepo, type ScanRepoOptions } from './scan-repo.ts'
import { readEntries } from './walk-files.ts'

/** What a scan meets: a repository, or an entry that is none. */
export type ScanStep =
  | { readonly kind: 'repo'; readonly repo: ScannedRepo }
  | { readonly kind: 'foreign'; readonly path: string; readonly warning: string }

/** Entries of a cache that are no repositories and belong there. `blobs` is the store shared between repositories. */
const ownEntries = new Set([
  '.DS_Store',
  'Thumbs.db',
  'desktop.ini',
  '.locks',
  'CACHEDIR.TAG',
  'blobs',
])

/** How many repositories are read at once: as many as the system's file threads can serve. */
const scanAhead = 4

/**
 * Reads a cache repository by repository and holds a few at a time, however many there are.
 * @throws DiskError `HUB_CACHE_NOT_FOUND` when there is no such folder
 */
export async function* scanRepos(
  root: string,
  options: ScanRepoOptions = {},
): AsyncGenerator<ScanStep> {
  const folder = createRealRoot(root)()
  await checkRoot(folder)
  const ahead: Promise<ScanStep | undefined>[] = []
  for await (const entry of readEntries(folder)) {
    options.signal?.throwIfAborted()
    if (ownEntries.has(entry.name)) continue
    const step = scanEntry({ entry, path: join(folder, entry.name) }, options)
    // Whoever stops early never hears of those that were read ahead.
    step.catch(() => {})
    ahead.push(step)
    if (ahead.length < scanAhead) continue
    const next = await ahead.shift()
    if (next) yield next
  }
  for (const step of ahead) {
    const next = await step
    if (next) yield next
  }
}

/** Undefined when it is gone by now. */
async function scanEntry(
  { entry, path }: { readonly entry: Dirent; readonly path: string },
  options: ScanRepoOptions,
): Promise<ScanStep | undefined> {
  const warning = entry.isDirectory()
    ? findNameProblem(entry.name, path)
    : `Repo path is not a directory: ${path}`
  const repo = parseRepoFolderName(entry.name)
  if (warning !== undefined || repo === undefined) {
    return { kind: 'foreign', path, warning: warning ?? `Repo id is not valid: ${path}` }
  }
  const scanned = await scanIfThere({ repo, folder: path }, options)
  return scanned && { kind: 'repo', repo: scanned }
}

/** The whole picture of a cache. Files of each revision only when asked for: a million of them take their room. */
export async function scanCache(root: string, options: ScanRepoOptions = {}): Promise<CacheScan> {
  const repos: ScannedRepo[] = []
  const damaged: ScannedRepo[] = []
  const foreign: string[] = []
  for await (const step of scanRepos(root, options)) {
    if (step.kind === 'foreign') foreign.push(step.warning)
    else if (step.repo.warnings.length > 0) damaged.push(step.repo)
    else repos.push(step.repo)
  }
  const all = [...repos, ...damaged]
  const folder = createRealRoot(root)()
  return {
    root: folder,
    sizeBytes: repos.reduce((sum, repo) => sum + repo.sizeBytes, 0),
    repos: repos.toSorted(byFolder),
    damaged: damaged.toSorted(byFolder),
    partialBytes: sumLoose(all, 'partial'),
    orphanBytes: sumLoose(all, 'orphan'),
    danglingLinks: all.flatMap((repo) => repo.danglingLinks),
    staleLocks: await findStaleLocks(folder),
    // As Python: the first problem of a repository speaks for it.
    warnings: [...foreign, ...damaged.flatMap((repo) => repo.warnings.slice(0, 1))],
  }
}

/** One repository, or undefined when the cache has none of that name. */
export async function scanOneRepo(
  root: string,
  repo: RepoRef,
  options: ScanRepoOptions = {},
): Promise<ScannedRepo | undefined> {
  return scanIfThere({ repo, folder: repoFolder(createRealRoot(root)(), repo) }, options)
}

/** Others may remove a repository while we scan. */
async function scanIfThere(
  at: { readonly repo: RepoRef; readonly folder: string },
  options: ScanRepoOptions,
): Promise<ScannedRepo | undefined> {
  try {
    return await scanRepo(at, options)
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

async function checkRoot(folder: string): Promise<void> {
  const stats = await stat(folder).catch(() => undefined)
  if (stats?.isDirectory()) return
  throw new DiskError({
    code: 'HUB_CACHE_NOT_FOUND',
    path: folder,
    message: `there is no cache at ${folder}${stats ? ': it is a file' : ''}`,
    hint: 'Check HF_HUB_CACHE and HF_HOME, or download something first.',
  })
}

function findNameProblem(name: string, path: string): string | undefined {
  if (!name.includes('--')) return `Repo path is not a valid HuggingFace cache directory: ${path}`
  const known = ['models', 'datasets', 'spaces', 'kernels'].includes(name.split('--')[0] ?? '')
  return known ? undefined : `Repo type must be model, dataset, space or kernel: ${path}`
}

function sumLoose(repos: readonly ScannedRepo[], kind: string): number {
  return repos
    .flatMap((repo) => repo.loose)
    .reduce((sum, file) => sum + (file.kind === kind ? file.sizeBytes : 0), 0)
}

/** Locks of files that are neither in the cache nor on their way. */
async function findStaleLocks(root: string): Promise<readonly string[]> {
  const stale: string[] = []
  for await (const entry of readEntries(join(root, '.locks'))) {
    const blobs = join(root, entry.name, 'blobs')
    let coming: ReadonlySet<string> | undefined
    for await (const lock of readEntries(join(root, '.locks', entry.name))) {
      if (!lock.name.endsWith('.lock')) continue
      const etag = lock.name.slice(0, -'.lock'.length)
      if (await stat(join(blobs, etag)).catch(() => undefined)) continue
      coming ??= await listComing(blobs)
      if (!coming.has(etag)) stale.push(join(root, '.locks', entry.name, lock.name))
    }
  }
  return stale.toSorted()
}

/** The blobs that are being fetched, by their partials. */
async function listComing(blobs: string): Promise<ReadonlySet<string>> {
  const etags = new Set<string>()
  for await (const { name } of readEntries(blobs)) {
    if (name.endsWith('.incomplete')) etags.add(etagOf(name))
  }
  return etags
}

function byFolder(a: ScannedRepo, b: ScannedRepo): number {
  return a.folder < b.folder ? -1 : 1
}
