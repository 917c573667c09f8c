import type { RemovalTarget } from '@hfx/cache'
import { isCommitHash, parseRepo, type RepoRef, repoTypes } from '@hfx/core'

/**
 * A repository as the cache's listings name it: `model/org/name`, `org/name`, `datasets/org/name`.
 * @throws HubError `HUB_INVALID_REPO_ID`
 */
export function parseCachedRepo(text: string): RepoRef {
  const [first, ...rest] = text.split('/')
  const type = repoTypes.find((known) => known === first?.toLowerCase())
  return type && rest.length > 0 ? parseRepo(rest.join('/'), type) : parseRepo(text)
}

/** What is to go: a repository, `repository@revision`, or a commit in whatever repository. */
export function parseRemovalTarget(text: string): RemovalTarget {
  if (isCommitHash(text)) return { revision: text }
  const uri = text.replace(/^hf:\/\//, '')
  const at = uri.indexOf('@')
  if (at === -1) return { repo: parseCachedRepo(uri) }
  return { repo: parseCachedRepo(uri.slice(0, at)), revision: uri.slice(at + 1) }
}
