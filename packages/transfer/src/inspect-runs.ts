import { describeStall } from './conclude-run.ts'
import { failJob, queuePart, type FileJob } from './file-job.ts'
import { judgeLane, planSplit, type LaneVerdict } from './judge-lane.ts'
import type { WatchLook } from './lane-watch.ts'
import { stopRun, type PartRun } from './part-run.ts'

/** After a jump of the clock a connection gets this part of the stall time to show that it lives. */
const graceShare = 0.3

/** Looks at a file's connections: ends those that are stalled or slow, and splits the last ones. */
export function inspectRuns(job: FileJob, look: WatchLook): void {
  const before = job.file.totals.fetchedBytes
  for (const run of job.runs) inspectRun(job, run, look)
  watchSilence(job, look, before)
  if (!job.failure && job.pending.length === 0) splitLast(job, look)
}

function inspectRun(job: FileJob, run: PartRun, look: WatchLook): void {
  const { options } = job.engine
  const held = isHeld(job, run, look)
  run.meter.sample(look.nowMs, run.receivedBytes, held)
  if (look.jumped) run.meter.forgive(look.nowMs, options.stallTimeoutMs * (1 - graceShare))
  if (held || run.closed) return
  const verdict = judgeLane(run, look.peerSpeed, options)
  if (verdict !== 'keep') replace(job, run, verdict)
}

/** True while the socket waits for a reason of our own: its silence then means nothing. */
function isHeld(job: FileJob, run: PartRun, look: WatchLook): boolean {
  return run.holds > 0 || run.heldUntilMs > look.nowMs || job.file.gate?.paused === true
}

function replace(job: FileJob, run: PartRun, verdict: LaneVerdict): void {
  const { source, step } = job.file
  job.engine.logger.debug('connection replaced', { path: source.path, verdict, lane: run.lane })
  if (verdict !== 'stalled') return stopRun(run, 'slow')
  const silentMs = Math.round(run.meter.silentMs)
  step.emit?.({ type: 'file:stall', path: source.path, silentMs })
  stopRun(run, 'stalled')
}

/** The hard bound: whatever is tried, a file that gets nothing for `maxSilentMs` fails. */
function watchSilence(job: FileJob, look: WatchLook, fetchedBytes: number): void {
  const waits = [...job.runs].some((run) => !isHeld(job, run, look))
  if (fetchedBytes > job.seenBytes || job.file.gate?.paused) job.silentMs = 0
  else if (waits && !look.jumped) job.silentMs += look.spanMs
  job.seenBytes = fetchedBytes
  if (job.silentMs >= job.engine.options.maxSilentMs) failJob(job, describeStall(job))
}

/** The tail: what the slowest connection still has is shared with an idle lane. */
function splitLast(job: FileJob, look: WatchLook): void {
  const { engine, file } = job
  if (!file.splittable || job.whole || !engine.pool.hasIdle(file.kind)) return
  for (const run of [...job.runs].toSorted((a, b) => b.end - b.position - (a.end - a.position))) {
    const from = planSplit(run, look.peerSpeed)
    if (from === undefined) continue
    const part = { ...run.part, start: from, end: run.end, freshConnection: false }
    run.end = from
    queuePart(job, part)
    return
  }
}
