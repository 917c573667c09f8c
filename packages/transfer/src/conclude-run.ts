import {
  HttpError,
  HubError,
  isHubError,
  requestIdOf,
  rewordHttpError,
  StalledError,
  type HubErrorCode,
} from '@hfx/core'
import { decideRetry, statusOf } from './decide-retry.ts'
import {
  endHoldBack,
  enterJob,
  enterWhole,
  failJob,
  leaveJob,
  queuePart,
  restOf,
  type FileJob,
  whenOver,
} from './file-job.ts'
import type { PartRun, PendingPart } from './part-run.ts'

/** An attempt that brings less than this is counted as a failure. */
const progressBytes = 64 * 1024
/** All waits between attempts of one file together. */
const maxTotalWaitMs = 15 * 60_000

/** The location could not be had; `origin` says why. */
export class LocateFailure extends Error {
  override readonly name = 'LocateFailure'
  readonly origin: unknown

  constructor(origin: unknown) {
    super('no location')
    this.origin = origin
  }
}

/** After a run: its range is whole, or its rest goes back into the queue, now or later, or the file fails. */
export function concludeRun(job: FileJob, run: PartRun, error: unknown): void {
  if (isComplete(job, run, error)) {
    endHoldBack(job)
    if (job.file.kind === 'small') job.engine.pool.count('small', 1)
    return
  }
  if (run.stop === 'superseded') return
  // All bytes are here, and the answer still went on: without a hash they are worth nothing.
  const isOverlong = run.position >= run.end
  const progressed = hasProgressed(job, run) && !isOverlong
  const failures = progressed ? 1 : run.part.failures + 1
  if (progressed) endHoldBack(job)
  else job.fruitless += 1
  if (run.stop === 'slow') {
    const slowRounds = run.part.slowRounds + 1
    return queuePart(job, { ...run.part, ...restOf(run), slowRounds, freshConnection: true })
  }
  const cause = run.stop === 'stalled' ? describeStall(job, run.url) : (error ?? describeShort(job))
  retryRun(job, run, { cause, failures })
}

/** An answer that is too long after all wanted bytes: the hash decides, where there is one. */
function isComplete(job: FileJob, run: PartRun, error: unknown): boolean {
  if (run.position < run.end) return false
  return error === undefined || run.stop === 'complete' || job.file.source.hash !== undefined
}

function hasProgressed(job: FileJob, run: PartRun): boolean {
  const from = job.whole ? job.wholeMark : run.part.start
  job.wholeMark = Math.max(job.wholeMark, job.whole ? run.position : 0)
  return run.position - from >= progressBytes
}

interface RunFailure {
  readonly cause: unknown
  readonly failures: number
}

function retryRun(job: FileJob, run: PartRun, { cause, failures }: RunFailure): void {
  const { options, random } = job.engine
  const locating = cause instanceof LocateFailure
  const error = locating ? cause.origin : cause
  if (isHubError(error, 'HUB_RANGE_REFUSED')) job.refusals += 1
  const subject = { error, failures, refusals: job.refusals, locating }
  const decision = decideRetry(subject, options, random)
  if (decision.kind === 'fail' || !isHubError(error) || job.waitedMs > maxTotalWaitMs)
    return failJob(job, withAttempts(error, failures))
  reportTrouble(job, error)
  if (decision.relocate && run.url !== undefined) job.file.locator.reject(run.url)
  if (decision.whole) enterWhole(job)
  const { freshConnection, waitMs } = decision
  emitRetry(job, run, { error, failures, waitMs })
  queueLater(job, { ...run.part, ...restOf(run), failures, freshConnection }, waitMs)
}

/** The last refusal, and how many there were in a row. */
function withAttempts(error: unknown, attempts: number): unknown {
  if (!(error instanceof HttpError) || attempts <= error.attempts) return error
  const message = `${error.message} (after ${attempts} attempts)`
  return rewordHttpError(error, { message, attempts })
}

function queueLater(job: FileJob, part: PendingPart, waitMs: number): void {
  if (waitMs === 0) return queuePart(job, part)
  job.waitedMs += waitMs
  job.waiting += 1
  enterJob(job)
  // The wait rejects only when the file is over, and then nothing is to be queued.
  job.engine.clock
    .sleep(waitMs, whenOver(job))
    .then(() => {
      job.waiting -= 1
      queuePart(job, part)
    }, ignoreEnd)
    .finally(() => leaveJob(job))
    .catch(ignoreEnd)
}

function emitRetry(
  job: FileJob,
  run: PartRun,
  why: { readonly error: HubError; readonly failures: number; readonly waitMs: number },
): void {
  const { source, step, totals } = job.file
  const { error, failures, waitMs } = why
  totals.retries += 1
  const status = statusOf(error)
  const requestId = requestIdOf(error)
  step.emit?.({
    type: 'file:retry',
    path: source.path,
    attempt: failures,
    maxRetries: job.engine.options.maxAttempts - 1,
    waitMs,
    code: error.code,
    lane: run.lane,
    ...(status === undefined ? {} : { status }),
    ...(requestId === undefined ? {} : { requestId }),
  })
}

const connectionCodes: ReadonlySet<HubErrorCode> = new Set([
  'HUB_CONNECTION_LOST',
  'HUB_CONNECT_FAILED',
])

function reportTrouble(job: FileJob, error: HubError): void {
  const status = statusOf(error)
  if (status === 429 || status === 503) job.engine.pool.report(job.file.kind, 'throttled')
  else if (connectionCodes.has(error.code)) job.engine.pool.report(job.file.kind, 'reset')
}

/** No byte for too long; from where, when it was one connection. */
export function describeStall(job: FileJob, url?: string): StalledError {
  const { source, totals } = job.file
  const from = url === undefined ? '' : ` from ${new URL(url).host}`
  return new StalledError({
    code: 'HUB_STALLED',
    path: source.path,
    doneBytes: totals.done.reduce((sum, range) => sum + range.end - range.start, 0),
    lastProgressAtMs: totals.lastProgressAtMs,
    attempts: totals.retries + 1,
    message: `no bytes of ${source.path} arrive any more${from}`,
    hint: 'Check the network and run it again: what has arrived is kept.',
  })
}

function describeShort(job: FileJob): HubError {
  return new HubError({
    code: 'HUB_BAD_RESPONSE',
    message: `the answer for ${job.file.source.path} ended early`,
    hint: 'Run it again: what has arrived is kept. A proxy in between may cut answers short.',
  })
}

function ignoreEnd(): void {}
