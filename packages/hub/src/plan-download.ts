import {
  type DownloadPlan,
  type FileState,
  type FlowSink,
  mapConcurrent,
  type PinnedFile,
  type RepoRef,
} from '@hfx/core'
import type { FlowDeps, FlowOptions } from './flow.ts'

/** A file and what stands between it and its place. */
export interface PlanEntry {
  readonly file: PinnedFile
  readonly state: FileState
}

export interface PlanSubject {
  readonly repo: RepoRef
  readonly revision: string
  readonly commit: string
  readonly files: readonly PinnedFile[]
}

export interface ReadyPlan {
  readonly entries: readonly PlanEntry[]
  readonly summary: DownloadPlan
}

/** Looks at the disk for every selected file. Reads only. */
export async function planDownload(
  deps: Pick<FlowDeps, 'store' | 'transfer'>,
  subject: PlanSubject,
  options: Pick<FlowOptions, 'force' | 'filesAtOnce' | 'partBytes'>,
): Promise<ReadyPlan> {
  const entries = await mapConcurrent(subject.files, options.filesAtOnce, async (file) => ({
    file,
    state: await findState(deps, file, options),
  }))
  return { entries, summary: summarise(subject, entries, options.partBytes) }
}

/** Tells the totals of a job before byte one. */
export function announcePlan(plan: DownloadPlan, context: { readonly emit: FlowSink }): void {
  context.emit({
    type: 'job:plan',
    commit: plan.commit,
    files: plan.files.length,
    cachedFiles: plan.files.filter(({ state }) => state.kind === 'cached').length,
    totalBytes: plan.totalBytes,
    cachedBytes: plan.cachedBytes,
    resumeBytes: plan.resumeBytes,
    fetchBytes: plan.fetchBytes,
  })
}

/** The store's answer, refined by what waits in a partial. */
async function findState(
  deps: Pick<FlowDeps, 'store' | 'transfer'>,
  file: PinnedFile,
  options: Pick<FlowOptions, 'force' | 'partBytes'>,
): Promise<FileState> {
  const state = await deps.store.findFile(file, { force: options.force })
  // A file of one part has no journal; looking for one would cost a folder listing per small file.
  if (state.kind !== 'fetch' || options.force || file.sizeBytes <= options.partBytes) return state
  const doneBytes = await deps.transfer.findPartial(file, deps.store.stagingPlace(file))
  return doneBytes > 0 ? { kind: 'resume', doneBytes } : state
}

function summarise(
  subject: PlanSubject,
  entries: readonly PlanEntry[],
  partBytes: number,
): DownloadPlan {
  const sum = (of: (entry: PlanEntry) => number): number =>
    entries.reduce((total, entry) => total + of(entry), 0)
  return {
    repo: subject.repo,
    revision: subject.revision,
    commit: subject.commit,
    files: entries.map(({ file, state }) => ({
      path: file.path,
      sizeBytes: file.sizeBytes,
      state,
    })),
    totalBytes: sum(({ file }) => file.sizeBytes),
    cachedBytes: sum(({ file, state }) => (isHere(state) ? file.sizeBytes : 0)),
    resumeBytes: sum(({ state }) => (state.kind === 'resume' ? state.doneBytes : 0)),
    fetchBytes: sum(bytesToFetch),
    diskBytes: sum((entry) =>
      entry.state.kind === 'link' ? entry.state.diskBytes : bytesToFetch(entry),
    ),
    requests: sum((entry) => requestsFor(entry, partBytes)),
  }
}

function isHere(state: FileState): boolean {
  return state.kind === 'cached' || state.kind === 'link'
}

function bytesToFetch({ file, state }: PlanEntry): number {
  if (isHere(state)) return 0
  return state.kind === 'resume' ? file.sizeBytes - state.doneBytes : file.sizeBytes
}

/** One per range, and one to learn the signed URL of a file that has one. Empty files need none. */
function requestsFor(entry: PlanEntry, partBytes: number): number {
  const bytes = bytesToFetch(entry)
  if (bytes === 0) return 0
  const locate = entry.file.hash?.algorithm === 'git-sha1' ? 0 : 1
  return locate + Math.ceil(bytes / partBytes)
}
