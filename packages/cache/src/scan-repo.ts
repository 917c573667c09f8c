import type { Stats } from 'node:fs'
import { lstat, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { RepoRef } from '@hfx/core'
import { isAbsent, isRefused } from './disk-error.ts'
import { readRef } from './revision-ref.ts'
import type { LooseFile, ScannedFile, ScannedRepo, ScannedRevision } from './scan-model.ts'
import { isTempName } from './temp-name.ts'
import { readEntries, walkFiles } from './walk-files.ts'

/** How much of a repository a scan tells. */
export interface ScanRepoOptions {
  /** List the files of each revision. @default false */
  readonly files?: boolean
  readonly signal?: AbortSignal
}

/** Files that desktops leave everywhere. */
const desktopFiles = new Set(['.DS_Store', 'Thumbs.db', 'desktop.ini'])

/** Reads one repository folder: its snapshots, its refs, and what lies beside them. Writes nothing, takes no lock. */
export async function scanRepo(
  at: { readonly repo: RepoRef; readonly folder: string },
  options: ScanRepoOptions = {},
): Promise<ScannedRepo> {
  const refs = await readRefs(join(at.folder, 'refs'))
  const tally = createTally()
  const revisions: ScannedRevision[] = []
  for await (const entry of readEntries(join(at.folder, 'snapshots'))) {
    options.signal?.throwIfAborted()
    const folder = join(at.folder, 'snapshots', entry.name)
    if (entry.isDirectory()) {
      revisions.push(await scanRevision({ folder, commit: entry.name, refs }, tally, options))
    } else if (!desktopFiles.has(entry.name)) {
      tally.warnings.push(`Snapshots folder corrupted. Found a file: ${folder}`)
    }
  }
  const own = await stat(at.folder)
  return {
    ...at,
    sizeBytes: tally.sizeBytes,
    fileCount: tally.seen.size,
    lastAccessedMs: tally.lastAccessedMs || own.atimeMs,
    lastModifiedMs: tally.lastModifiedMs || own.mtimeMs,
    revisions: revisions.toSorted((a, b) => (a.commit < b.commit ? -1 : 1)),
    refs,
    loose: await findLoose(at.folder, tally.seen),
    danglingLinks: tally.danglingLinks,
    warnings: [...tally.warnings, ...tally.danglingLinks.map(danglingWarning)],
  }
}

/** One file on disk, whatever it is called: hardlinks count once. */
export function fileKey(stats: Pick<Stats, 'dev' | 'ino'>): string {
  return `${stats.dev}:${stats.ino}`
}

interface Tally {
  readonly seen: Set<string>
  readonly danglingLinks: string[]
  readonly warnings: string[]
  sizeBytes: number
  lastAccessedMs: number
  lastModifiedMs: number
}

function createTally(): Tally {
  return {
    seen: new Set(),
    danglingLinks: [],
    warnings: [],
    sizeBytes: 0,
    lastAccessedMs: 0,
    lastModifiedMs: 0,
  }
}

async function scanRevision(
  at: { readonly folder: string; readonly commit: string; readonly refs: Record<string, string> },
  tally: Tally,
  options: ScanRepoOptions,
): Promise<ScannedRevision> {
  const own = createTally()
  const files: ScannedFile[] = []
  let fileCount = 0
  for await (const entry of walkFiles(at.folder)) {
    const stats = await statBlob(entry.path)
    if (stats === undefined) {
      tally.danglingLinks.push(entry.path)
      continue
    }
    fileCount += 1
    add(own, stats)
    add(tally, stats)
    if (options.files) files.push(await describeFile(entry, stats))
  }
  return {
    commit: at.commit,
    folder: at.folder,
    refs: Object.keys(at.refs).filter((name) => at.refs[name] === at.commit),
    sizeBytes: own.sizeBytes,
    fileCount,
    lastModifiedMs: own.lastModifiedMs || (await stat(at.folder)).mtimeMs,
    lastAccessedMs: own.lastAccessedMs || (await stat(at.folder)).mtimeMs,
    files,
  }
}

function add(tally: Tally, stats: Stats): void {
  const key = fileKey(stats)
  if (!tally.seen.has(key)) tally.sizeBytes += stats.size
  tally.seen.add(key)
  tally.lastAccessedMs = Math.max(tally.lastAccessedMs, stats.atimeMs)
  tally.lastModifiedMs = Math.max(tally.lastModifiedMs, stats.mtimeMs)
}

async function describeFile(
  entry: { readonly path: string; readonly name: string },
  stats: Stats,
): Promise<ScannedFile> {
  return {
    path: entry.name,
    filePath: entry.path,
    blobPath: await realpath(entry.path),
    sizeBytes: stats.size,
    lastAccessedMs: stats.atimeMs,
    lastModifiedMs: stats.mtimeMs,
  }
}

async function statBlob(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path)
  } catch (error) {
    if (isAbsent(error) || isRefused(error)) return undefined
    throw error
  }
}

/** Every ref below `refs/`, with `/` between the parts of its name. Temporary files and desktop files are none. */
export async function readRefs(folder: string): Promise<Record<string, string>> {
  const refs: Record<string, string> = {}
  for await (const entry of walkFiles(folder)) {
    const last = entry.name.split('/').at(-1) ?? ''
    if (desktopFiles.has(last) || /\.[0-9a-f]{8}\.tmp$/.test(last)) continue
    const found = await readRef(entry.path)
    if (found) refs[entry.name] = found.commit
  }
  return refs
}

async function findLoose(folder: string, seen: ReadonlySet<string>): Promise<readonly LooseFile[]> {
  const loose: LooseFile[] = []
  const blobs = join(folder, 'blobs')
  for await (const { name } of readEntries(blobs)) {
    const kind = looseKind(name)
    if (kind === 'orphan' && (await isShown(join(blobs, name), seen))) continue
    loose.push(...(await describeLoose(kind, join(blobs, name))))
  }
  for await (const { name } of readEntries(folder)) {
    if (isTempName(name)) loose.push(...(await describeLoose('temp', join(folder, name))))
  }
  return loose
}

/** A blob may be a link into a store shared between repositories: what it points at is what snapshots show. */
async function isShown(path: string, seen: ReadonlySet<string>): Promise<boolean> {
  const stats = await statBlob(path)
  return stats !== undefined && (stats.isDirectory() || seen.has(fileKey(stats)))
}

/** None when it went away since it was listed. */
async function describeLoose(kind: LooseFile['kind'], path: string): Promise<readonly LooseFile[]> {
  const stats = await lstat(path).catch(() => undefined)
  return stats ? [{ kind, path, sizeBytes: bytesOf(stats), changedAtMs: stats.ctimeMs }] : []
}

function looseKind(name: string): LooseFile['kind'] {
  if (name.endsWith('.incomplete')) return 'partial'
  return isTempName(name) ? 'temp' : 'orphan'
}

/** What removing it gives back: a link gives nothing, and neither does one name of several. */
function bytesOf(stats: Stats): number {
  return stats.isFile() && stats.nlink === 1 ? stats.size : 0
}

function danglingWarning(path: string): string {
  return `Blob missing (broken symlink): ${path}`
}
