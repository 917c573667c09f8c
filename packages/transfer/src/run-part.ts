import { channel } from 'node:diagnostics_channel'
import { channels, isHubError, type PartEndMessage, type PartStartMessage } from '@hfx/core'
import { concludeRun, LocateFailure } from './conclude-run.ts'
import { fetchPart, type FetchPartDeps } from './fetch-part.ts'
import { enterJob, enterWhole, failJob, leaveJob, whenOver, type FileJob } from './file-job.ts'
import { addRange } from './file-ranges.ts'
import { createPartBuffer, type PartBuffer } from './part-buffer.ts'
import { extendPrint } from './spot-print.ts'
import { createPartRun, type PartRun, type PendingPart } from './part-run.ts'

const partStart = channel(channels.partStart)
const partEnd = channel(channels.partEnd)

/** Runs one range on a lane: settles when the connection is free, which is before the disk is done. Never rejects. */
export async function runPart(job: FileJob, part: PendingPart, lane: number): Promise<void> {
  const { engine, file, runs } = job
  enterJob(job)
  const run = createPartRun(part, lane, engine.clock.monotonic())
  const buffer = createPartBuffer(
    {
      writer: file.writer,
      budget: engine.budget,
      onWritten: (start, end) => {
        file.totals.done = addRange(file.totals.done, { start, end })
        file.onWritten()
      },
      onFailure: (error) => failJob(job, error),
    },
    part.start,
  )
  runs.add(run)
  const id = announceStart(job, run)
  const error = await attempt(job, run, buffer)
  run.closed = true
  runs.delete(run)
  announceEnd(id, run, error)
  if (!job.failure) concludeRun(job, run, error)
  void buffer.finish().then((end) => {
    // A write that failed leaves less than what the fingerprint is of.
    const print = end === run.position ? { print: run.print } : {}
    if (end > part.start) file.onPart({ start: part.start, end, ...print })
    leaveJob(job)
  })
}

async function attempt(job: FileJob, run: PartRun, buffer: PartBuffer): Promise<unknown> {
  const { file } = job
  try {
    // Asking for the location is the transport's to watch: it is no silence of this connection.
    run.holds += 1
    run.url = (await locate(job)).url
    run.holds -= 1
    if (run.closed) return undefined
    const target = { url: run.url, totalBytes: file.source.sizeBytes }
    await fetchPart(describeFetch(job, run, buffer), run, target)
    return undefined
  } catch (error) {
    return error
  }
}

async function locate(job: FileJob): Promise<{ readonly url: string }> {
  try {
    const location = await job.file.locator.current()
    if (!job.located) {
      job.located = true
      if (job.pending.length > 0) job.engine.pool.offer(job.lanes)
    }
    return location
  } catch (error) {
    throw new LocateFailure(error)
  }
}

function describeFetch(job: FileJob, run: PartRun, buffer: PartBuffer): FetchPartDeps {
  const { engine, file } = job
  return {
    rangeReader: engine.rangeReader,
    rateLimit: engine.rateLimit,
    buffer,
    step: file.step,
    whenRoom: () => engine.budget.whenRoom(),
    whenOpen: () => (file.gate?.paused ? file.gate.whenOpen(whenOver(job)) : undefined),
    onBytes: (chunk) => countBytes(job, run, chunk),
    onRangeIgnored: () => enterWhole(job, run),
    onGateWait: (waitMs) => {
      run.heldUntilMs = Math.max(run.heldUntilMs, engine.clock.monotonic() + waitMs)
    },
  }
}

function countBytes(job: FileJob, run: PartRun, chunk: Uint8Array): void {
  const { engine, file } = job
  file.totals.fetchedBytes += chunk.byteLength
  file.totals.lastProgressAtMs = engine.clock.now()
  if (file.kind === 'large') engine.pool.count('large', chunk.byteLength)
  const at = run.position - chunk.byteLength
  run.print = extendPrint(run.print, chunk, at)
  file.onBytes(chunk, at)
  const spent = engine.spend(chunk.byteLength)
  if (spent) failJob(job, spent)
}

function announceStart(job: FileJob, run: PartRun): string | undefined {
  if (!partStart.hasSubscribers && !partEnd.hasSubscribers) return undefined
  const { source, step } = job.file
  const message: PartStartMessage = {
    id: job.engine.nextPartId(),
    path: source.path,
    start: run.position,
    end: run.end,
    lane: run.lane,
    ...(step.trace ? { trace: step.trace } : {}),
  }
  partStart.publish(message)
  return message.id
}

function announceEnd(id: string | undefined, run: PartRun, error: unknown): void {
  if (id === undefined) return
  const isOver = run.position >= run.end
  const message: PartEndMessage = {
    id,
    receivedBytes: run.receivedBytes,
    ...(!isOver && isHubError(error) ? { code: error.code } : {}),
  }
  partEnd.publish(message)
}
