import { HubError, type RepoFile, type SnapshotRequest } from '@hfx/core'
import { compilePattern, isLiteral, normalise } from './match-pattern.ts'

/**
 * The files of a listing that a request asks for: those that match an allow pattern (all, when there is no list)
 * and no ignore pattern, in the order of the listing, and of those what `select` takes.
 * @throws HubError `HUB_ENTRY_NOT_FOUND` for a plain name that is not there; `HUB_NO_MATCH` for a pattern, or a
 * whole selection, that matches nothing.
 */
export function selectFiles(
  files: readonly RepoFile[],
  request: SnapshotRequest,
): readonly RepoFile[] {
  requireMatches(files, request)
  const isAllowed = request.allowPatterns ? compilePatterns(request.allowPatterns) : undefined
  const isIgnored = compilePatterns(request.ignorePatterns ?? [])
  const selected = files.filter(
    ({ path }) => (isAllowed === undefined || isAllowed(path)) && !isIgnored(path),
  )
  const chosen = selected.length > 0 && request.select ? request.select(selected) : selected
  if (chosen.length === 0 && files.length > 0) throw nothingLeft(request, files.length)
  return chosen
}

function requireMatches(files: readonly RepoFile[], request: SnapshotRequest): void {
  const { allowPatterns = [] } = request
  const names = new Set(allowPatterns.length === 0 ? [] : files.map(({ path }) => normalise(path)))
  for (const pattern of allowPatterns) {
    const matches = compilePattern(pattern)
    const isThere = isLiteral(pattern)
      ? names.has(normalise(pattern))
      : files.some(({ path }) => matches(path))
    if (!isThere) throw nothingMatches(request, pattern)
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
