import { IntegrityError } from '@hfx/core'
import { createFileJob, enterJob, failJob, leaveJob, type FileJob } from './file-job.ts'
import { subtractRanges, sumRanges, type ByteRange } from './file-ranges.ts'
import type { FileTask, TransferEngine } from './file-task.ts'
import { inspectRuns } from './inspect-runs.ts'
import { planParts } from './plan-parts.ts'
import { runPart } from './run-part.ts'

export interface WantedRange extends ByteRange {
  /** Ask for these bytes over connections that have not served before. */
  readonly freshConnection?: boolean
}

/**
 * Fetches the wanted ranges of a file over the shared lanes. Resolves when every byte has reached the file;
 * rejects, after its lanes have ended and its writes have settled, with the first failure that nothing helped against.
 */
export async function fetchRanges(
  engine: TransferEngine,
  file: FileTask,
  wanted: readonly WantedRange[],
): Promise<void> {
  file.step.signal?.throwIfAborted()
  const job = createFileJob({ engine, runPart }, file)
  const leave = joinLanes(job)
  try {
    await new Promise<void>((resolve) => {
      job.onSettled = resolve
      enterJob(job)
      job.pending = wanted.flatMap((range) => planPending(range, file.partBytes))
      engine.pool.offer(job.lanes)
      leaveJob(job)
    })
  } finally {
    leave()
  }
  if (job.failure) throw job.failure.error
  checkComplete(file, wanted)
}

/** Nothing may count as whole that is not, least of all where no hash would tell. */
function checkComplete(file: FileTask, wanted: readonly WantedRange[]): void {
  const missing = sumRanges(subtractRanges(wanted, file.totals.done))
  if (missing === 0) return
  const { path, sizeBytes } = file.source
  throw new IntegrityError({
    code: 'HUB_SIZE_MISMATCH',
    path,
    expected: String(sizeBytes),
    actual: String(sizeBytes - missing),
    message: `${missing} bytes of ${path} did not arrive`,
    hint: 'Run it again: what has arrived is kept.',
  })
}

function joinLanes(job: FileJob): () => void {
  const { engine, file, lanes, runs } = job
  const leaving = [
    engine.pool.join(lanes),
    engine.watch.add({ kind: file.kind, runs, inspect: (look) => inspectRuns(job, look) }),
    file.gate?.onChange((paused) => {
      if (!paused) engine.pool.offer(lanes)
    }),
    engine.aborts.listen(file.step.signal, (reason) => failAndSettle(job, reason)),
  ]
  return () => {
    for (const leave of leaving) leave?.()
  }
}

/** A file that waits for its first lane has nothing open that could notice. */
function failAndSettle(job: FileJob, error: unknown): void {
  enterJob(job)
  failJob(job, error)
  leaveJob(job)
}

function planPending(range: WantedRange, partBytes: number): FileJob['pending'] {
  const { freshConnection = false } = range
  return planParts([range], partBytes).map((part) => ({
    ...part,
    failures: 0,
    slowRounds: 0,
    freshConnection,
  }))
}
