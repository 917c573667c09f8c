import {
  HubError,
  isCommitHash,
  listingOf,
  type RepoFile,
  type SnapshotRequest,
  type StepOptions,
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
import { askInTime, mayUseLocalCopy, pagesInTime } from './hub-unavailable.ts'
import type { JobContext } from './job.ts'
import { isFresh } from './is-fresh.ts'
import { listFiles } from './list-files.ts'
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
    return await askHub(deps, request, { ...work, known, patient: isPatient(policy, local) })
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
    return {
      commit: request.revision,
      files: listingOf(files),
      source: 'local',
      completeness: 'proven',
    }
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
  work: {
    readonly context: JobContext
    readonly patient: boolean
    readonly known: LocalListing | undefined
  },
): Promise<Listing> {
  const { context, known, patient } = work
  const startedMs = deps.clock.monotonic()
  const { commit } = await tracePhase(context, 'resolve', () =>
    askInTime(deps.clock, context, {
      limitMs: patient ? undefined : staleAfterMs,
      ask: (options) => deps.api.resolveRevision(request.repo, request.revision, options),
    }),
  )
  const leftMs = staleAfterMs - (deps.clock.monotonic() - startedMs)
  const files = await tracePhase(context, 'list', async () =>
    known?.commit === commit && known.completeness === 'proven'
      ? known.files
      : listFiles(deps, {
          repo: request.repo,
          commit,
          context,
          ask: () => askPages(deps, { request, commit, context, patient, leftMs }),
        }),
  )
  return { commit, files, source: 'hub', completeness: 'proven' }
}

/** A Hub that falls silent over a listing has gone as one that never answered has. */
function askPages(
  deps: FlowDeps,
  question: {
    readonly request: SnapshotRequest
    readonly commit: string
    readonly context: JobContext
    readonly patient: boolean
    readonly leftMs: number
  },
): AsyncIterable<readonly RepoFile[]> {
  const { request, commit, context, patient, leftMs } = question
  const ask = (options: StepOptions): AsyncIterable<readonly RepoFile[]> =>
    deps.api.listTree(request.repo, commit, options)
  if (patient) return ask(context)
  const firstLimitMs = Math.max(leftMs, leastAnswerMs)
  return pagesInTime(deps.clock, context, { firstLimitMs, limitMs: staleAfterMs, ask })
}

/** What the listing gets of the bound in any case. */
const leastAnswerMs = 250

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
