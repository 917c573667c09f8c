import { HubError } from '../errors.ts'

const commitPattern = /^[0-9a-f]{40}$/
const blobNamePattern = /^[0-9A-Za-z._-]{1,200}$/

/** No system opens a longer one. */
const maxPathLength = 4096

/** True for a full commit hash: 40 lower-case hex characters. */
export function isCommitHash(text: string): boolean {
  return commitPattern.test(text)
}

/**
 * Returns the path when it stays inside a folder on every system, whatever system this is.
 * Refuses `..` segments, absolute names, drive letters, UNC names, NUL and empty names.
 * @throws HubError `HUB_UNSAFE_PATH`
 */
export function checkRepoPath(path: string): string {
  const why = findPathFault(path)
  if (why === undefined) return path
  throw new HubError({
    code: 'HUB_UNSAFE_PATH',
    message: `refusing the file name ${JSON.stringify(path.slice(0, 200))}: ${why}`,
    hint: 'Nothing was written. A repository with such a name is broken or hostile.',
  })
}

/** Why a name could leave its folder or cannot be a file; undefined when it is safe. */
export function findPathFault(path: string): string | undefined {
  if (path === '') return 'it is empty'
  if (path.length > maxPathLength) return `it is longer than ${maxPathLength} characters`
  if (path.includes('\0')) return 'it holds a NUL byte'
  const segments = path.split('/')
  const windowsSegments = path.split(/[/\\]/)
  if (windowsSegments.includes('..')) return 'it leads upwards'
  if (path.startsWith('/') || segments.some((segment) => segment.startsWith('\\')))
    return 'it is absolute'
  if (segments.some((segment) => /^.:/su.test(segment))) return 'it names a drive'
  if (segments.every((segment) => segment === '' || segment === '.')) return 'it names no file'
  return undefined
}

/**
 * Returns the name when it can be a blob's file name. Mirrors send ETags that are no hash; those are fine, a path is not.
 * @throws HubError `HUB_UNSAFE_PATH`
 */
export function checkBlobName(etag: string): string {
  if (blobNamePattern.test(etag) && !etag.startsWith('.')) return etag
  throw new HubError({
    code: 'HUB_UNSAFE_PATH',
    message: `refusing the ETag ${JSON.stringify(etag.slice(0, 200))} as a file name`,
    hint: 'The server (or a proxy before it) sends ETags that are not those of the Hub.',
  })
}

/** Returns the commit when it is one. @throws HubError `HUB_BAD_RESPONSE` */
export function checkCommit(commit: string): string {
  if (isCommitHash(commit)) return commit
  throw new HubError({
    code: 'HUB_BAD_RESPONSE',
    message: `the server named ${JSON.stringify(commit.slice(0, 80))} as commit, which is no commit hash`,
    hint: 'Check HF_ENDPOINT: the address may not be a Hugging Face Hub.',
  })
}

/**
 * Returns the revision when it can be a git ref and a path below `refs/`.
 * @throws HubError `HUB_INVALID_OPTION`
 */
export function checkRevision(revision: string): string {
  const bad =
    revision === '' || findPathFault(revision) !== undefined || /[\s\p{Cc}~^:?*[\\]/u.test(revision)
  if (!bad) return revision
  throw new HubError({
    code: 'HUB_INVALID_OPTION',
    message: `${JSON.stringify(revision)} cannot be a revision`,
    hint: 'Give a branch, a tag, refs/pr/N or a commit hash.',
  })
}
