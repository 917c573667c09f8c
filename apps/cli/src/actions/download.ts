import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { HubError, mapConcurrent, type SnapshotResult } from '@hfx/core'
import type { SnapshotOptions } from '@hfx/hub'
import type { CliIo } from '../io.ts'
import { type OpenHub, withHub } from '../open-hub.ts'
import { downloadFrozen, readFrozen } from '../frozen.ts'
import { type Format, print, readFormat } from '../output/format.ts'
import { printError } from '../print-error.ts'
import {
  describeFileResult,
  describeSnapshot,
  joinResults,
  type Downloaded,
} from '../output/print-download.ts'
import { describePlans } from '../output/print-plan.ts'
import { toError } from '../to-error.ts'
import {
  type DownloadRequest,
  parseList,
  readWanted,
  refuseConflicts,
  type Wanted,
} from '../read-wanted.ts'
import { refOptions } from '../ref-options.ts'
import { createChoice, type Choice, printSkipped } from '../choose-files.ts'
import { verifyCached } from '../verify-cached.ts'

/** How many repositories are under way at once; their files share one pool of connections. */
const reposAtOnce = 4

/** flags → hub → print. */
export async function runDownload(io: CliIo, request: DownloadRequest): Promise<void> {
  const { flags } = request
  const format = readFormat(flags)
  refuseConflicts(request)
  if (flags.frozen) return runFrozen(io, request, format)
  const lines = flags.from === undefined ? undefined : parseList(await readSource(io, flags.from))
  const wanted = readWanted(request, lines)
  const shape = { isList: lines !== undefined || wanted.length > 1 }
  const isPlan = flags.dryRun === true || flags.plan === true
  // A plan fetches nothing: there is no progress to show unless somebody asks for its events.
  const shown = isPlan ? { progress: 'none', ...flags } : flags
  await withHub(io, { flags: shown, format }, async (hub) => {
    if (isPlan) {
      const plans = await mapConcurrent(wanted, reposAtOnce, (want) =>
        planOne(io, hub, { want, request }),
      )
      return print(io, format, describePlans(plans, shape))
    }
    await runAll(io, {
      work: wanted.map((want) => () => downloadOne(io, hub, { want, request })),
      format,
      shape,
    })
  })
}

async function runFrozen(io: CliIo, request: DownloadRequest, format: Format): Promise<void> {
  const entries = await readFrozen(io, request)
  await withHub(io, { flags: request.flags, format }, (hub) =>
    runAll(io, {
      work: entries.map((entry) => () => downloadFrozen(io, hub, { entry, request })),
      format,
      shape: { isList: true },
    }),
  )
}

/** Prints what succeeded, then every failure; the last word, and the exit code, is the first failure's. */
async function runAll(
  io: CliIo,
  job: {
    readonly work: readonly (() => Promise<Downloaded>)[]
    readonly format: Format
    readonly shape: { readonly isList: boolean }
  },
): Promise<void> {
  const outcomes = await mapConcurrent(job.work, reposAtOnce, (start) => settle(start()))
  const done = outcomes.flatMap((outcome) => ('value' in outcome ? [outcome.value] : []))
  const failed = outcomes.flatMap((outcome) => ('error' in outcome ? [outcome.error] : []))
  const [first] = failed
  if (done.length > 0) print(io, job.format, joinResults(done, job.shape))
  for (const error of failed.slice(1)) printError(io, error)
  if (first !== undefined) throw first
}

interface Job {
  readonly want: Wanted
  readonly request: DownloadRequest
}

async function downloadOne(io: CliIo, hub: OpenHub, job: Job): Promise<Downloaded> {
  const { want, request } = job
  if (want.file !== undefined) {
    const result = await hub.client.download(want.repo, want.file, commonOptions(io, request))
    if (request.flags.verify) await verifyCached(io, hub, result)
    return describeFileResult(result)
  }
  const choice = createChoice(want, request.flags)
  const result: SnapshotResult = await hub.client.snapshot(
    want.repo,
    snapshotOptions(io, job, choice),
  )
  printSkipped(io, choice)
  if (request.flags.verify) await verifyCached(io, hub, result)
  return describeSnapshot(result, choice.skipped())
}

async function planOne(io: CliIo, hub: OpenHub, job: Job) {
  const choice = createChoice(job.want, job.request.flags)
  const plan = await hub.client.plan(job.want.repo, snapshotOptions(io, job, choice))
  printSkipped(io, choice)
  return { plan, skipped: choice.skipped() }
}

function snapshotOptions(io: CliIo, job: Job, choice: Choice): SnapshotOptions {
  const { allowPatterns } = job.want
  const { exclude } = job.request.flags
  return {
    ...commonOptions(io, job.request),
    ...(allowPatterns === undefined ? {} : { allowPatterns }),
    ...(exclude === undefined ? {} : { ignorePatterns: exclude }),
    ...(choice.select ? { select: choice.select } : {}),
  }
}

function commonOptions(io: CliIo, { flags }: DownloadRequest) {
  return {
    ...refOptions(io, flags),
    ...(flags.forceDownload === undefined ? {} : { force: flags.forceDownload }),
  }
}

async function readSource(io: CliIo, from: string): Promise<string> {
  if (from === '-') return text(io.stdin)
  try {
    return await readFile(resolve(io.cwd, from), 'utf8')
  } catch (error) {
    throw new HubError({
      code: 'HUB_INVALID_OPTION',
      message: `the list ${from} cannot be read`,
      hint: 'Give a file with one repository in a line, or "-" for standard input.',
      cause: error,
    })
  }
}

async function settle<T>(
  work: Promise<T>,
): Promise<{ readonly value: T } | { readonly error: Error }> {
  try {
    return { value: await work }
  } catch (error) {
    return { error: toError(error) }
  }
}
