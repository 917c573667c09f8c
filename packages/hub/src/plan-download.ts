import {
  type DownloadPlan,
  type FileListing,
  type FileState,
  type FlowSink,
  forEachConcurrent,
  mapConcurrent,
  type PinnedFile,
  type RepoRef,
} from '@hfx/core'
import type { FlowDeps, FlowOptions } from './flow.ts'
import { createPlanMemory } from './plan-memory.ts'
import { createPlanTotals } from './plan-totals.ts'

/** A file and what stands between it and its place. */
export interface PlanEntry {
  readonly file: PinnedFile
  readonly state: FileState
}

export interface PlanSubject {
  readonly repo: RepoRef
  readonly revision: string
  readonly commit: string
  readonly files: FileListing<PinnedFile>
  /** False when only names are known, from the folder itself. */
  readonly isListed: boolean
}

/** The numbers of a plan, without its files. */
export type PlanSummary = Omit<DownloadPlan, 'files'>

export interface ReadyPlan {
  readonly summary: PlanSummary
  /** Folder that the new bytes go to, on the volume that has to have room for them. */
  readonly writesTo: string | undefined
  /** The entries of a plan of few files; none of one of many. */
  readonly kept: readonly PlanEntry[]
  /** Goes through the entries once more, at most `limit` at once: of many files, what is not here is looked at anew. */
  forEach(limit: number, work: (entry: PlanEntry, worker: number) => Promise<void>): Promise<void>
}

type PlanOptions = Pick<FlowOptions, 'force' | 'filesAtOnce' | 'partBytes'> & {
  readonly signal: AbortSignal
  /** Told every entry, in the order of the listing. */
  readonly onEntry?: (entry: PlanEntry) => void
}

type PlanDeps = Pick<FlowDeps, 'store' | 'transfer'>

/** Looks at the disk for every selected file and adds up what is to do. Reads only. */
export async function planDownload(
  deps: PlanDeps,
  subject: PlanSubject,
  options: PlanOptions,
): Promise<ReadyPlan> {
  const look = createLook(deps, subject, options)
  const totals = createPlanTotals(subject, {
    partBytes: options.partBytes,
    twinsAreFree: deps.store.kind === 'hub-cache',
  })
  const memory = createPlanMemory(subject, deps.store.snapshotFolder(subject.repo, subject.commit))
  let writesTo: string | undefined
  for await (const page of subject.files.pages()) {
    for (const entry of await mapConcurrent(page, options.filesAtOnce, look)) {
      if (totals.add(entry) > 0) writesTo ??= deps.store.stagingPlace(entry.file).folder
      memory.add(entry)
      options.onEntry?.(entry)
    }
  }
  return {
    summary: totals.sum(),
    writesTo,
    kept: memory.kept,
    forEach: (limit, work) =>
      memory.holdsAll
        ? forEachConcurrent(memory.kept, limit, work)
        : forEachConcurrent(numbered(subject.files), limit, async ([at, file], worker) =>
            work(memory.find(at, file) ?? (await look(file)), worker),
          ),
  }
}

/** Tells the totals of a job before byte one. */
export function announcePlan(plan: PlanSummary, context: { readonly emit: FlowSink }): void {
  context.emit({
    type: 'job:plan',
    commit: plan.commit,
    files: plan.fileCount,
    cachedFiles: plan.cachedFiles,
    totalBytes: plan.totalBytes,
    cachedBytes: plan.cachedBytes,
    resumeBytes: plan.resumeBytes,
    fetchBytes: plan.fetchBytes,
  })
}

/** How one file is looked up. */
function createLook(
  deps: PlanDeps,
  subject: PlanSubject,
  options: PlanOptions,
): (file: PinnedFile) => Promise<PlanEntry> {
  return async (file) => {
    options.signal.throwIfAborted()
    return subject.isListed
      ? { file, state: await findState(deps, file, options) }
      : findUnlisted(deps, file)
  }
}

async function* numbered(
  listing: FileListing<PinnedFile>,
): AsyncGenerator<readonly [number, PinnedFile]> {
  let at = 0
  for await (const page of listing.pages()) for (const file of page) yield [at++, file]
}

/** The store's answer, refined by what waits in a partial. */
async function findState(
  deps: PlanDeps,
  file: PinnedFile,
  options: Pick<FlowOptions, 'force' | 'partBytes'>,
): Promise<FileState> {
  const state = await deps.store.findFile(file, { force: options.force })
  // A file of one part has no journal; looking for one would cost a folder listing per small file.
  if (state.kind !== 'fetch' || options.force || file.sizeBytes <= options.partBytes) return state
  const doneBytes = await deps.transfer.findPartial(file, deps.store.stagingPlace(file))
  return doneBytes > 0 ? { kind: 'resume', doneBytes } : state
}

/** A file of which only the name is known is what the folder holds. */
async function findUnlisted(deps: Pick<FlowDeps, 'store'>, file: PinnedFile): Promise<PlanEntry> {
  const found = await deps.store.findSnapshotFile(file.repo, file.commit, file.path)
  return found
    ? { file: { ...file, sizeBytes: found.sizeBytes }, state: { kind: 'cached', path: found.path } }
    : { file, state: { kind: 'fetch' } }
}
