import {
  HubError,
  InsufficientSpaceError,
  isHubError,
  type StagedFile,
  type TransferFileOptions,
  type TransferResult,
  type TransferSource,
} from '@hfx/core'
import { sumRanges } from './file-ranges.ts'
import type { FileTask, FileTotals, TransferEngine } from './file-task.ts'
import { findPartials } from './find-partials.ts'
import { createLocator } from './locate-source.ts'
import { isPartialTaken } from './partial-lease.ts'
import { planPartBytes } from './plan-parts.ts'
import { transferLarge } from './transfer-large.ts'
import { transferSmall } from './transfer-small.ts'

/** A transfer as its two ways see it: all that does not depend on the open file. */
export interface TransferJob {
  readonly engine: TransferEngine
  readonly source: TransferSource
  readonly staged: StagedFile
  readonly force: boolean
  readonly commit: TransferFileOptions['commit']
  readonly task: Omit<FileTask, 'splittable' | 'writer' | 'onBytes' | 'onWritten' | 'onPart'>
}

/** Files up to this size have lanes of their own, because their time is latency. */
export const smallFileBytes: number = 1024 ** 2
/** Each time another process takes the partial over, this one begins its own, with what the other has. */
const maxTakeovers = 3

/** Brings one file to disk and proves it: in one piece where it is one part, else in parts with a journal. */
export async function transferFile(
  engine: TransferEngine,
  request: { readonly source: TransferSource; readonly staged: StagedFile },
  options: TransferFileOptions,
): Promise<TransferResult> {
  options.signal?.throwIfAborted()
  const { source, staged } = request
  const scope = createScope(engine, source.path, options.signal)
  const step = {
    signal: scope.signal,
    ...(options.emit ? { emit: options.emit } : {}),
    ...(options.trace ? { trace: options.trace } : {}),
  }
  const task = {
    source,
    step,
    gate: options.gate,
    kind: source.sizeBytes <= smallFileBytes ? 'small' : 'large',
    partBytes: planPartBytes(source.sizeBytes, engine.options.partBytes),
    locator: createLocator(engine, source, step),
    totals: createTotals(engine),
  } as const
  const leaveSpace = engine.space.add({
    folder: staged.folder,
    force: options.forceSpace ?? false,
    leftBytes: () => source.sizeBytes - sumRanges(task.totals.done),
    stop: scope.abort,
  })
  try {
    const { commit, force = false } = options
    return await runJob({ engine, source, staged, force, commit, task })
  } catch (error) {
    if (!isRefusedByDisk(error)) throw error
    throw await engine.space.reportFull(staged.folder, error)
  } finally {
    leaveSpace()
    scope.close()
    options.onEnd?.(task.totals.fetchedBytes)
  }
}

function isRefusedByDisk(error: unknown): boolean {
  return isHubError(error, 'HUB_NO_SPACE') && !(error instanceof InsufficientSpaceError)
}

async function runJob(job: TransferJob): Promise<TransferResult> {
  const { source } = job
  if (!source.hash) warnUnverified(job)
  if (!(await needsJournal(job))) return transferSmall(job)
  for (let takeovers = 0; ; takeovers += 1) {
    try {
      return await transferLarge(job)
    } catch (error) {
      if (!isPartialTaken(error) || takeovers === maxTakeovers) throw error
    }
  }
}

/** Files of several parts do, and those that an earlier run with smaller parts has begun. */
async function needsJournal({ source, staged, task }: TransferJob): Promise<boolean> {
  const { hash, sizeBytes } = source
  if (!hash || sizeBytes > task.partBytes || sizeBytes <= smallFileBytes)
    return hash !== undefined && sizeBytes > task.partBytes
  return (await findPartials(staged, { hash, sizeBytes })).length > 0
}

function warnUnverified(job: TransferJob): void {
  job.task.step.emit?.({
    type: 'job:warning',
    code: 'UNVERIFIED',
    message: `${job.source.path}: no content hash is known; only its size is checked`,
  })
}

function createTotals(engine: TransferEngine): FileTotals {
  return { done: [], fetchedBytes: 0, retries: 0, lastProgressAtMs: engine.clock.now() }
}

interface Scope {
  readonly signal: AbortSignal
  abort(reason: unknown): void
  close(): void
}

/** One signal for the caller's wish, the deadline and the end of the whole transfer. */
function createScope(engine: TransferEngine, path: string, wish: AbortSignal | undefined): Scope {
  const controller = new AbortController()
  const abort = (reason: unknown): void => controller.abort(reason)
  const leaving = [
    engine.aborts.listen(wish, abort),
    engine.aborts.listen(engine.closing, abort),
    startDeadline(engine, path, abort),
  ]
  return {
    signal: controller.signal,
    abort,
    close: () => {
      for (const leave of leaving) leave()
    },
  }
}

function startDeadline(
  engine: TransferEngine,
  path: string,
  abort: (reason: unknown) => void,
): () => void {
  const { deadlineMs } = engine.options
  if (deadlineMs === undefined) return ignoreEnd
  const over = new AbortController()
  engine.clock
    .sleep(deadlineMs, over.signal)
    .then(() => abort(describeDeadline(path, deadlineMs)), ignoreEnd)
  return () => over.abort(overInTime)
}

/** Given as a reason, because making the default one is costly and nobody sees it. */
const overInTime = 'over'

function describeDeadline(path: string, deadlineMs: number): HubError {
  return new HubError({
    code: 'HUB_DEADLINE',
    message: `${path} did not arrive within ${deadlineMs} ms`,
    hint: 'Run it again with a longer deadline: what has arrived is kept.',
  })
}

function ignoreEnd(): void {}
