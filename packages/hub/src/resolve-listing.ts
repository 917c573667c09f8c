import {
  HubError,
  isCommitHash,
  type RepoFile,
  type ResolvedRevision,
  type SnapshotRequest,
} from '@hfx/core'
import {
  findLocalListing,
  findMissing,
  incompleteCopy,
  type Listing,
  listMissing,
  type LocalListing,
  offlineMiss,
} from './find-local-listing.ts'
import { type FlowDeps, type FlowOptions, staleAfterMs } from './flow.ts'
import { askInTime, mayUseLocalCopy } from './hub-unavailable.ts'
import type { JobContext } from './job.ts'
import { isFresh } from './is-fresh.ts'
import { tracePhase } from './trace-phase.ts'
import { warnStale } from './warn-stale.ts'

/**
 * What the revision means and which files it has, from the source that the policy names. A Hub that cannot be asked
 * gives way to a complete local copy (marked `stale`), except under the policy `network`.
 */
export async function resolveListing(
  deps: FlowDeps,
  request: SnapshotRequest,
  work: { readonly options: FlowOptions; readonly context: JobContext },
): Promise<Listing> {
  const { policy, force } = work.options
  if (request.files) return knownListing(request, request.files)
  const known = await findLocalListing(deps, request)
  const { signal } = work.context
  if (policy.kind === 'cache-only') return requireComplete(deps, request, { known, signal })
  const local = force ? undefined : known
  if (local && (await maySkipHub(deps, request, { local, policy, signal }))) return local
  try {
    return await askHub(deps, request, { ...work, patient: isPatient(policy, local) })
  } catch (error) {
    if (!local || !mayUseLocalCopy(error, work)) throw error
    return useStaleCopy(deps, request, { local, error, context: work.context })
  }
}

/** Only a copy that may be complete is worth an answer soon. */
function isPatient(policy: FlowOptions['policy'], local: LocalListing | undefined): boolean {
  return policy.kind === 'network' || local?.completeness !== 'proven'
}

/** @throws HubError `HUB_INVALID_OPTION` when the files are not those of one commit */
function knownListing(request: SnapshotRequest, files: readonly RepoFile[]): Listing {
  if (isCommitHash(request.revision))
    return { commit: request.revision, files, source: 'local', completeness: 'proven' }
  throw new HubError({
    code: 'HUB_INVALID_OPTION',
    message: `a list of files belongs to a commit, and ${JSON.stringify(request.revision)} is none`,
    hint: 'Give the full commit hash as revision.',
  })
}

async function requireComplete(
  deps: FlowDeps,
  request: SnapshotRequest,
  have: { readonly known: LocalListing | undefined; readonly signal: AbortSignal },
): Promise<Listing> {
  const { known: local, signal } = have
  if (!local) throw offlineMiss(deps, request, 'a snapshot')
  const find = local.completeness === 'proven' ? listMissing : findMissing
  const missing = await find(deps, request, { listing: local, signal })
  // What a folder lacks, the repository may have.
  if (!missing) throw offlineMiss(deps, request, 'this selection')
  if (missing.length > 0) throw incompleteCopy(deps, request, { commit: local.commit, missing })
  return local
}

/** True when the policy lets the local copy answer: it is complete and fresh enough. */
async function maySkipHub(
  deps: FlowDeps,
  request: SnapshotRequest,
  have: {
    readonly local: LocalListing
    readonly policy: FlowOptions['policy']
    readonly signal: AbortSignal
  },
): Promise<boolean> {
  const { local, policy, signal } = have
  if (local.completeness === 'unknown') return false
  // What a commit holds cannot change: a stored listing is as good as the Hub's.
  if (isCommitHash(request.revision)) return true
  const fresh = isFresh(policy, local.checkedAtMs, deps.clock.now())
  if (policy.kind !== 'cache-first' && !fresh) return false
  const missing = await findMissing(deps, request, { listing: local, signal })
  return missing?.length === 0
}

async function askHub(
  deps: FlowDeps,
  request: SnapshotRequest,
  work: { readonly context: JobContext; readonly patient: boolean },
): Promise<Listing> {
  const { context } = work
  const revision = await tracePhase(context, 'resolve', () =>
    askInTime(deps.clock, context, {
      limitMs: work.patient ? undefined : staleAfterMs,
      ask: (options) => deps.api.resolveRevision(request.repo, request.revision, options),
    }),
  )
  const files = await tracePhase(context, 'list', () =>
    listFiles(deps, { request, revision, context }),
  )
  return { commit: revision.commit, files, source: 'hub', completeness: 'proven' }
}

/** The stored listing of the commit, or the Hub's, which is stored for the next time. */
async function listFiles(
  deps: FlowDeps,
  want: {
    readonly request: SnapshotRequest
    readonly revision: ResolvedRevision
    readonly context: JobContext
  },
): Promise<readonly RepoFile[]> {
  const { repo } = want.request
  const { commit } = want.revision
  const stored = await deps.store.readTree(repo, commit)
  if (stored) return stored
  const files: RepoFile[] = []
  for await (const page of deps.api.listTree(repo, commit, want.context)) {
    // One by one: some mirrors send everything as one page, and arguments have to fit the stack.
    for (const file of page) files.push(file)
  }
  try {
    await deps.store.writeTree(repo, commit, files)
  } catch (error) {
    deps.logger.warn('the listing could not be stored', { repo_id: repo.id, commit, error })
    want.context.emit({
      type: 'job:warning',
      code: 'TREE_NOT_WRITTEN',
      message: `the listing of ${repo.id} could not be stored; offline use cannot be proven complete`,
    })
  }
  return files
}

async function useStaleCopy(
  deps: FlowDeps,
  request: SnapshotRequest,
  have: { readonly local: LocalListing; readonly error: unknown; readonly context: JobContext },
): Promise<Listing> {
  const { local, error, context } = have
  const missing = await findMissing(deps, request, { listing: local, signal: context.signal })
  if (!missing) throw error
  if (missing.length > 0) {
    throw incompleteCopy(deps, request, { commit: local.commit, missing, cause: error })
  }
  warnStale(context, { repo: request.repo, commit: local.commit, error })
  return { ...local, source: 'stale' }
}
