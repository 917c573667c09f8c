import { setMaxListeners } from 'node:events'
import type { ByteRange } from './file-ranges.ts'
import type { FileTask, TransferEngine } from './file-task.ts'
import type { LaneSource, LaneTask } from './lane-pool.ts'
import { stopRun, type PartRun, type PendingPart } from './part-run.ts'

/** One file's fetching as it stands. Plain state: `run-part.ts` and `conclude-run.ts` move it on. */
export interface FileJob {
  readonly engine: TransferEngine
  readonly file: FileTask
  readonly lanes: LaneSource
  readonly runs: Set<PartRun>
  /** Ends the waits of the file; made for the first of them. */
  over: AbortController | undefined
  /** Ranges without a lane, in file order. */
  pending: PendingPart[]
  failure: { readonly error: unknown } | undefined
  /** Runs, waits and writes that have not settled. */
  open: number
  waitedMs: number
  /** Ranges that wait for their next attempt. */
  waiting: number
  /** Attempts in a row, over all ranges, that failed and brought nothing. */
  fruitless: number
  /** Answers that did not honour a range. */
  refusals: number
  /** False until the file's first location is known; until then it takes one lane only. */
  located: boolean
  /** The server does not do ranges: one connection takes the whole file. */
  whole: boolean
  /** How far a whole body has ever come. */
  wholeMark: number
  /** Bytes and silence as the watch saw them last. */
  seenBytes: number
  silentMs: number
  /** Called once, when nothing is open any more. */
  onSettled(): void
}

export type RunPart = (job: FileJob, part: PendingPart, lane: number) => Promise<void>

export interface FileJobDeps {
  readonly engine: TransferEngine
  readonly runPart: RunPart
}

export function createFileJob(deps: FileJobDeps, file: FileTask): FileJob {
  const { step } = file
  const job: FileJob = {
    engine: deps.engine,
    file,
    lanes: {
      group: step.trace?.jobId ?? '',
      kind: file.kind,
      ...(step.emit ? { emit: step.emit } : {}),
      take: () => takePart(job, deps.runPart),
    },
    runs: new Set(),
    over: undefined,
    pending: [],
    failure: undefined,
    open: 0,
    waitedMs: 0,
    waiting: 0,
    fruitless: 0,
    refusals: 0,
    located: false,
    whole: false,
    wholeMark: 0,
    seenBytes: 0,
    silentMs: 0,
    onSettled: () => {},
  }
  return job
}

/** Aborts when the file is over. Most files never wait, and a signal is not cheap. */
export function whenOver(job: FileJob): AbortSignal {
  if (!job.over) {
    job.over = new AbortController()
    // Any number of ranges may wait at once; Node would warn of a leak from the eleventh on.
    setMaxListeners(0, job.over.signal)
    if (job.failure) job.over.abort()
  }
  return job.over.signal
}

function takePart(job: FileJob, runPart: RunPart): LaneTask | undefined {
  if (job.file.gate?.paused || (!job.located && job.runs.size > 0)) return undefined
  if (isHoldingBack(job)) return undefined
  const part = job.pending.shift()
  return part && ((lane) => runPart(job, part, lane))
}

/** So many failures in a row are the server's and not a range's … */
const maxFruitless = 3

/** … and then no further range is tried while one waits: a server in trouble is not asked for all of them in turn. */
function isHoldingBack(job: FileJob): boolean {
  const isNew = job.pending[0]?.failures === 0
  return isNew && job.waiting > 0 && job.fruitless >= maxFruitless
}

/** An attempt has brought something: all ranges may be tried. */
export function endHoldBack(job: FileJob): void {
  const wasHeldBack = job.fruitless >= maxFruitless
  job.fruitless = 0
  if (wasHeldBack && job.pending.length > 0) job.engine.pool.offer(job.lanes)
}

/** Puts a range before all others of its file. Where one connection brings the whole file already, there is nothing to add. */
export function queuePart(job: FileJob, part: PendingPart): void {
  if (job.whole && (job.pending.length > 0 || [...job.runs].some((run) => !run.closed))) return
  const whole = { start: 0, end: job.file.source.sizeBytes }
  job.pending.unshift(job.whole ? { ...part, ...whole } : part)
  job.engine.pool.offer(job.lanes)
}

/** Marks one more thing that has to settle before the job does. */
export function enterJob(job: FileJob): void {
  job.open += 1
}

export function leaveJob(job: FileJob): void {
  job.open -= 1
  if (job.open === 0 && (job.pending.length === 0 || job.failure)) job.onSettled()
}

/** Ends the file: its connections are closed, its waits over. The first failure is the one that counts. */
export function failJob(job: FileJob, error: unknown): void {
  job.failure ??= { error }
  job.pending = []
  job.over?.abort()
  for (const run of job.runs) stopRun(run, 'file-over')
}

/** The server sends the file from its start, whatever is asked: one connection takes it all. */
export function enterWhole(job: FileJob, keep?: PartRun): void {
  job.whole = true
  job.pending = []
  for (const run of job.runs) if (run !== keep) stopRun(run, 'superseded')
  if (keep) keep.end = job.file.source.sizeBytes
}

/** What a run leaves to be fetched; all of its range, when that is here and not to be trusted. */
export function restOf(run: PartRun): ByteRange {
  const start = run.position < run.end ? run.position : run.part.start
  return { start, end: run.end }
}
