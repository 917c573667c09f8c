import { type Answer, answerJson, weakEtag } from '../answer.ts'
import { type HubRequest } from '../hub-request.ts'
import { type StoredCommit, type StoredRepo } from '../repo-store.ts'

/** `GET /api/{type}s/{id}[/revision/{rev}]` */
export function answerRepoInfo(
  request: HubRequest,
  repo: StoredRepo,
  commit: StoredCommit,
): Answer {
  const answer = answerJson(describeRepo(request, repo, commit))
  const etag = weakEtag(answer)
  if (request.headers['if-none-match'] === etag)
    return { ...answer, status: 304, headers: { Etag: etag }, body: { ...answer.body, end: 0 } }
  return { ...answer, headers: { ...answer.headers, Etag: etag } }
}

function describeRepo(request: HubRequest, repo: StoredRepo, commit: StoredCommit): unknown {
  const [first] = repo.commits
  return {
    _id: commit.hash.slice(0, 24),
    id: repo.id,
    ...(repo.type === 'model' ? { modelId: repo.id } : {}),
    author: repo.id.includes('/') ? repo.id.split('/')[0] : undefined,
    sha: commit.hash,
    createdAt: first?.date,
    lastModified: commit.date,
    private: repo.spec.private ?? false,
    gated: repo.spec.gated ?? false,
    disabled: false,
    downloads: 0,
    likes: 0,
    tags: repo.spec.cardTags ?? [],
    usedStorage: sumSizes(commit),
    siblings: listSiblings(commit, request.query.get('blobs') === 'true'),
    ...(repo.type === 'model' ? modelExtras : { cardData: {} }),
  }
}

const modelExtras = {
  cardData: {},
  config: {},
  'model-index': null,
  spaces: [],
  transformersInfo: {},
  widgetData: {},
}

/** The Hub silently leaves siblings out above this many. */
const mostSiblings = 50_000

function listSiblings(commit: StoredCommit, withSizes: boolean): unknown[] {
  const siblings: unknown[] = []
  for (let index = 0; index < commit.tree.count && siblings.length < mostSiblings; index++) {
    const entry = commit.tree.at(index)
    if (entry.kind === 'folder') continue
    const size = withSizes ? { size: entry.file.source.sizeBytes } : {}
    siblings.push({ rfilename: entry.path, ...size })
  }
  return siblings
}

function sumSizes(commit: StoredCommit): number {
  let sum = 0
  for (let index = 0; index < Math.min(commit.tree.count, mostSiblings); index++) {
    const entry = commit.tree.at(index)
    if (entry.kind === 'file' && entry.file.lfs) sum += entry.file.source.sizeBytes
  }
  return sum
}
