import { type Answer, answerJson } from '../answer.ts'
import { type HubRequest } from '../hub-request.ts'
import { type StoredRepo } from '../repo-store.ts'

/** `GET /api/{type}s/{id}/refs[?include_prs=1]` */
export function answerRefs(request: HubRequest, repo: StoredRepo): Answer {
  const includePrs = ['1', 'true'].includes(request.query.get('include_prs') ?? '')
  return answerJson({
    tags: listRefs(repo, 'refs/tags/', 'refs/tags/'),
    branches: listRefs(repo, 'refs/heads/', 'refs/heads/'),
    converts: listRefs(repo, 'refs/convert/', 'refs/convert/'),
    ...(includePrs ? { pullRequests: listRefs(repo, 'refs/pr/', '') } : {}),
  })
}

function listRefs(repo: StoredRepo, prefix: string, cut: string): unknown[] {
  return [...repo.refs]
    .filter(([ref]) => ref.startsWith(prefix))
    .map(([ref, commit]) => ({ name: ref.slice(cut.length), ref, targetCommit: commit.hash }))
}
