import { HubError, type RepoFile, type SnapshotRequest, type StepOptions } from '@hfx/core'
import type { ClientParts } from './compose-parts.ts'
import { downloadFile } from './download-file.ts'
import { downloadSnapshot, planOnly } from './download-snapshot.ts'
import type { EventBus } from './event-bus.ts'
import type { FlowDeps, FlowOptions } from './flow.ts'
import type { FileOptions, HubClient, RepoInput, SnapshotOptions } from './hub-client.ts'
import { refuseOffline } from './refuse-offline.ts'
import { createJobRunner, type JobRunnerDeps } from './run-jobs.ts'
import { readTarget, type Target, toList } from './read-target.ts'
import { traceJob } from './trace-job.ts'

export interface HubClientDeps extends JobRunnerDeps {
  readonly bus: EventBus
}

/** A client over parts that are made when they are first needed. */
export function buildHubClient(deps: HubClientDeps): HubClient {
  const runner = createJobRunner(deps)
  const { start, getParts, ask } = runner

  const snapshot: HubClient['snapshot'] = (repo, options = {}) =>
    start(options, (work) => {
      const target = readTarget(repo, options, work.parts.parseTarget)
      return traceJob({ ...deps, ...work }, { kind: 'snapshot', ...pick(target) }, () =>
        downloadSnapshot(
          flowDeps(deps, work.parts, options),
          requestOf(target, options),
          flowWork(work, options),
        ),
      )
    })

  const file = (repo: RepoInput, path: string, options: FileOptions = {}) =>
    start(options, (work) => {
      const target = readTarget(repo, options, work.parts.parseTarget)
      return traceJob({ ...deps, ...work }, { kind: 'file', ...pick(target) }, () =>
        downloadFile(
          flowDeps(deps, work.parts, options),
          { ...pick(target), path: checkName(path) },
          flowWork(work, options),
        ),
      )
    })

  function download(repo: RepoInput, path: string, options?: FileOptions): ReturnType<typeof file>
  function download(repo: RepoInput, options?: SnapshotOptions): ReturnType<typeof snapshot>
  function download(repo: RepoInput, second?: string | SnapshotOptions, third?: FileOptions) {
    return typeof second === 'string' ? file(repo, second, third) : snapshot(repo, second)
  }

  return {
    download,
    snapshot,
    plan: (repo, options = {}) =>
      start(options, async (work) => {
        const target = readTarget(repo, options, work.parts.parseTarget)
        const { plan } = await traceJob(
          { ...deps, ...work },
          { kind: 'plan', ...pick(target) },
          async () => ({
            plan: await planOnly(
              flowDeps(deps, work.parts, options),
              requestOf(target, options),
              flowWork(work, options),
            ),
            fetchedBytes: 0,
          }),
        )
        return plan
      }),
    listFiles: (repo, options = {}) => listFiles(getParts, repo, options),
    fileInfo: (repo, path, options = {}) =>
      ask(options, async (parts, step) => {
        const target = readTarget(repo, options, parts.parseTarget)
        return (await parts.api.describeFile(target.repo, target.revision, path, step)).file
      }),
    repoInfo: (repo, options = {}) =>
      ask(options, (parts, step) => {
        const target = readTarget(repo, options, parts.parseTarget)
        return parts.api.describeRepo(target.repo, target.revision, step)
      }),
    listRefs: (repo, options = {}) =>
      ask(options, (parts, step) =>
        parts.api.listRefs(readTarget(repo, options, parts.parseTarget).repo, step),
      ),
    whoami: (options = {}) => ask(options, (parts, step) => parts.api.describeAccount(step)),
    on: (type, listener) => deps.bus.on(type, listener),
    onAny: (listener) => deps.bus.onAny(listener),
    setRateLimit: (bytesPerSecond) => runner.setRateLimit(bytesPerSecond),
    close: () => runner.close(),
    [Symbol.asyncDispose]: () => runner.close(),
  }
}

async function* listFiles(
  getParts: () => Promise<ClientParts>,
  repo: RepoInput,
  options: Parameters<HubClient['listFiles']>[1] & object,
): AsyncGenerator<RepoFile> {
  const parts = await getParts()
  refuseOffline(parts)
  const target = readTarget(repo, options, parts.parseTarget)
  const path = options.path ?? target.path?.replace(/\/$/, '')
  const step: StepOptions = options.signal ? { signal: options.signal } : {}
  const pages = parts.api.listTree(target.repo, target.revision, {
    ...step,
    ...(path === undefined ? {} : { path }),
    ...(options.recursive === undefined ? {} : { recursive: options.recursive }),
  })
  for await (const page of pages) yield* page
}

function pick(target: Target): Pick<Target, 'repo' | 'revision'> {
  return { repo: target.repo, revision: target.revision }
}

function checkName(path: string): string {
  if (path !== '') return path
  throw new HubError({
    code: 'HUB_INVALID_PATH',
    message: 'the name of the file is empty',
    hint: 'Give the path as the repository lists it; leave it out to download everything.',
  })
}

/** A path that a URI names is the file, or the folder, that is wanted. */
function requestOf(target: Target, options: SnapshotOptions): SnapshotRequest {
  const named = target.path === undefined ? undefined : [target.path]
  const allowPatterns = toList(options.allowPatterns) ?? named
  const ignorePatterns = toList(options.ignorePatterns)
  return {
    ...pick(target),
    ...(allowPatterns === undefined ? {} : { allowPatterns }),
    ...(ignorePatterns === undefined ? {} : { ignorePatterns }),
    ...(options.select === undefined ? {} : { select: options.select }),
    ...(options.files === undefined ? {} : { files: options.files }),
  }
}

function flowDeps(deps: HubClientDeps, parts: ClientParts, options: FileOptions): FlowDeps {
  const { api, transfer, checkSpace, logger } = parts
  const localDir = options.localDir ?? parts.config.settings.localDir
  return { api, transfer, checkSpace, logger, clock: deps.clock, store: parts.openStore(localDir) }
}

function flowWork<W extends { readonly parts: ClientParts }>(
  work: W,
  options: FileOptions,
): W & { readonly options: FlowOptions } {
  const { settings } = work.parts.config
  return {
    ...work,
    options: {
      policy: options.policy ?? settings.policy,
      force: options.force ?? false,
      forceSpace: options.forceSpace ?? settings.forceSpace,
      filesAtOnce: settings.maxWorkers,
      partBytes: settings.partBytes,
    },
  }
}
