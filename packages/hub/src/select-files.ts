import {
  type FileListing,
  HubError,
  listingOf,
  readWholeListing,
  type RepoFile,
  type SnapshotRequest,
} from '@hfx/core'
import { windowFiles } from './flow.ts'
import { compilePattern, isLiteral, normalise } from './match-pattern.ts'

/**
 * The files of a listing that a request asks for, as a listing: those that match an allow pattern (all, when there is
 * no list) and no ignore pattern, in the order of the listing, and of those what `select` takes.
 * @throws HubError `HUB_ENTRY_NOT_FOUND` for a plain name that is not there; `HUB_NO_MATCH` for a pattern, or a
 * whole selection, that matches nothing.
 */
export async function selectFiles(
  listing: FileListing,
  request: SnapshotRequest,
): Promise<FileListing> {
  const { allowPatterns, ignorePatterns = [], select } = request
  const matching =
    allowPatterns || ignorePatterns.length > 0 ? await selectMatching(listing, request) : listing
  // Code chooses among all files at once, so they have to be there at once.
  const chosen =
    select && matching.fileCount > 0
      ? listingOf(select(await readWholeListing(matching)))
      : matching
  if (chosen.fileCount === 0 && listing.fileCount > 0) throw nothingLeft(request, listing.fileCount)
  return chosen
}

/** Reads the listing once to check every pattern; what matches is kept when it is not too much. */
async function selectMatching(
  listing: FileListing,
  request: SnapshotRequest,
): Promise<FileListing> {
  const filter = compileFilter(request)
  const watch = watchPatterns(request.allowPatterns ?? [])
  let kept: RepoFile[] | undefined = []
  let fileCount = 0
  for await (const page of listing.pages()) {
    watch.see(page)
    const matching = page.filter(filter)
    fileCount += matching.length
    for (const file of matching) kept?.push(file)
    if (fileCount > windowFiles) kept = undefined
  }
  const [unmatched] = watch.unmatched()
  if (unmatched !== undefined) throw nothingMatches(request, unmatched)
  return kept ? listingOf(kept) : { fileCount, pages: () => filterPages(listing, filter) }
}

async function* filterPages(
  listing: FileListing,
  filter: (file: RepoFile) => boolean,
): AsyncGenerator<readonly RepoFile[]> {
  for await (const page of listing.pages()) yield page.filter(filter)
}

function compileFilter(request: SnapshotRequest): (file: RepoFile) => boolean {
  const isAllowed = request.allowPatterns ? compilePatterns(request.allowPatterns) : undefined
  const isIgnored = compilePatterns(request.ignorePatterns ?? [])
  return ({ path }) => (isAllowed === undefined || isAllowed(path)) && !isIgnored(path)
}

/** Finds the patterns that match no file at all. */
function watchPatterns(patterns: readonly string[]): {
  see(page: readonly RepoFile[]): void
  unmatched(): readonly string[]
} {
  const names = new Map(patterns.filter(isLiteral).map((name) => [normalise(name), name]))
  const globs = new Map(
    patterns.filter((pattern) => !isLiteral(pattern)).map((glob) => [glob, compilePattern(glob)]),
  )
  const open = (pattern: string): boolean => globs.has(pattern) || names.has(normalise(pattern))
  return {
    see(page) {
      if (names.size > 0) for (const { path } of page) names.delete(normalise(path))
      for (const [glob, matches] of globs) {
        if (page.some(({ path }) => matches(path))) globs.delete(glob)
      }
    },
    unmatched: () => patterns.filter(open),
  }
}

/** True for what one of them matches. A list of thousands of names costs no more than one name. */
function compilePatterns(patterns: readonly string[]): (path: string) => boolean {
  const names = new Set(patterns.filter(isLiteral).map(normalise))
  const globs = patterns.filter((pattern) => !isLiteral(pattern)).map(compilePattern)
  return (path) => names.has(normalise(path)) || globs.some((matches) => matches(path))
}

function nothingMatches(request: SnapshotRequest, pattern: string): HubError {
  const where = `${request.repo.id} at ${request.revision}`
  if (isLiteral(pattern)) {
    return new HubError({
      code: 'HUB_ENTRY_NOT_FOUND',
      message: `${where} has no file ${JSON.stringify(pattern)}`,
      hint: `List what it has: hfx ls ${request.repo.id}`,
    })
  }
  return new HubError({
    code: 'HUB_NO_MATCH',
    message: `the pattern ${JSON.stringify(pattern)} matches no file of ${where}`,
    hint: 'Patterns match the whole path, "*" also crosses "/", and capitals count.',
  })
}

function nothingLeft(request: SnapshotRequest, count: number): HubError {
  return new HubError({
    code: 'HUB_NO_MATCH',
    message: `the patterns leave none of the ${count} files of ${request.repo.id} at ${request.revision}`,
    hint: 'Loosen the allow patterns, or drop an ignore pattern.',
  })
}
