import {
  checkRevision,
  findPathFault,
  HubError,
  type HubApi,
  parseRepo,
  type RepoRef,
  type Transport,
} from '@hfx/core'
import type { AskDeps } from './deps.ts'
import { describeAccount } from './describe-account.ts'
import { describeFile, locateFile } from './describe-file.ts'
import { describePaths } from './describe-paths.ts'
import { describeRepo, resolveRevision } from './describe-repo.ts'
import { createHubUrls } from './hub-url.ts'
import { listRefs } from './list-refs.ts'
import { listTree } from './list-tree.ts'
import { type HubApiOptions, resolveHubApiOptions } from './options.ts'

/** What {@link createHubApi} needs. */
export interface HubApiDeps {
  /** Sends the requests: authorizes, follows redirects, retries. */
  readonly transport: Transport
}

/**
 * Every Hub endpoint that downloads need, over a transport. Repository ids, revisions and paths are checked before
 * anything is sent (`HUB_INVALID_REPO_ID`, `HUB_INVALID_OPTION`, `HUB_INVALID_PATH`).
 * @throws HubError `HUB_INVALID_OPTION` for an endpoint or a cap that cannot be used
 */
export function createHubApi({ transport }: HubApiDeps, options: HubApiOptions = {}): HubApi {
  const resolved = resolveHubApiOptions(options)
  const deps: AskDeps = { transport, urls: createHubUrls(resolved.endpoint), options: resolved }
  return {
    resolveRevision: async (repo, revision, step) =>
      resolveRevision(deps, checkQuestion(repo, revision), step),
    describeRepo: async (repo, revision, step) =>
      describeRepo(
        deps,
        revision === undefined ? { repo: parseRepo(repo) } : checkQuestion(repo, revision),
        step,
      ),
    listRefs: async (repo, step) => listRefs(deps, parseRepo(repo), step),
    listTree: (repo, revision, step) => listTree(deps, checkQuestion(repo, revision), step),
    describePaths: async (...args) => {
      const [repo, revision, paths, step] = args
      const question = { ...checkQuestion(repo, revision), paths: paths.map(checkPath) }
      return describePaths(deps, question, step)
    },
    describeFile: async (...args) => {
      const [repo, revision, path, step] = args
      return describeFile(deps, { ...checkQuestion(repo, revision), path: checkPath(path) }, step)
    },
    locateFile: async (file, step) => locateFile(deps, file, step),
    describeAccount: async (step) => describeAccount(deps, step),
  }
}

function checkQuestion(
  repo: RepoRef,
  revision: string,
): { readonly repo: RepoRef; readonly revision: string } {
  return { repo: parseRepo(repo), revision: checkRevision(revision) }
}

function checkPath(path: string): string {
  const fault = findPathFault(path)
  if (fault === undefined) return path
  throw new HubError({
    code: 'HUB_INVALID_PATH',
    message: `${JSON.stringify(path)} cannot be a file of a repository: ${fault}`,
    hint: 'Give the path as the repository lists it, with "/" between folders.',
  })
}
