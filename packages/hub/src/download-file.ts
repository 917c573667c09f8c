import {
  type DescribedFile,
  type FileRequest,
  type FileResult,
  HttpError,
  isCommitHash,
  isHubError,
  listingOf,
  type PinnedFile,
  pinFile,
} from '@hfx/core'
import { answerLocally, describeLocal } from './answer-locally.ts'
import { bringFile } from './bring-file.ts'
import { findLocalFile, type LocalFile } from './find-local-file.ts'
import { type FlowDeps, type FlowOptions, staleAfterMs } from './flow.ts'
import { askInTime, mayUseLocalCopy } from './hub-unavailable.ts'
import type { JobContext } from './job.ts'
import { announcePlan, planDownload } from './plan-download.ts'
import { reserveSpace } from './reserve-space.ts'
import { tracePhase } from './trace-phase.ts'
import { warnStale } from './warn-stale.ts'

interface FileWork {
  readonly options: FlowOptions
  readonly context: JobContext
  readonly startedMs: number
}

/** resolve → plan → (stage → transfer → verify → commit) → ref: the snapshot's stages for one file. */
export async function downloadFile(
  deps: FlowDeps,
  request: FileRequest,
  given: Omit<FileWork, 'startedMs'>,
): Promise<FileResult> {
  const work = { ...given, startedMs: deps.clock.monotonic() }
  const local = work.options.force ? undefined : await findLocalFile(deps, request)
  const answer = await answerLocally(deps, request, { local, options: work.options })
  if (answer)
    return describeLocal(deps, request, { ...work, local: answer, stale: !answer.isOfCommit })
  let described: Described
  try {
    described = await describe(deps, request, { ...work, local })
  } catch (error) {
    await rememberMissing(deps, request, error)
    if (!local || !mayUseLocalCopy(error, work)) throw error
    warnStale(work.context, { repo: request.repo, commit: local.commit, error })
    return describeLocal(deps, request, { ...work, local, stale: true })
  }
  return fetchFile(deps, request, { ...work, described })
}

type Described = { readonly file: PinnedFile } & Partial<Pick<DescribedFile, 'location'>>

/** One HEAD, or none when the commit's listing is stored. */
async function describe(
  deps: FlowDeps,
  request: FileRequest,
  work: FileWork & { readonly local: LocalFile | undefined },
): Promise<Described> {
  const { repo, revision, path } = request
  const listed = isCommitHash(revision) ? await findListed(deps, request) : undefined
  if (listed) return { file: listed }
  const patient = !work.local || work.options.policy.kind === 'network'
  return tracePhase(work.context, 'resolve', () =>
    askInTime(deps.clock, work.context, {
      limitMs: patient ? undefined : staleAfterMs,
      ask: (options) => deps.api.describeFile(repo, revision, path, options),
    }),
  )
}

async function findListed(deps: FlowDeps, request: FileRequest): Promise<PinnedFile | undefined> {
  const tree = await deps.store.openTree(request.repo, request.revision)
  for await (const page of tree?.pages() ?? []) {
    const listed = page.find((file) => file.path === request.path)
    if (listed) return pinFile(request.repo, request.revision, listed)
  }
  return undefined
}

async function fetchFile(
  deps: FlowDeps,
  request: FileRequest,
  work: FileWork & { readonly described: Described },
): Promise<FileResult> {
  const { options, context, described } = work
  const { repo, revision } = request
  const { commit } = described.file
  const subject = { repo, revision, commit, files: listingOf([described.file]), isListed: true }
  const plan = await tracePhase(context, 'plan', () =>
    planDownload(deps, subject, { ...options, signal: context.signal }),
  )
  announcePlan(plan.summary, context)
  await reserveSpace(deps, plan, work)
  const state = plan.kept[0]?.state ?? { kind: 'fetch' }
  const { force, forceSpace } = options
  const done = await bringFile(deps, { ...described, state, force, forceSpace }, context)
  await deps.store.writeRevision(repo, { requested: revision, commit }).catch((error: unknown) => {
    deps.logger.warn('the ref could not be written', { repo_id: repo.id, error })
  })
  return {
    repo,
    revision,
    commit,
    path: request.path,
    localPath: done.localPath,
    sizeBytes: done.sizeBytes,
    source: done.source,
    fetchedBytes: done.fetchedBytes,
    durationMs: deps.clock.monotonic() - work.startedMs,
    stale: false,
  }
}

/** A 404 that names its commit is worth remembering: loaders ask for optional files again and again. */
async function rememberMissing(
  deps: FlowDeps,
  request: FileRequest,
  error: unknown,
): Promise<void> {
  if (!isHubError(error, 'HUB_ENTRY_NOT_FOUND') || !(error instanceof HttpError)) return
  const commit = error.repoCommit
  if (commit === undefined || !isCommitHash(commit)) return
  try {
    await deps.store.markMissing(request.repo, commit, request.path)
    await deps.store.writeRevision(request.repo, { requested: request.revision, commit })
  } catch (diskError) {
    deps.logger.warn('the missing entry could not be stored', {
      repo_id: request.repo.id,
      error: diskError,
    })
  }
}
