import { type GitRef, isCommitHash, type RepoRef, type RepoRefs, type StepOptions } from '@hfx/core'
import type { AskDeps } from './deps.ts'
import { askAbout } from './name-failure.ts'
import { asArray, asRecord, asString, badResponse, parseJsonBody } from './read-json.ts'

/** Branches, tags, converted branches and pull requests of a repository. Refs that name no commit are left out. */
export async function listRefs(
  deps: AskDeps,
  repo: RepoRef,
  options: StepOptions = {},
): Promise<RepoRefs> {
  return askAbout(deps, { repo }, async () => {
    const response = await deps.transport.send(
      { method: 'GET', url: deps.urls.refs(repo), maxBodyBytes: deps.options.maxBodyBytes },
      options,
    )
    const record = asRecord(parseJsonBody(response))
    if (!record || !Array.isArray(record['branches'])) {
      throw badResponse(response, 'no list of branches')
    }
    return {
      branches: readRefs(record['branches']),
      tags: readRefs(record['tags']),
      converts: readRefs(record['converts']),
      pullRequests: readRefs(record['pullRequests']),
    }
  })
}

function readRefs(value: unknown): readonly GitRef[] {
  return asArray(value).flatMap((item) => {
    const record = asRecord(item)
    const ref = asString(record?.['ref'])
    const commit = asString(record?.['targetCommit'])
    if (ref === undefined || commit === undefined || !isCommitHash(commit)) return []
    return [{ name: asString(record?.['name']) ?? ref, ref, commit }]
  })
}
