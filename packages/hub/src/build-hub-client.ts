import {
  type FileResult,
  findPathFault,
  HubError,
  type RepoFile,
  type SnapshotResult,
} from '@hfx/core'
import { checkCall } from './check-call.ts'
import { downloadFile } from './download-file.ts'
import { downloadSnapshot, planOnly } from './download-snapshot.ts'
import type { EventBus } from './event-bus.ts'
import type { FlowDeps, FlowOptions } from './flow.ts'
import type { FileOptions, HubClient, RepoInput, SnapshotOptions } from './hub-client.ts'
import { refuseForcedOffline, refuseOffline } from './refuse-offline.ts'
import type { Job } from './job.ts'
import { createJobRunner, type JobRunner, type JobRunnerDeps, type JobWork } from './run-jobs.ts'
import { readTarget, type Target } from './read-target.ts'
import { requestOf } from './request-of.ts'
import { traceJob } from './trace-job.ts'

export interface HubClientDeps extends JobRunnerDeps {
  readonly bus: EventBus
}

/** A client over parts that are made when they are first needed. */
export function buildHubClient(deps: HubClientDeps): HubClient {
  const runner = createJobRunner(deps)
  return {
    ...createDownloads(deps, runner),
    ...createQuestions(runner),
    on: (type, listener) => deps.bus.on(type, listener),
    onAny: (listener) => deps.bus.onAny(listener),
    setRateLimit: (bytesPerSecond) => runner.setRateLimit(bytesPerSecond),
    close: () => runner.close(),
    [Symbol.asyncDispose]: () => runner.close(),
  }
}

/** The jobs: each reads its target, opens its store and runs a flow. */
function createDownloads(
  deps: HubClientDeps,
  runner: JobRunner,
): Pick<HubClient, 'download' | 'snapshot' | 'plan'> {
  const snapshot: HubClient['snapshot'] = (repo, given = {}) => {
    const options = checkCall('snapshot', given)
    return runner.start(options, (work) => {
      const target = readTarget(repo, options, work.parts.parseTarget)
      const flow = flowOf(deps, work, options)
      return traceJob({ ...deps, ...work }, { kind: 'snapshot', ...pick(target) }, (context) =>
        downloadSnapshot(flow.deps, requestOf(target, options), { ...flow.work, context }),
      )
    })
  }

  const file = (repo: RepoInput, path: string, given: FileOptions = {}): Job<FileResult> => {
    const options = checkCall('download', given)
    return runner.start(options, (work) => {
      const target = readTarget(repo, options, work.parts.parseTarget)
      const flow = flowOf(deps, work, options)
      return traceJob({ ...deps, ...work }, { kind: 'file', ...pick(target) }, (context) =>
        downloadFile(
          flow.deps,
          { ...pick(target), path: checkName(path) },
          { ...flow.work, context },
        ),
      )
    })
  }

  const plan: HubClient['plan'] = (repo, given = {}) => {
    const options = checkCall('plan', given)
    return runner.start(options, (work) => {
      const target = readTarget(repo, options, work.parts.parseTarget)
      const flow = flowOf(deps, work, options)
      return traceJob({ ...deps, ...work }, { kind: 'plan', ...pick(target) }, (context) =>
        planOnly(flow.deps, requestOf(target, options), { ...flow.work, context }),
      )
    })
  }

  function download(repo: RepoInput, path: string, options?: FileOptions): Job<FileResult>
  function download(repo: RepoInput, options?: SnapshotOptions): Job<SnapshotResult>
  function download(
    repo: RepoInput,
    second?: string | SnapshotOptions,
    third?: FileOptions,
  ): Job<FileResult> | Job<SnapshotResult> {
    return typeof second === 'string' ? file(repo, second, third) : snapshot(repo, second)
  }

  return { download, snapshot, plan }
}

/** What is asked of the Hub without a job. */
function createQuestions(
  runner: JobRunner,
): Pick<HubClient, 'listFiles' | 'fileInfo' | 'repoInfo' | 'listRefs' | 'whoami'> {
  const { ask } = runner
  return {
    listFiles: (repo, options = {}) => listFiles(runner, repo, checkCall('listFiles', options)),
    fileInfo: (repo, path, given = {}) => {
      const options = checkCall('fileInfo', given)
      return ask(options, async (parts, step) => {
        const target = readTarget(repo, options, parts.parseTarget)
        return (await parts.api.describeFile(target.repo, target.revision, path, step)).file
      })
    },
    repoInfo: (repo, given = {}) => {
      const options = checkCall('repoInfo', given)
      return ask(options, (parts, step) => {
        const target = readTarget(repo, options, parts.parseTarget)
        return parts.api.describeRepo(target.repo, target.revision, step)
      })
    },
    listRefs: (repo, given = {}) => {
      const options = checkCall('listRefs', given)
      return ask(options, (parts, step) =>
        parts.api.listRefs(readTarget(repo, options, parts.parseTarget).repo, step),
      )
    },
    whoami: (options = {}) =>
      ask(checkCall('whoami', options), (parts, step) => parts.api.describeAccount(step)),
  }
}

async function* listFiles(
  runner: JobRunner,
  repo: RepoInput,
  options: Parameters<HubClient['listFiles']>[1] & object,
): AsyncGenerator<RepoFile> {
  const parts = await runner.getParts()
  refuseOffline(parts)
  const target = readTarget(repo, options, parts.parseTarget)
  const path = options.path ?? target.path?.replace(/\/$/, '')
  const { signal, leave } = runner.untilClosed(options)
  try {
    const pages = parts.api.listTree(target.repo, target.revision, {
      signal,
      ...(path === undefined ? {} : { path }),
      ...(options.recursive === undefined ? {} : { recursive: options.recursive }),
    })
    for await (const page of pages) yield* page
  } finally {
    leave()
  }
}

function pick(target: Target): Pick<Target, 'repo' | 'revision'> {
  return { repo: target.repo, revision: target.revision }
}

function checkName(path: string): string {
  const fault = findPathFault(path)
  if (fault === undefined) return path
  throw new HubError({
    code: 'HUB_INVALID_PATH',
    message: `${JSON.stringify(path)} cannot be a file of a repository: ${fault}`,
    hint: 'Give the path as the repository lists it; leave it out to download everything.',
  })
}

/** A flow's collaborators and what it was told. */
function flowOf(
  deps: HubClientDeps,
  work: JobWork,
  options: FileOptions,
): { readonly deps: FlowDeps; readonly work: JobWork & { readonly options: FlowOptions } } {
  const { api, transfer, checkSpace, logger, config, openStore } = work.parts
  const { settings } = config
  const policy = options.policy ?? settings.policy
  const force = options.force ?? false
  refuseForcedOffline({ force, policy })
  const store = openStore(options.localDir ?? settings.localDir)
  return {
    deps: { api, transfer, checkSpace, logger, clock: deps.clock, store },
    work: {
      ...work,
      options: {
        policy,
        force,
        forceSpace: options.forceSpace ?? settings.forceSpace,
        filesAtOnce: settings.maxWorkers,
        partBytes: settings.partBytes,
      },
    },
  }
}
