import type { Stats } from 'node:fs'
import { lstat, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { FileState, PinnedFile } from '@hfx/core'
import { isAbsent, isRefused } from './disk-error.ts'
import type { HubCacheContext } from './hub-cache-context.ts'
import { blobPath, parseRepoFolderName, pointerPath, repoFolder, sharedBlobPath } from './layout.ts'

/** Files from this size on are looked for in other repositories: below it, looking costs as much as fetching. */
const reuseMinBytes = 1024 * 1024
/** And from this size on for each repository to look into: a look takes as long as so many bytes take to fetch. */
const reuseBytesPerRepo = 16 * 1024

/**
 * What the cache has of a file, cheapest answer first: its place in the snapshot, its blob, the store shared between
 * repositories, the read-only layers, another repository, a plain copy in another snapshot. Writes nothing.
 * @throws HubError `HUB_UNSAFE_PATH` for a name that this volume cannot hold, or not beside another of the snapshot
 */
export async function findFile(cache: HubCacheContext, file: PinnedFile): Promise<FileState> {
  // Of two names that are one file here, the second would be taken for the first.
  const claim = cache.claimName(file)
  if (claim) await claim
  const root = cache.root()
  const pointer = pointerPath(root, file.repo, file)
  if (await holds(cache, pointer, file)) return { kind: 'cached', path: pointer }
  const linkable = await findBlob(cache, root, file)
  if (linkable !== undefined) return { kind: 'link', from: linkable, diskBytes: 0 }
  const layered = await findInLayers(cache, file)
  if (layered) return layered
  if (cache.options.readOnly) return { kind: 'fetch' }
  const elsewhere = (await findInOtherRepos(cache, file)) ?? (await findPlainCopy(cache, file))
  return elsewhere === undefined
    ? { kind: 'fetch' }
    : { kind: 'link', from: elsewhere, diskBytes: 0 }
}

/** The blob in its repository, or in the store shared between repositories, with the size it should have. */
async function findBlob(
  cache: HubCacheContext,
  root: string,
  file: PinnedFile,
): Promise<string | undefined> {
  const blob = blobPath(root, file.repo, file.etag)
  if (await isOfSize(cache, blob, file)) return blob
  if (file.xetHash === undefined || !/^[0-9a-f]{64}$/.test(file.xetHash)) return undefined
  const shared = sharedBlobPath(root, file.xetHash)
  return (await isOfSize(cache, shared, file)) ? shared : undefined
}

async function findInLayers(
  cache: HubCacheContext,
  file: PinnedFile,
): Promise<FileState | undefined> {
  for (const layer of cache.layers()) {
    const pointer = pointerPath(layer, file.repo, file)
    const found = (await isOfSize(cache, pointer, file))
      ? pointer
      : await findBlob(cache, layer, file)
    if (found === undefined) continue
    if (!cache.options.readOnly) return { kind: 'link', from: found, diskBytes: 0 }
    if (found === pointer) return { kind: 'cached', path: pointer }
  }
  return undefined
}

async function findInOtherRepos(
  cache: HubCacheContext,
  file: PinnedFile,
): Promise<string | undefined> {
  if (!isWorthLooking(cache, file)) return undefined
  const names = await cache.listRoot()
  if (file.sizeBytes < names.length * reuseBytesPerRepo) return undefined
  for (const repo of names.map(parseRepoFolderName)) {
    const blob = repo && blobPath(cache.root(), repo, file.etag)
    if (blob !== undefined && (await isOfSize(cache, blob, file))) return blob
  }
  return undefined
}

/** Only a sha256 says the same of a file in every repository. */
function isWorthLooking(
  { options }: HubCacheContext,
  { hash, etag, sizeBytes }: PinnedFile,
): boolean {
  const named = hash?.algorithm === 'sha256' && hash.digest === etag
  return options.reuseAcrossRepos && named && sizeBytes >= reuseMinBytes
}

/** Without links a blob lives in one snapshot only; the same path of another commit may hold the same bytes. */
async function findPlainCopy(
  cache: HubCacheContext,
  file: PinnedFile,
): Promise<string | undefined> {
  if (file.hash === undefined || file.sizeBytes === 0) return undefined
  const snapshots = join(repoFolder(cache.root(), file.repo), 'snapshots')
  for (const commit of await cache.listFolder(snapshots)) {
    if (!/^[0-9a-f]{40}$/.test(commit) || commit === file.commit) continue
    const path = pointerPath(cache.root(), file.repo, { commit, path: file.path })
    if (!(await isPlainFile(path, file.sizeBytes))) continue
    if ((await cache.deps.hasher.hashFile(path, file.hash.algorithm)) === file.hash.digest)
      return path
  }
  return undefined
}

/** Links are left out: the name of their blob has told already that it is another file. */
async function isPlainFile(path: string, sizeBytes: number): Promise<boolean> {
  try {
    const stats = await lstat(path)
    return stats.isFile() && stats.size === sizeBytes
  } catch {
    return false
  }
}

/** A file in its place with another size than the Hub says was cut short by something; it is fetched again. */
async function holds(cache: HubCacheContext, path: string, file: PinnedFile): Promise<boolean> {
  const stats = await cache.statFile(path)
  if (stats === undefined) return false
  if (stats.size === file.sizeBytes) return true
  cache.deps.logger.warn('a cached file has the wrong size and will be fetched again', {
    path,
    expectedBytes: file.sizeBytes,
    actualBytes: stats.size,
  })
  return false
}

async function isOfSize(
  cache: HubCacheContext,
  path: string,
  { sizeBytes }: PinnedFile,
): Promise<boolean> {
  return (await cache.statFile(path))?.size === sizeBytes
}

/** True for a file, behind links or not, of just this size. */
export async function hasSize(path: string, sizeBytes: number): Promise<boolean> {
  return (await statFile(path))?.size === sizeBytes
}

/** The file behind a path, links followed; undefined when there is no file that we may see. */
export async function statFile(path: string): Promise<Stats | undefined> {
  try {
    const stats = await stat(path)
    return stats.isFile() ? stats : undefined
  } catch (error) {
    if (isAbsent(error) || isRefused(error)) return undefined
    throw error
  }
}

/** True when there is a folder, links followed. */
async function statFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}

/** The deepest folder of a path that exists. */
export async function findExisting(path: string): Promise<string> {
  const parent = dirname(path)
  return parent === path || (await statFolder(path)) ? path : findExisting(parent)
}

/** Names in a folder, sorted; none when there is no folder. */
export async function readNames(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).toSorted()
  } catch (error) {
    if (isAbsent(error) || isRefused(error)) return []
    throw error
  }
}
