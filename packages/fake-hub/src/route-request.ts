import { type RepoType } from '@hfx/core'
import { openCommit, openRepo, type RepoName } from './access.ts'
import { type Answer, answerRefusal, answerText } from './answer.ts'
import { decodePart, type HubRequest, isApiPath, parsePlural } from './hub-request.ts'
import { type HubState } from './hub-state.ts'
import { type QuotaBucket } from './quota-counter.ts'
import { type StoredRepo } from './repo-store.ts'
import { answerOauthToken } from './routes/oauth-token.ts'
import { answerPathsInfo } from './routes/paths-info.ts'
import { answerRefs } from './routes/refs.ts'
import { answerRepoInfo } from './routes/repo.ts'
import { answerHomePage, answerRepoPage } from './routes/repo-page.ts'
import { answerResolve, answerResolveCache } from './routes/resolve.ts'
import { answerTree } from './routes/tree.ts'
import { answerWhoami } from './routes/whoami.ts'
import { answerXetReadToken } from './routes/xet-read-token.ts'

/** Which allowance a path counts against. */
export function bucketOf(rawPath: string): QuotaBucket {
  if (rawPath.startsWith('/api/resolve-cache/') || rawPath.includes('/resolve/')) return 'resolvers'
  return isApiPath(rawPath) ? 'api' : 'pages'
}

/** The Hub's answer to a request that came through authentication and quota. */
export async function routeRequest(state: HubState, request: HubRequest): Promise<Answer> {
  const { rawPath, method } = request
  const expected = rawPath === '/oauth/token' || rawPath.includes('/paths-info/') ? 'POST' : 'GET'
  if (method !== expected && !(method === 'HEAD' && expected === 'GET')) {
    const refusal = { status: 405, message: 'Method not allowed', headers: { Allow: expected } }
    return answerRefusal(refusal, isApiPath(rawPath))
  }
  if (rawPath === '/oauth/token') return answerOauthToken(state, request)
  if (rawPath === '/api/whoami-v2') return answerWhoami(request)
  if (rawPath === '/') return answerHomePage(state.store)
  const segments = rawPath.split('/').slice(1)
  return segments[0] === 'api'
    ? routeApiPath(state, request, segments)
    : routePage(state, request, segments)
}

async function routeApiPath(
  state: HubState,
  request: HubRequest,
  segments: readonly string[],
): Promise<Answer> {
  const [, first = '', second = ''] = segments
  const cached = first === 'resolve-cache' ? parsePlural(second) : undefined
  if (cached) {
    const before = `/api/resolve-cache/${second}/`
    return routeResolveCache(state, request, { type: cached, before, rest: segments.slice(3) })
  }
  const type = parsePlural(first)
  if (type)
    return routeApi(state, request, { type, before: `/api/${first}/`, rest: segments.slice(2) })
  return answerRefusal({ status: 404, message: 'Not found' }, true)
}

interface RepoPath {
  readonly type: RepoType
  /** The path before the id, with its final slash. */
  readonly before: string
  /** Segments after the type: one or two of the id, then the action. */
  readonly rest: readonly string[]
}

const apiActions = new Set(['revision', 'tree', 'paths-info', 'refs', 'xet-read-token'])

async function routeApi(state: HubState, request: HubRequest, path: RepoPath): Promise<Answer> {
  const { name, tail } = splitId(state, path, (action) => apiActions.has(action))
  const opened = openRepo(state.store, request, name)
  if (opened.kind === 'answer') return opened.answer
  const [action = '', rawRevision = 'main', ...folder] = tail
  if (action === 'refs') return answerRefs(request, opened.repo)
  const revision = decodePart(rawRevision)
  const folderPath = decodePart(folder.join('/'))
  if (revision === undefined || folderPath === undefined)
    return answerRefusal({ status: 400, message: 'Malformed URL' }, true)
  const call = { state, request, repo: opened.repo, action, folder: folderPath }
  return routeRevision(call, revision)
}

interface ApiCall {
  readonly state: HubState
  readonly request: HubRequest
  readonly repo: StoredRepo
  readonly action: string
  readonly folder: string
}

async function routeRevision(call: ApiCall, revision: string): Promise<Answer> {
  const { state, request, repo, action } = call
  const opened = openCommit(repo, revision, true)
  if (opened.kind === 'answer') return opened.answer
  const { commit } = opened
  switch (action) {
    case '':
    case 'revision':
      return answerRepoInfo(request, repo, commit)
    case 'tree':
      return answerTree(state, request, { repo, commit, folder: call.folder })
    case 'paths-info':
      return answerPathsInfo(request, repo, commit)
    case 'xet-read-token':
      return answerXetReadToken(state, request, { repo, commit })
    default:
      return answerRefusal({ status: 404, message: 'Not found' }, true)
  }
}

/** Pages and `/{id}/resolve/{rev}/{path}`, with `datasets/`, `spaces/` or `kernels/` before the id. */
async function routePage(
  state: HubState,
  request: HubRequest,
  segments: readonly string[],
): Promise<Answer> {
  const prefixed = segments[0] === 'models' ? undefined : parsePlural(segments[0])
  const path: RepoPath = prefixed
    ? { type: prefixed, before: `/${segments[0]}/`, rest: segments.slice(1) }
    : { type: 'model', before: '/', rest: segments }
  const { name, tail } = splitId(state, path, (action) => action === 'resolve')
  const opened = openRepo(state.store, request, name)
  if (opened.kind === 'answer') return opened.answer
  if (tail.length === 0) return answerRepoPage(opened.repo)
  const [, rawRevision = '', ...rawPath] = tail
  const revision = decodePart(rawRevision)
  const filePath = decodePart(rawPath.join('/'))
  if (revision === undefined || filePath === undefined) return answerText(400, 'Malformed URL')
  const commit = openCommit(opened.repo, revision, false)
  if (commit.kind === 'answer') return commit.answer
  return answerResolve(state, request, {
    repo: opened.repo,
    commit: commit.commit,
    path: filePath,
  })
}

async function routeResolveCache(
  state: HubState,
  request: HubRequest,
  path: RepoPath,
): Promise<Answer> {
  const { name, tail } = splitId(state, path, (part) => /^[0-9a-f]{40}$/.test(part))
  const opened = openRepo(state.store, request, name)
  if (opened.kind === 'answer') return opened.answer
  const [revision = '', ...rawPath] = tail
  const commit = openCommit(opened.repo, revision, true)
  if (commit.kind === 'answer') return commit.answer
  const filePath = decodePart(rawPath.join('/')) ?? ''
  return answerResolveCache(request, { repo: opened.repo, commit: commit.commit, path: filePath })
}

/** Ids have one or two segments; the one that exists wins, else the longer one that an action follows. */
function splitId(
  state: HubState,
  path: RepoPath,
  isAction: (segment: string) => boolean,
): { readonly name: RepoName; readonly tail: readonly string[] } {
  const { type, before, rest } = path
  const cut = (count: number) => ({
    name: { type, before, id: rest.slice(0, count).join('/') },
    tail: rest.slice(count),
  })
  const candidates = [2, 1]
    .filter((count) => rest.length >= count)
    .map(cut)
    .filter(({ tail }) => tail[0] === undefined || isAction(tail[0]))
  const known = candidates.find(({ name }) => state.store.find(type, name.id))
  return known ?? candidates[0] ?? cut(rest.length)
}
