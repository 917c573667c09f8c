import {
  type DownloadPlan,
  type FileListing,
  type PinnedFile,
  pinFile,
  type PlannedFile,
  type SnapshotRequest,
  type SnapshotResult,
} from '@hfx/core'
import { bringFile } from './bring-file.ts'
import { incompleteCopy, type Listing } from './find-local-listing.ts'
import type { FlowDeps, FlowOptions } from './flow.ts'
import type { JobContext } from './job.ts'
import { announcePlan, planDownload, type PlanEntry, type ReadyPlan } from './plan-download.ts'
import { resolveListing } from './resolve-listing.ts'
import { reserveSpace } from './reserve-space.ts'
import { selectFiles } from './select-files.ts'
import { createTally } from './tally-outcomes.ts'
import { tracePhase } from './trace-phase.ts'

export interface SnapshotWork {
  readonly options: FlowOptions
  readonly context: JobContext
}

/** resolve → list → select → plan → (stage → transfer → verify → commit) for each file → refs. */
export async function downloadSnapshot(
  deps: FlowDeps,
  request: SnapshotRequest,
  work: SnapshotWork,
): Promise<SnapshotResult> {
  const startedMs = deps.clock.monotonic()
  const listing = await resolveListing(deps, request, work)
  const plan = await planSnapshot(deps, request, { ...work, listing })
  announcePlan(plan.summary, work.context)
  const fetching = mayFetch(listing, work.options)
  if (!fetching) await refuseGaps(deps, request, plan)
  await reserveSpace(deps, plan, work)

  const { force, forceSpace, filesAtOnce } = work.options
  const folder = deps.store.snapshotFolder(request.repo, listing.commit)
  const tally = createTally(work.context.signal, folder)
  await tracePhase(work.context, 'transfer', () =>
    plan.forEach(filesAtOnce, (entry, worker) =>
      tally.add(entry.file.path, (signal) =>
        bringFile(
          deps,
          { ...entry, force, forceSpace, worker, mayFetch: fetching },
          { ...work.context, signal },
        ),
      ),
    ),
  )
  tally.throwFailures(request)
  if (listing.source === 'hub')
    await rememberRevision(deps, request, { listing, context: work.context })
  const result: SnapshotResult = {
    repo: request.repo,
    revision: request.revision,
    commit: listing.commit,
    folder,
    get files() {
      return tally.outcomes.list()
    },
    fileCount: tally.outcomes.count,
    filesFrom: tally.outcomes.filesFrom,
    eachFile: () => tally.outcomes,
    totalBytes: plan.summary.totalBytes,
    fetchedBytes: tally.fetchedBytes,
    durationMs: deps.clock.monotonic() - startedMs,
    stale: listing.source === 'stale',
    completeness: listing.completeness,
  }
  // The rest is plain data, which may go to another thread or process; a function may not.
  return Object.defineProperty(result, 'eachFile', { enumerable: false })
}

/** The same stages up to the plan; nothing is written, not even the listing. */
export async function planOnly(
  deps: FlowDeps,
  request: SnapshotRequest,
  work: SnapshotWork,
): Promise<DownloadPlan> {
  const looking = { ...deps, store: { ...deps.store, writeTree: () => Promise.resolve() } }
  const listing = await resolveListing(looking, request, work)
  const files: PlannedFile[] = []
  const onEntry = ({ file, state }: PlanEntry): void => {
    files.push({ path: file.path, sizeBytes: file.sizeBytes, state })
  }
  const plan = await planSnapshot(looking, request, { ...work, listing, onEntry })
  announcePlan(plan.summary, work.context)
  return { ...plan.summary, files }
}

async function planSnapshot(
  deps: FlowDeps,
  request: SnapshotRequest,
  work: SnapshotWork & {
    readonly listing: Listing
    readonly onEntry?: (entry: PlanEntry) => void
  },
): Promise<ReadyPlan> {
  const { repo, revision } = request
  const { listing, options, context, onEntry } = work
  const { commit } = listing
  const files = pinFiles(request, commit, await selectFiles(listing.files, request))
  const isListed = listing.completeness === 'proven'
  return tracePhase(context, 'plan', () =>
    planDownload(
      deps,
      { repo, revision, commit, files, isListed },
      { ...options, signal: context.signal, ...(onEntry ? { onEntry } : {}) },
    ),
  )
}

function pinFiles(
  { repo }: SnapshotRequest,
  commit: string,
  listing: FileListing,
): FileListing<PinnedFile> {
  return {
    fileCount: listing.fileCount,
    async *pages() {
      for await (const page of listing.pages()) {
        yield page.map((file) => pinFile(repo, commit, file))
      }
    },
  }
}

function mayFetch(listing: Listing, options: FlowOptions): boolean {
  return listing.source !== 'stale' && options.policy.kind !== 'cache-only'
}

/** Between the look at the disk and now a file may have gone; without the network that is the end. */
async function refuseGaps(
  deps: FlowDeps,
  request: SnapshotRequest,
  plan: ReadyPlan,
): Promise<void> {
  const { commit, fileCount, cachedFiles, linkedFiles } = plan.summary
  if (cachedFiles + linkedFiles === fileCount) return
  const missing: string[] = []
  await plan.forEach(1, async ({ file, state }) => {
    if (state.kind === 'fetch' || state.kind === 'resume') missing.push(file.path)
  })
  throw incompleteCopy(deps, request, { commit, missing })
}

/** The ref is written last: until every file is there, it goes on naming the commit that was complete. */
async function rememberRevision(
  deps: FlowDeps,
  request: SnapshotRequest,
  have: { readonly listing: Listing; readonly context: JobContext },
): Promise<void> {
  try {
    await deps.store.writeRevision(request.repo, {
      requested: request.revision,
      commit: have.listing.commit,
    })
  } catch (error) {
    deps.logger.warn('the ref could not be written', { repo_id: request.repo.id, error })
    have.context.emit({
      type: 'job:warning',
      code: 'REF_NOT_WRITTEN',
      message: `${request.revision} could not be stored as a ref; offline use needs the commit ${have.listing.commit}`,
    })
  }
}
