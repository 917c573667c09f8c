import {
  type CachedFile,
  type FileLocation,
  type FileOutcome,
  type FileState,
  isHubError,
  type PinnedFile,
  type TransferSource,
  type VerifiedFile,
} from '@hfx/core'
import type { FlowDeps } from './flow.ts'
import type { JobContext } from './job.ts'
import { traceFile, type TracedContext } from './trace-file.ts'
import { tracePhase } from './trace-phase.ts'

/** A file that is where it belongs. */
export type DoneFile = Extract<FileOutcome, { readonly kind: 'ok' }>

export interface BringFileWant {
  readonly file: PinnedFile
  readonly state: FileState
  readonly force: boolean
  readonly forceSpace: boolean
  /** Whether the network may be asked where a link fails. @default true */
  readonly mayFetch?: boolean
  /** Where the bytes are, when a HEAD has just told. */
  readonly location?: FileLocation
  /** Which of the files at once it is. */
  readonly worker?: number
}

/** Brings one file to its place by the shortest way that its state allows: nothing, a link, or a verified transfer. */
export async function bringFile(
  deps: FlowDeps,
  want: BringFileWant,
  context: JobContext,
): Promise<DoneFile> {
  const { file, state, worker } = want
  const numbered = worker === undefined ? {} : { worker }
  if (state.kind === 'cached') return fromCache(file, state.path)
  return traceFile(deps, { file, state, context, ...numbered }, (traced) =>
    deps.store.withFileLock(file, () => bringOnce(deps, want, traced), {
      ...traced,
      absent: state.kind === 'fetch',
    }),
  )
}

/** Runs as the file's only writer. Looks again first: whoever held the lock before may have brought it. */
async function bringOnce(
  deps: FlowDeps,
  want: BringFileWant,
  context: TracedContext,
): Promise<DoneFile> {
  const { file, force, forceSpace } = want
  const state = await deps.store.findFile(file, { force })
  if (state.kind === 'cached') return fromCache(file, state.path)
  const linked = state.kind === 'link' && (await linkIfThere(deps, { ...want, state }, context))
  if (linked) return linked
  const staged = await deps.store.stageFile(file)
  const commit = (verified: VerifiedFile): Promise<CachedFile> =>
    tracePhase(context, { phase: 'commit', path: file.path }, () =>
      deps.store.commitFile(verified, file),
    )
  const options = { ...context, force, forceSpace, commit }
  const moved = await deps.transfer.transferFile(sourceOf(deps, want), staged, options)
  // A transfer of another make may know nothing of committing.
  const cached = moved.committed ?? (await commit(moved.file))
  return {
    kind: 'ok',
    path: file.path,
    localPath: cached.path,
    sizeBytes: file.sizeBytes,
    source: 'hub',
    fetchedBytes: moved.fetchedBytes,
    attempts: moved.attempts,
    verifiedBy: moved.file.verifiedBy,
  }
}

/** Undefined when somebody has removed the bytes since we looked: a cleaner, or whoever owned them. */
async function linkIfThere(
  deps: FlowDeps,
  want: BringFileWant & { readonly state: FileState & { readonly kind: 'link' } },
  context: TracedContext,
): Promise<DoneFile | undefined> {
  const { file, state, mayFetch = true } = want
  try {
    const linked = await deps.store.linkFile(file, state, context)
    return { ...fromCache(file, linked.path), source: 'link' }
  } catch (error) {
    if (!mayFetch || !isHubError(error, 'HUB_CACHE_CORRUPT')) throw error
    deps.logger.debug('what was to be linked is gone and is fetched', { path: file.path, error })
    return undefined
  }
}

function fromCache(file: PinnedFile, localPath: string): DoneFile {
  return {
    kind: 'ok',
    path: file.path,
    localPath,
    sizeBytes: file.sizeBytes,
    source: 'cache',
    fetchedBytes: 0,
    attempts: 0,
    verifiedBy: 'earlier',
  }
}

/** The location that is known already serves the first question; later ones ask the Hub again. */
function sourceOf(deps: FlowDeps, want: BringFileWant): TransferSource {
  const { file } = want
  let known = want.location
  return {
    path: file.path,
    sizeBytes: file.sizeBytes,
    ...(file.hash ? { hash: file.hash } : {}),
    async locate(options) {
      const location = options.fresh ? undefined : known
      known = undefined
      return location ?? deps.api.locateFile(file, options)
    },
  }
}
