import { type FileRequest, type FileResult, HubError, isCommitHash } from '@hfx/core'
import { offlineMiss } from './find-local-listing.ts'
import { isKnownMissing, type LocalFile } from './find-local-file.ts'
import type { FlowDeps, FlowOptions } from './flow.ts'
import { isFresh } from './is-fresh.ts'

/**
 * What the policy lets the disk answer; undefined when the Hub is to be asked.
 * @throws HubError `HUB_ENTRY_NOT_FOUND` for a path known to be missing; `HUB_OFFLINE_MISS` under `cache-only`.
 */
export async function answerLocally(
  deps: FlowDeps,
  request: FileRequest,
  have: { readonly local: LocalFile | undefined; readonly options: FlowOptions },
): Promise<LocalFile | undefined> {
  const { local, options } = have
  const cacheOnly = options.policy.kind === 'cache-only'
  if (local) return mayAnswer(deps, request, { local, options }) ? local : undefined
  // What is missing at a commit stays missing; a branch may have got the file since.
  const settled = cacheOnly || (isCommitHash(request.revision) && !options.force)
  if (settled && (await isKnownMissing(deps, request))) throw noSuchEntry(request)
  if (cacheOnly) throw offlineMiss(deps, request, JSON.stringify(request.path))
  return undefined
}

/** The local file as a result. */
export function describeLocal(
  deps: FlowDeps,
  request: FileRequest,
  found: { readonly local: LocalFile; readonly startedMs: number; readonly stale: boolean },
): FileResult {
  return {
    repo: request.repo,
    revision: request.revision,
    commit: found.local.commit,
    path: request.path,
    localPath: found.local.localPath,
    sizeBytes: found.local.sizeBytes,
    source: 'cache',
    fetchedBytes: 0,
    durationMs: deps.clock.monotonic() - found.startedMs,
    stale: found.stale,
  }
}

function mayAnswer(
  deps: FlowDeps,
  request: FileRequest,
  have: { readonly local: LocalFile; readonly options: FlowOptions },
): boolean {
  const { policy } = have.options
  if (policy.kind === 'cache-only') return true
  if (!have.local.isOfCommit) return false
  if (isCommitHash(request.revision)) return true
  if (policy.kind === 'cache-first') return true
  return isFresh(policy, have.local.checkedAtMs, deps.clock.now())
}

function noSuchEntry(request: FileRequest): HubError {
  return new HubError({
    code: 'HUB_ENTRY_NOT_FOUND',
    message: `${request.repo.id} has no file ${JSON.stringify(request.path)} at ${request.revision}`,
    hint: `List what it has: hfx ls ${request.repo.id}`,
  })
}
