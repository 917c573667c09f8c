import type { RepoFile, RepoRef, StepOptions } from '@hfx/core'
import type { AskDeps } from './deps.ts'
import { askAbout } from './name-failure.ts'
import { badResponse, parseJsonBody } from './read-json.ts'
import { readTreeEntry } from './read-tree-entry.ts'

export interface DescribePathsQuestion {
  readonly repo: RepoRef
  readonly revision: string
  readonly paths: readonly string[]
}

/** The named files, in the order asked; unknown paths and folders are missing from the answer. */
export async function describePaths(
  deps: AskDeps,
  question: DescribePathsQuestion,
  options: StepOptions = {},
): Promise<readonly RepoFile[]> {
  const paths = [...new Set(question.paths)]
  const found = new Map<string, RepoFile>()
  for (let from = 0; from < paths.length; from += deps.options.pathsPerRequest) {
    const batch = paths.slice(from, from + deps.options.pathsPerRequest)
    for (const file of await askBatch(deps, { ...question, paths: batch }, options)) {
      found.set(file.path, file)
    }
  }
  return paths.flatMap((path) => found.get(path) ?? [])
}

async function askBatch(
  deps: AskDeps,
  { repo, revision, paths }: DescribePathsQuestion,
  options: StepOptions,
): Promise<readonly RepoFile[]> {
  const form = new URLSearchParams()
  for (const path of paths) form.append('paths', path)
  form.append('expand', 'false')
  const request = {
    method: 'POST',
    url: deps.urls.pathsInfo(repo, revision),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
    maxBodyBytes: deps.options.maxBodyBytes,
  } as const
  return askAbout(deps, { repo, revision }, async () => {
    const response = await deps.transport.send(request, options)
    const items = parseJsonBody(response)
    if (!Array.isArray(items)) throw badResponse(response, 'no list where paths were expected')
    return items.flatMap((item) => readTreeEntry(item, response) ?? [])
  })
}
