import type { CacheScan, ScannedRepo } from '@hfx/cache'
import { isHubError, systemClock } from '@hfx/core'
import { formatBytes, formatCount } from '@hfx/progress'
import { type CacheRow, parseFilter, parseSort } from '../cache-filter.ts'
import type { CacheLsFlags } from '../commands/cache.ts'
import type { CliIo } from '../io.ts'
import { readConfig } from '../open-hub.ts'
import { formatAge } from '../output/age.ts'
import { print, readFormat } from '../output/format.ts'
import { renderTable } from '../output/table.ts'

export async function runCacheLs(io: CliIo, flags: CacheLsFlags): Promise<void> {
  const format = readFormat(flags)
  const filters = (flags.filter ?? []).map(parseFilter)
  const compare = parseSort(flags.sort ?? 'name')
  const { settings } = await readConfig(io, flags)
  const scan = await scanOrEmpty(settings.cacheDir, io)
  const nowMs = systemClock.now()
  const rows = [...scan.repos, ...scan.damaged]
    .flatMap((repo) => (flags.revisions ? revisionRows(repo) : [repoRow(repo)]))
    .filter((row) => filters.every((test) => test(row, nowMs)))
    .toSorted(compare)
    .slice(0, flags.limit)
  print(io, format, {
    human: (width) => (rows.length === 0 ? '' : renderRows(rows, { width, nowMs })),
    json: () => rows.map(toDocument),
    quiet: () => rows.map((row) => row.revision ?? row.id),
  })
  if (format === 'human') io.err(summarise(scan, rows))
  printWarnings(io, scan, { all: flags.showWarnings ?? false, quiet: format === 'quiet' })
}

/** A cache that is not there yet is an empty one. */
async function scanOrEmpty(root: string, io: CliIo): Promise<CacheScan> {
  const { scanCache } = await import('@hfx/cache')
  try {
    return await scanCache(root, { signal: io.signal })
  } catch (error) {
    if (!isHubError(error, 'HUB_CACHE_NOT_FOUND')) throw error
    return {
      root,
      sizeBytes: 0,
      repos: [],
      damaged: [],
      partialBytes: 0,
      orphanBytes: 0,
      danglingLinks: [],
      staleLocks: [],
      warnings: [],
    }
  }
}

function repoRow(repo: ScannedRepo): CacheRow {
  return {
    id: `${repo.repo.type}/${repo.repo.id}`,
    repoId: repo.repo.id,
    repoType: repo.repo.type,
    folder: repo.folder,
    sizeBytes: repo.sizeBytes,
    fileCount: repo.fileCount,
    lastAccessedMs: repo.lastAccessedMs,
    lastModifiedMs: repo.lastModifiedMs,
    refs: Object.keys(repo.refs).toSorted(),
  }
}

function revisionRows(repo: ScannedRepo): readonly CacheRow[] {
  return repo.revisions.map((revision) => ({
    ...repoRow(repo),
    revision: revision.commit,
    folder: revision.folder,
    sizeBytes: revision.sizeBytes,
    fileCount: revision.fileCount,
    lastAccessedMs: revision.lastAccessedMs,
    lastModifiedMs: revision.lastModifiedMs,
    refs: revision.refs,
  }))
}

function renderRows(
  rows: readonly CacheRow[],
  view: { readonly width: number; readonly nowMs: number },
): string {
  const isNarrow = view.width < 60
  const byRevision = rows.some((row) => row.revision !== undefined)
  const columns = [
    { title: 'ID', cut: 'start' as const },
    ...(byRevision ? [{ title: 'REVISION' }] : []),
    { title: 'SIZE', align: 'right' as const },
    ...(isNarrow ? [] : [{ title: 'USED' }, { title: 'CHANGED' }]),
    { title: 'REFS' },
  ]
  const cells = rows.map((row) => [
    row.id,
    ...(row.revision === undefined ? [] : [row.revision.slice(0, isNarrow ? 7 : 12)]),
    formatBytes(row.sizeBytes),
    ...(isNarrow
      ? []
      : [formatAge(view.nowMs - row.lastAccessedMs), formatAge(view.nowMs - row.lastModifiedMs)]),
    row.refs.join(', '),
  ])
  return renderTable(columns, cells, view.width)
}

function toDocument(row: CacheRow) {
  const { lastAccessedMs, lastModifiedMs, ...rest } = row
  return { ...rest, lastAccessed: toIso(lastAccessedMs), lastModified: toIso(lastModifiedMs) }
}

function toIso(ms: number): string | null {
  return ms > 0 ? new Date(ms).toISOString() : null
}

function summarise(scan: CacheScan, rows: readonly CacheRow[]): string {
  const repos = new Set(rows.map((row) => row.id)).size
  if (scan.repos.length + scan.damaged.length === 0) return `The cache ${scan.root} is empty.\n`
  const bytes = rows.reduce((sum, row) => sum + row.sizeBytes, 0)
  const loose = [
    ...(scan.partialBytes > 0 ? [`${formatBytes(scan.partialBytes)} in partials`] : []),
    ...(scan.orphanBytes > 0 ? [`${formatBytes(scan.orphanBytes)} that no snapshot shows`] : []),
  ]
  const more = loose.length > 0 ? `; besides ${loose.join(' and ')} (hfx cache prune)` : ''
  return `${repos === 1 ? '1 repository' : `${repos} repositories`}, ${formatBytes(bytes)}${more}\n`
}

function printWarnings(
  io: CliIo,
  scan: CacheScan,
  how: { readonly all: boolean; readonly quiet: boolean },
): void {
  // A warning of a repository speaks for its first broken link; the others follow.
  const links = scan.danglingLinks.filter(
    (path) => !scan.warnings.some((all) => all.endsWith(path)),
  )
  const warnings = [...scan.warnings, ...links.map((path) => `Link without a file: ${path}`)]
  if (warnings.length === 0 || (how.quiet && !how.all)) return
  if (how.all) for (const warning of warnings) io.err(`warning: ${warning}\n`)
  else io.err(`${formatCount(warnings.length, 'warning')}; --show-warnings prints them\n`)
}
