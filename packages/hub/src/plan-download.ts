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
  /** False when only names are known, from the folder itself. */
  readonly isListed: boolean
}

export interface ReadyPlan {
  readonly entries: readonly PlanEntry[]
  readonly summary: DownloadPlan
}

/** Looks at the disk for every selected file. Reads only. */
export async function planDownload(
  deps: Pick<FlowDeps, 'store' | 'transfer'>,
  subject: PlanSubject,
  options: Pick<FlowOptions, 'force' | 'filesAtOnce' | 'partBytes'> & {
    readonly signal: AbortSignal
  },
): Promise<ReadyPlan> {
  const entries = await mapConcurrent(subject.files, options.filesAtOnce, async (file) => {
    options.signal.throwIfAborted()
    return subject.isListed
      ? { file, state: await findState(deps, file, options) }
      : findUnlisted(deps, file)
  })
  const paying = deps.store.kind === 'hub-cache' ? dropTwins(entries) : entries
  return { entries, summary: summarise(subject, { entries, paying }, options.partBytes) }
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

/** A file of which only the name is known is what the folder holds. */
async function findUnlisted(deps: Pick<FlowDeps, 'store'>, file: PinnedFile): Promise<PlanEntry> {
  const found = await deps.store.findSnapshotFile(file.repo, file.commit, file.path)
  return found
    ? { file: { ...file, sizeBytes: found.sizeBytes }, state: { kind: 'cached', path: found.path } }
    : { file, state: { kind: 'fetch' } }
}

/** The entries that cost something: of several names for the same bytes, the cache fetches and stores the first. */
function dropTwins(entries: readonly PlanEntry[]): readonly PlanEntry[] {
  const seen = new Set<string>()
  return entries.filter(({ file, state }) => {
    const isTwin = seen.has(file.etag)
    if (!isHere(state)) seen.add(file.etag)
    return isHere(state) || !isTwin
  })
}

function summarise(
  subject: PlanSubject,
  plan: { readonly entries: readonly PlanEntry[]; readonly paying: readonly PlanEntry[] },
  partBytes: number,
): DownloadPlan {
  const { entries, paying } = plan
  const sum = (of: (entry: PlanEntry) => number): number =>
    paying.reduce((total, entry) => total + of(entry), 0)
  const totalBytes = entries.reduce((total, { file }) => total + file.sizeBytes, 0)
  const resumeBytes = sum(({ state }) => (state.kind === 'resume' ? state.doneBytes : 0))
  const fetchBytes = sum(bytesToFetch)
  return {
    repo: subject.repo,
    revision: subject.revision,
    commit: subject.commit,
    files: entries.map(({ file, state }) => ({
      path: file.path,
      sizeBytes: file.sizeBytes,
      state,
    })),
    totalBytes,
    cachedBytes: totalBytes - resumeBytes - fetchBytes,
    resumeBytes,
    fetchBytes,
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
