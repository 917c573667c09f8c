import { lstat, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isAbsent, onDisk } from './disk-error.ts'
import { etagOf } from './etag-of.ts'
import { createFileLocks, type FileLocks } from './file-lock.ts'
import { lockPath, locksFolder, noExistPath, refPath, treePath } from './layout.ts'
import { listLeased } from './lease.ts'
import type { HeldLock } from './lock-backend.ts'
import {
  type CacheDeps,
  resolveCacheDeps,
  type ResolvedCacheDeps,
  resolveStoreOptions,
} from './options.ts'
import type { RemovalPlan, RepoRemoval } from './removal-plan.ts'
import { fileKey } from './scan-repo.ts'
import { createShownFiles } from './shown-files.ts'
import { isTempName, tempName } from './temp-name.ts'
import { walkFiles, readEntries } from './walk-files.ts'

/** What a removal has removed, and what it left. */
export interface RemovalReport {
  readonly freedBytes: number
  readonly removedRepos: number
  readonly removedRevisions: number
  readonly removedFiles: number
  /** What stayed because someone works with it. */
  readonly inUse: readonly string[]
}

/**
 * Carries out a plan: whole repositories, then snapshots, refs, listings and markers, then the blobs that nothing shows
 * any more. What has come into use since the plan stays; each blob is looked at again under its own lock.
 */
export async function removePlanned(
  deps: CacheDeps,
  plan: RemovalPlan,
  options: { readonly signal?: AbortSignal } = {},
): Promise<RemovalReport> {
  const resolved = resolveCacheDeps(deps)
  const locks = createFileLocks(resolved, resolveStoreOptions({}))
  await finishRemovals(plan.root)
  const work: RemovalWork = { deps: resolved, locks, root: plan.root, tally: createTally() }
  for (const removal of plan.repos) {
    options.signal?.throwIfAborted()
    await onDisk(removal.folder, 'remove from', () => removeFromRepo(work, removal))
  }
  return work.tally
}

/** Windows refuses to remove what an antivirus looks at; a moment later it does not. */
const removeTree = { recursive: true, force: true, maxRetries: 10, retryDelay: 100 } as const

interface RemovalWork {
  readonly deps: ResolvedCacheDeps
  readonly locks: FileLocks
  readonly root: string
  readonly tally: Tally
}

interface Tally extends RemovalReport {
  freedBytes: number
  removedRepos: number
  removedRevisions: number
  removedFiles: number
  readonly inUse: string[]
}

function createTally(): Tally {
  return { freedBytes: 0, removedRepos: 0, removedRevisions: 0, removedFiles: 0, inUse: [] }
}

async function removeFromRepo(work: RemovalWork, removal: RepoRemoval): Promise<void> {
  const leased = await listLeased(work.deps, work.root, removal.repo)
  const free = removal.revisions.filter(({ commit }) => !leased.has(commit))
  for (const { commit, folder } of removal.revisions) {
    if (leased.has(commit)) work.tally.inUse.push(folder)
  }
  if (removal.whole && leased.size === 0 && (await removeWholeRepo(work, removal))) return
  const left = new Set<string>()
  for (const revision of free) {
    for (const key of await listShown(revision.folder)) left.add(key)
    await removeSnapshot(work, removal, revision)
  }
  for (const revision of free) await removeRecords(work, removal, revision)
  const blobs = await findBlobs(removal.folder, left)
  await removeBlobs(work, removal, [...blobs, ...removal.loose.map(({ path }) => path)])
}

/** Moves the folder away in one step, so that nobody sees half of it. Not while something is being written there. */
async function removeWholeRepo(work: RemovalWork, removal: RepoRemoval): Promise<boolean> {
  const held = await lockAll(work, removal, await listBusyCandidates(removal.folder))
  try {
    if (held.busy.size > 0) return false
    const gone = join(locksFolder(work.root, removal.repo), tempName(work.deps.random))
    await mkdir(dirname(gone), { recursive: true })
    await rename(removal.folder, gone)
    await rm(gone, removeTree)
    work.tally.removedRepos += 1
    work.tally.removedRevisions += removal.revisions.length
    work.tally.freedBytes += removal.freedBytes
    return true
  } catch (error) {
    if (isAbsent(error)) return true
    throw error
  } finally {
    await held.release()
  }
}

/**
 * The blobs whose locks tell whether somebody works in a repository: all that are on their way, and all of a small
 * repository. Thousands of open lock files would cost more than they tell.
 */
async function listBusyCandidates(folder: string): Promise<readonly string[]> {
  const names: string[] = []
  for await (const { name } of readEntries(join(folder, 'blobs'))) names.push(name)
  const partials = names.filter((name) => name.endsWith('.incomplete'))
  return etagsOf(names.length > maxWholeLocks ? partials.slice(0, maxWholeLocks) : names)
}

/** What an earlier removal had moved away when it was killed. Nobody can see it any more. */
async function finishRemovals(root: string): Promise<void> {
  for await (const repo of readEntries(join(root, '.locks'))) {
    if (!repo.isDirectory()) continue
    for await (const { name } of readEntries(join(root, '.locks', repo.name))) {
      if (isTempName(name)) await rm(join(root, '.locks', repo.name, name), removeTree)
    }
  }
}

