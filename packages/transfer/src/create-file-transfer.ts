import { randomUUID } from 'node:crypto'
import {
  HubError,
  silentLogger,
  systemClock,
  systemRandom,
  type Clock,
  type ExpectedContent,
  type FileTransfer,
  type Logger,
  type RandomSource,
  type RangeReader,
  type StagedFile,
  type StepOptions,
  type TransferFileOptions,
  type TransferResult,
  type TransferSource,
  type VerifiedFile,
} from '@hfx/core'
import { createAbortFan } from './abort-fan.ts'
import { createByteBudget } from './byte-budget.ts'
import { sumRanges } from './file-ranges.ts'
import type { TransferEngine } from './file-task.ts'
import { findPartials } from './find-partials.ts'
import { hashStoredFile } from './hash-file.ts'
import { createHashPool } from './hash-pool.ts'
import { createLanePool } from './lane-pool.ts'
import { createLaneWatch } from './lane-watch.ts'
import { checkRate, resolveTransferOptions, type TransferOptions } from './options.ts'
import { createRateLimit } from './rate-limit.ts'
import { openForReading } from './staged-writer.ts'
import { smallFileBytes, transferFile } from './transfer-file.ts'
import { createWholeFileWriter } from './whole-file-writer.ts'
import { proveContent } from './verify-file.ts'

/** What {@link createFileTransfer} needs. */
export interface FileTransferDeps {
  /** Reads ranges: `createRangeReader` of `@hfx/http`, or your own. */
  readonly rangeReader: RangeReader
  /** @default the system's clock */
  readonly clock?: Clock
  /** @default Math.random */
  readonly random?: RandomSource
  /** @default says nothing */
  readonly logger?: Logger
}

/** A `FileTransfer` whose speed limit can be changed, and whose lanes can be seen. */
export interface TunableFileTransfer extends FileTransfer {
  /** Bytes per second over all connections from now on; undefined for no limit. @throws RangeError below 1 */
  setRateLimit(bytesPerSecond: number | undefined): void
  /** Connections that may be open now. */
  readonly lanes: number
}

/** One pool of lanes over all files that are given to it, with one memory budget and one speed limit. Opens nothing yet. */
export function createFileTransfer(
  deps: FileTransferDeps,
  options: TransferOptions = {},
): TunableFileTransfer {
  const closing = new AbortController()
  const engine = createEngine(deps, options, closing.signal)
  const running = new Set<Promise<unknown>>()

  function track<T>(work: Promise<T>): Promise<T> {
    running.add(work)
    const forget = (): void => void running.delete(work)
    work.then(forget, forget)
    return work
  }

  return {
    transferFile: (source, staged, fileOptions = {}) =>
      track(transferChecked(engine, { source, staged }, fileOptions)),
    findPartial: (source, staged) => findPartialBytes(engine, source, staged),
    verifyFile: (path, expected, step = {}) =>
      track(verifyStored(engine, path, { expected, step })),
    setRateLimit: (bytesPerSecond) => engine.rateLimit.setRate(checkRate(bytesPerSecond)),
    get lanes() {
      return engine.pool.lanes
    },
    close: async () => {
      closing.abort(
        new HubError({ code: 'HUB_CONNECTION_LOST', message: 'the transfer was closed' }),
      )
      await Promise.allSettled(running)
      await engine.hashes.close()
    },
  }
}

/** Often enough for a stall of any set length to be seen in time, rarely enough to cost nothing. */
const tickMs = 250

function createEngine(
  deps: FileTransferDeps,
  options: TransferOptions,
  closing: AbortSignal,
): TransferEngine {
  const { clock = systemClock, random = systemRandom, logger = silentLogger } = deps
  const resolved = resolveTransferOptions(options)
  const pool = createLanePool(resolved.connections, clock.monotonic())
  const lookMs = Math.max(10, Math.min(tickMs, resolved.stallTimeoutMs / 4))
  return {
    rangeReader: deps.rangeReader,
    clock,
    random,
    logger,
    options: resolved,
    pool,
    watch: createLaneWatch(clock, pool, lookMs),
    budget: createByteBudget(resolved.maxBufferedBytes),
    rateLimit: createRateLimit(clock, resolved.limitRate),
    hashes: createHashPool(),
    wholeFiles: createWholeFileWriter(clock),
    aborts: createAbortFan(),
    nextPartId: () => randomUUID(),
    closing,
    spend: createSpending(resolved.byteBudget),
  }
}

function createSpending(byteBudget: number | undefined): TransferEngine['spend'] {
  let spent = 0
  return (bytes) => {
    spent += bytes
    if (byteBudget === undefined || spent <= byteBudget) return undefined
    return new HubError({
      code: 'HUB_BUDGET_EXCEEDED',
      message: `the transfer used up its budget of ${byteBudget} bytes`,
      hint: 'Run it again with a larger budget: what has arrived is kept.',
    })
  }
}

async function transferChecked(
  engine: TransferEngine,
  request: { readonly source: TransferSource; readonly staged: StagedFile },
  options: TransferFileOptions,
): Promise<TransferResult> {
  const { sizeBytes } = request.source
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0)
    throw new RangeError(`sizeBytes must be a whole number of bytes, not ${sizeBytes}`)
  return transferFile(engine, request, options)
}

async function findPartialBytes(
  engine: TransferEngine,
  source: Omit<TransferSource, 'locate'>,
  staged: StagedFile,
): Promise<number> {
  const { hash, sizeBytes } = source
  if (!hash || sizeBytes <= Math.min(engine.options.partBytes, smallFileBytes)) return 0
  const [best] = await findPartials(staged, { hash, sizeBytes })
  return best ? sumRanges(best.journal.done) : 0
}

async function verifyStored(
  engine: TransferEngine,
  path: string,
  what: { readonly expected: ExpectedContent; readonly step: StepOptions },
): Promise<VerifiedFile> {
  const { expected, step } = what
  if (!expected.hash) return proveContent({ path, sizeBytes: await sizeOf(path) }, expected)
  const { signal } = step
  const deps = { pool: engine.hashes, ...(signal ? { signal } : {}) }
  const stored = await hashStoredFile(deps, path, expected.hash.algorithm)
  return proveContent({ path, ...stored }, expected)
}

async function sizeOf(path: string): Promise<number> {
  const file = await openForReading(path)
  try {
    return await file.size()
  } finally {
    await file.close()
  }
}
