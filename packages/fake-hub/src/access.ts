import { type Answer, answerRefusal, answerText, type Refusal } from './answer.ts'
import { type HubRequest, isApiPath } from './hub-request.ts'
import { type HubUser } from './options.ts'
import { findCommit, type RepoStore, type StoredCommit, type StoredRepo } from './repo-store.ts'

/** True when this user may read the files of a private or gated repository. */
export function hasAccess(repo: StoredRepo, user: HubUser | undefined): boolean {
  if (!user) return false
  const [owner] = repo.id.split('/')
  const mine = [user.name, ...(user.orgs ?? [])]
  return (
    (repo.id.includes('/') && mine.some((name) => name === owner)) ||
    (user.access ?? []).includes(repo.id)
  )
}

export const invalidLogin: Refusal = {
  status: 401,
  message: 'Invalid username or password.',
  headers: { 'Www-Authenticate': 'Bearer realm="Authentication required", charset="UTF-8"' },
}

/** Why this user may not even know of the repository; undefined when they may. */
export function refuseRepo(
  repo: StoredRepo | undefined,
  user: HubUser | undefined,
): Refusal | undefined {
  const hidden = !repo || (repo.spec.private === true && !hasAccess(repo, user))
  // The Hub does not tell strangers whether a repository is private or not there.
  if (hidden && !user) return invalidLogin
  if (hidden) return { status: 404, code: 'RepoNotFound', message: 'Repository not found' }
  if (repo.spec.disabled) return { status: 403, message: 'Access to this resource is disabled.' }
  return undefined
}

/** Why this user may not have the files of a gated repository; undefined when they may. */
export function refuseFiles(repo: StoredRepo, user: HubUser | undefined): Refusal | undefined {
  if (repo.spec.gated === undefined || hasAccess(repo, user)) return undefined
  const what = `Access to ${repo.type} ${repo.id} is restricted`
  if (!user)
    return {
      status: 401,
      code: 'GatedRepo',
      message: `${what}. You must have access to it and be authenticated to access it. Please log in.`,
    }
  const next =
    repo.spec.gated === 'manual' ? 'Your request is awaiting a review.' : 'Ask for access first.'
  return {
    status: 403,
    code: 'GatedRepo',
    message: `${what} and you are not in the authorized list. ${next}`,
  }
}

export function refuseRevision(revision: string): Refusal {
  return { status: 404, code: 'RevisionNotFound', message: `Invalid rev id: ${revision}` }
}

export const entryNotFound: Refusal = {
  status: 404,
  code: 'EntryNotFound',
  message: 'Entry not found',
}

export type OpenedRepo =
  | { readonly kind: 'open'; readonly repo: StoredRepo }
  | { readonly kind: 'answer'; readonly answer: Answer }

export interface RepoName {
  readonly type: StoredRepo['type']
  readonly id: string
  /** The path before the id, with its final slash. */
  readonly before: string
}

/** The repository of a request, or the answer that stands in its way: a rename, a refusal. */
export function openRepo(store: RepoStore, request: HubRequest, name: RepoName): OpenedRepo {
  const repo = store.find(name.type, name.id)
  const refusal = refuseRepo(repo, request.user)
  const refuse = (why: Refusal): OpenedRepo => ({
    kind: 'answer',
    answer: answerRefusal(why, isApiPath(request.rawPath)),
  })
  if (refusal) return refuse(refusal)
  if (!repo) return refuse(invalidLogin)
  const { renamedTo } = repo.spec
  if (renamedTo === undefined) return { kind: 'open', repo }
  const location =
    name.before +
    renamedTo +
    request.rawPath.slice(name.before.length + name.id.length) +
    request.search
  const text = `Temporary Redirect. Redirecting to ${location}`
  return { kind: 'answer', answer: answerText(307, text, { Location: location }) }
}

export type OpenedCommit =
  | { readonly kind: 'open'; readonly commit: StoredCommit }
  | { readonly kind: 'answer'; readonly answer: Answer }

export function openCommit(repo: StoredRepo, revision: string, isApi: boolean): OpenedCommit {
  const commit = findCommit(repo, revision)
  if (commit) return { kind: 'open', commit }
  return { kind: 'answer', answer: answerRefusal(refuseRevision(revision), isApi) }
}
