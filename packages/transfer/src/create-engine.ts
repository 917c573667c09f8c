import { randomUUID } from 'node:crypto'
import {
  HubError,
  silentLogger,
  systemClock,
  systemRandom,
  type Clock,
  type Logger,
  type RandomSource,
  type RangeReader,
} from '@hfx/core'
import { createAbortFan } from './abort-fan.ts'
import { createByteBudget } from './byte-budget.ts'
import { readSystemVolume, type ReadVolume } from './check-space.ts'
import type { TransferEngine } from './file-task.ts'
import { createHashPool } from './hash-pool.ts'
import { createLanePool } from './lane-pool.ts'
import { createLaneWatch } from './lane-watch.ts'
import { resolveTransferOptions, type TransferOptions } from './options.ts'
import { createRateLimit } from './rate-limit.ts'
import { createSpaceWatch } from './space-watch.ts'
import { createWholeFileWriter } from './whole-file-writer.ts'

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
  /** How the room on a folder's volume is found while it is written to. @default the system's statfs */
  readonly readVolume?: ReadVolume
}

/** Often enough for a stall of any set length to be seen in time, rarely enough to cost nothing. */
const tickMs = 125

/** What all files of one transfer share, with every default filled in. */
export function createEngine(
  deps: FileTransferDeps,
  options: TransferOptions,
  closing: AbortSignal,
): TransferEngine {
  const { clock = systemClock, random = systemRandom, logger = silentLogger } = deps
  const { readVolume = readSystemVolume } = deps
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
    space: createSpaceWatch({ clock, readVolume }),
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