async function removeSnapshot(
  work: RemovalWork,
  removal: RepoRemoval,
  revision: RepoRemoval['revisions'][number],
): Promise<void> {
  const gone = join(removal.folder, tempName(work.deps.random))
  try {
    work.tally.freedBytes += await plainBytes(revision.folder)
    await rename(revision.folder, gone)
  } catch (error) {
    if (isAbsent(error)) return
    throw error
  }
  await rm(gone, removeTree)
  work.tally.removedRevisions += 1
}

/** Bytes that live in the snapshot itself, under no other name. */
async function plainBytes(folder: string): Promise<number> {
  let bytes = 0
  for await (const entry of walkFiles(folder)) {
    const stats = await lstat(entry.path)
    if (stats.isFile() && stats.nlink === 1) bytes += stats.size
  }
  return bytes
}

/** Refs of the commit, its listing and its markers: Python leaves the last two behind. */
async function removeRecords(
  { root }: RemovalWork,
  { repo, folder }: RepoRemoval,
  revision: RepoRemoval['revisions'][number],
): Promise<void> {
  for (const ref of revision.refs) {
    const path = refPath(root, repo, ref)
    await rm(path, { force: true })
    await removeEmptyFolders(dirname(path), join(folder, 'refs'))
  }
  await rm(treePath(root, repo, revision.commit), { force: true })
  const markers = dirname(noExistPath(root, repo, { commit: revision.commit, path: 'x' }))
  await rm(markers, removeTree)
}

async function removeEmptyFolders(folder: string, until: string): Promise<void> {
  if (!folder.startsWith(until) || folder === until) return
  if ((await readdir(folder).catch(() => ['?'])).length > 0) return
  await rm(folder, removeTree)
  await removeEmptyFolders(dirname(folder), until)
}

/** How many locks are held at once while their blobs are looked at. */
const lockBatch = 128
const maxWholeLocks = 512

async function removeBlobs(
  work: RemovalWork,
  removal: RepoRemoval,
  paths: readonly string[],
): Promise<void> {
  const unique = [...new Set(paths)]
  const showing = createShownFiles(join(removal.folder, 'snapshots'), work.deps.clock)
  for (let start = 0; start < unique.length; start += lockBatch) {
    const batch = unique.slice(start, start + lockBatch)
    const held = await lockAll(work, removal, etagsOf(batch.map((path) => basename(path))))
    try {
      const shown = await showing.refresh()
      for (const path of batch) await removeFile(work, path, { shown, busy: held.busy })
    } finally {
      await held.release()
    }
  }
}

async function removeFile(
  { tally }: RemovalWork,
  path: string,
  now: { readonly shown: ReadonlySet<string>; readonly busy: ReadonlySet<string> },
): Promise<void> {
  if (now.busy.has(etagOf(basename(path)))) {
    tally.inUse.push(path)
    return
  }
  const stats = await lstat(path).catch(() => undefined)
  if (stats === undefined) return
  const shownAs = await stat(path).catch(() => undefined)
  if (shownAs && now.shown.has(fileKey(shownAs))) return
  // A link into a store that others share goes; what it points at stays.
  await rm(path, removeTree)
  tally.removedFiles += 1
  if (stats.isFile() && stats.nlink === 1) tally.freedBytes += stats.size
}

/** Every file that a snapshot shows. */
async function listShown(folder: string): Promise<ReadonlySet<string>> {
  const shown = new Set<string>()
  for await (const entry of walkFiles(folder)) {
    const stats = await stat(entry.path).catch(() => undefined)
    if (stats) shown.add(fileKey(stats))
  }
  return shown
}

/** The blobs that removed snapshots showed, by whatever link. */
async function findBlobs(folder: string, left: ReadonlySet<string>): Promise<readonly string[]> {
  const found: string[] = []
  for await (const { name } of readEntries(join(folder, 'blobs'))) {
    const path = join(folder, 'blobs', name)
    const stats = await stat(path).catch(() => undefined)
    if (stats && left.has(fileKey(stats))) found.push(path)
  }
  return found
}

interface HeldLocks {
  readonly busy: ReadonlySet<string>
  release(): Promise<void>
}

async function lockAll(
  { locks, root }: RemovalWork,
  { repo }: RepoRemoval,
  etags: readonly string[],
): Promise<HeldLocks> {
  const held: HeldLock[] = []
  const busy = new Set<string>()
  for (const etag of etags) {
    const lock = await locks.tryLock(lockPath(root, repo, etag))
    if (lock === 'busy') busy.add(etag)
    else if (lock !== 'unavailable') held.push(lock)
  }
  return {
    busy,
    release: async () => {
      for (const lock of held) await lock.release().catch(() => {})
    },
  }
}

function etagsOf(names: readonly string[]): readonly string[] {
  const etags = names
    .map(etagOf)
    .filter((etag) => /^[0-9A-Za-z_-][0-9A-Za-z._-]{0,199}$/.test(etag))
  return [...new Set(etags)]
}
