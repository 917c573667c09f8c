import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import {
  type FileListing,
  listingOf,
  type Logger,
  readWholeListing,
  type RepoFile,
} from '@hfx/core'
import { isAbsent } from './disk-error.ts'
import { splitTree } from './split-tree.ts'
import { asRecord, compareByPath, isStorable, parseMembers } from './tree-entry.ts'

/** Listings above this are not read: 2,000,000 files stay below it, a bomb does not. */
const maxTreeBytes = 512 * 1024 * 1024
/** Listings up to this are read at once; of larger ones, a page of so much text is in memory at a time. */
const wholeTreeBytes = 1024 * 1024
const pageBytes = 256 * 1024

/**
 * A stored listing; undefined when there is none, or one of another version, with damage, a masked hash or a path that
 * could leave its folder. A large one is read through once to know that, and again each time it is asked for.
 */
export async function openTreeFile(path: string, logger: Logger): Promise<FileListing | undefined> {
  try {
    const stats = await stat(path)
    const { size } = stats
    // A pipe would be waited for until somebody writes to it.
    if (!stats.isFile()) throw new TypeError('it is no file')
    if (size <= wholeTreeBytes) return parseTree(JSON.parse(await readFile(path, 'utf8')))
    if (size <= maxTreeBytes) return await checkTree(path)
    logger.warn('a stored listing is too large and will be asked for again', { path, size })
  } catch (error) {
    if (!isAbsent(error)) {
      logger.warn('a stored listing is damaged and will be asked for again', { path, error })
    }
  }
  return undefined
}

/** All files of a listing that was found. */
export async function readWhole(
  tree: FileListing | undefined,
): Promise<readonly RepoFile[] | undefined> {
  return tree && readWholeListing(tree)
}

/**
 * The files of a listing on disk, page by page; the listing of another version ends with `false`.
 * @throws HubError `HUB_UNSAFE_PATH`, TypeError or SyntaxError for what is no listing
 */
export async function* readTreePages(
  path: string,
  options: { readonly pageBytes: number } = { pageBytes },
): AsyncGenerator<readonly RepoFile[], boolean> {
  const text = createReadStream(path, { encoding: 'utf8', highWaterMark: options.pageBytes })
  const pieces = splitTree(text)
  try {
    for (;;) {
      const next = await pieces.next()
      if (next.done) return isOurVersion(JSON.parse(next.value))
      yield parseMembers(JSON.parse(`{${next.value}}`))
    }
  } finally {
    text.destroy()
  }
}

/** The same, each page in the order of the paths: JavaScript puts names that look like numbers first. */
export async function* readSortedPages(
  path: string,
  options: { readonly pageBytes: number },
): AsyncGenerator<readonly RepoFile[]> {
  for await (const page of readTreePages(path, options)) yield page.toSorted(compareByPath)
}

/** @throws HubError `HUB_UNSAFE_PATH`, TypeError for a listing of the wrong shape */
export function parseTree(value: unknown): FileListing | undefined {
  if (!isOurVersion(value)) return undefined
  const files = parseMembers(asRecord(value, 'the listing')['files'])
  return files.every(isStorable) ? listingOf(files) : undefined
}

async function checkTree(path: string): Promise<FileListing | undefined> {
  const pages = readTreePages(path)
  let fileCount = 0
  for (;;) {
    const next = await pages.next()
    if (next.done) return next.value ? { fileCount, pages: () => readTreePages(path) } : undefined
    fileCount += next.value.length
    if (next.value.every(isStorable)) continue
    await pages.return(false)
    return undefined
  }
}

/** @throws TypeError for what has not the shape of a listing at all */
function isOurVersion(value: unknown): boolean {
  const root = asRecord(value, 'the listing')
  if (root['format_version'] !== 1) return false
  asRecord(root['files'], 'files')
  return true
}
