import {
  checkCommit,
  type HttpResponse,
  isCommitHash,
  type RepoInfo,
  type RepoRef,
  type ResolvedRevision,
  type StepOptions,
} from '@hfx/core'
import type { AskDeps } from './deps.ts'
import { askAbout } from './name-failure.ts'
import {
  asByteCount,
  asRecord,
  asString,
  asStrings,
  badResponse,
  type JsonRecord,
  parseJsonBody,
} from './read-json.ts'

/** What `/api/{type}s/{id}[/revision/{revision}]` tells. */
export interface DescribeRepoQuestion {
  readonly repo: RepoRef
  readonly revision?: string
}

export async function describeRepo(
  deps: AskDeps,
  question: DescribeRepoQuestion,
  options: StepOptions = {},
): Promise<RepoInfo> {
  const { repo, revision } = question
  return askAbout(deps, question, async () => {
    const response = await deps.transport.send(
      {
        method: 'GET',
        url: deps.urls.repoInfo(repo, revision),
        maxBodyBytes: deps.options.maxBodyBytes,
      },
      options,
    )
    return readRepoInfo(repo, response)
  })
}

/** The commit that a branch, tag or short hash means now; a full commit hash is its own answer, without a request. */
export async function resolveRevision(
  deps: AskDeps,
  question: Required<DescribeRepoQuestion>,
  options: StepOptions = {},
): Promise<ResolvedRevision> {
  const requested = question.revision
  if (isCommitHash(requested)) return { requested, commit: requested }
  const { commit } = await describeRepo(deps, question, options)
  return { requested, commit }
}

function readRepoInfo(repo: RepoRef, response: HttpResponse): RepoInfo {
  const record = asRecord(parseJsonBody(response))
  const commit = asString(record?.['sha'])
  if (!record || commit === undefined) {
    throw badResponse(response, 'no "sha" for the repository')
  }
  const lastModified = asString(record['lastModified'])
  const usedStorageBytes = asByteCount(record['usedStorage'])
  return {
    repo,
    commit: checkCommit(commit),
    private: record['private'] === true,
    gated: readGate(record),
    disabled: record['disabled'] === true,
    tags: asStrings(record['tags']),
    ...(lastModified === undefined ? {} : { lastModified }),
    ...(usedStorageBytes === undefined ? {} : { usedStorageBytes }),
  }
}

function readGate(record: JsonRecord): RepoInfo['gated'] {
  const gated = record['gated']
  if (gated === 'manual') return 'manual'
  return gated === 'auto' || gated === true ? 'auto' : false
}
