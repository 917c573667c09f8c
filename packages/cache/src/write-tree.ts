import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { RepoFile } from '@hfx/core'
import { readSortedPages } from './open-tree.ts'
import type { ResolvedCacheDeps, ResolvedStoreOptions } from './options.ts'
import { tempName } from './temp-name.ts'
import { compareByPath, formatMember, isStorable } from './tree-entry.ts'
import { writeAtomic } from './write-atomic.ts'

/** A listing on its way to disk. */
export interface TreeFile {
  readonly path: string
  readonly files: readonly RepoFile[] | AsyncIterable<readonly RepoFile[]>
  /** Folder on the same volume in which temporary files are no harm to other clients. */
  readonly tempFolder: string
}

/** Files that are sorted in memory; of more, sorted runs wait on disk until they are merged. */
const runFiles = 10_000
/** What of each run is in memory while runs are merged. */
const mergePageBytes = 64 * 1024

/**
 * Stores a listing that nobody ever sees half, in Python's order whatever order it comes in. One with a masked hash is
 * not stored; false then.
 */
export async function writeTreeFile(
  deps: ResolvedCacheDeps,
  tree: TreeFile,
  options: ResolvedStoreOptions,
): Promise<boolean> {
  const runs: string[] = []
  const write = (path: string, sorted: SortedFiles): Promise<void> =>
    writeAtomic(
      deps,
      { path, text: formatTree(sorted), tempFolder: tree.tempFolder },
      { ...options, durable: options.durable && path === tree.path },
    )
  let window: RepoFile[] = []
  try {
    for await (const page of pagesOf(tree.files)) {
      for (const file of page) window.push(file)
      if (!page.every(isStorable)) return false
      if (window.length < runFiles) continue
      const run = join(tree.tempFolder, tempName(deps.random))
      runs.push(run)
      await write(run, window.toSorted(compareByPath))
      window = []
    }
    const last = window.toSorted(compareByPath)
    await write(tree.path, runs.length === 0 ? last : mergeRuns(runs, last))
    return true
  } finally {
    for (const run of runs) await rm(run, { force: true, recursive: true, maxRetries: 3 })
  }
}

type SortedFiles = Iterable<RepoFile> | AsyncIterable<RepoFile>

/**
 * A listing as Python writes it: version 1, paths sorted by code point, one space of indent, ASCII only, no newline at
 * the end. In pieces, so that it is never one string.
 */
export async function* formatTree(sorted: SortedFiles): AsyncGenerator<string> {
  let piece = '{\n "format_version": 1,\n "files": {'
  let isEmpty = true
  for await (const file of sorted) {
    piece += `${isEmpty ? '' : ','}\n${formatMember(file)}`
    isEmpty = false
    if (piece.length < mergePageBytes) continue
    yield piece
    piece = ''
  }
  yield piece + (isEmpty ? '}\n}' : '\n }\n}')
}

async function* pagesOf(files: TreeFile['files']): AsyncGenerator<readonly RepoFile[]> {
  if (Symbol.asyncIterator in files) yield* files
  else yield files
}

interface Head {
  readonly file: RepoFile
  readonly rest: AsyncIterator<RepoFile>
}

/** The files of sorted runs in one order. The heads are kept sorted, so runs that follow each other cost one look each. */
async function* mergeRuns(
  paths: readonly string[],
  last: readonly RepoFile[],
): AsyncGenerator<RepoFile> {
  const runs = [...paths.map(readRun), filesOf([last])]
  const heads: Head[] = []
  try {
    for (const run of runs) await insertHead(heads, run)
    for (let head = heads.shift(); head; head = heads.shift()) {
      yield head.file
      await insertHead(heads, head.rest)
    }
  } finally {
    for (const run of runs) await run.return(undefined)
  }
}

function readRun(path: string): AsyncGenerator<RepoFile> {
  return filesOf(readSortedPages(path, { pageBytes: mergePageBytes }))
}

async function* filesOf(
  pages: Iterable<readonly RepoFile[]> | AsyncIterable<readonly RepoFile[]>,
): AsyncGenerator<RepoFile> {
  for await (const page of pages) yield* page
}

async function insertHead(heads: Head[], rest: AsyncIterator<RepoFile>): Promise<void> {
  const next = await rest.next()
  if (next.done) return
  const head = { file: next.value, rest }
  const at = heads.findIndex((other) => compareByPath(head.file, other.file) <= 0)
  heads.splice(at < 0 ? heads.length : at, 0, head)
}
