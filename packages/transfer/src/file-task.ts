import type {
  Clock,
  Logger,
  PauseGate,
  RandomSource,
  RangeReader,
  StepOptions,
  TransferSource,
} from '@hfx/core'
import type { AbortFan } from './abort-fan.ts'
import type { ByteBudget } from './byte-budget.ts'
import type { ByteRange } from './file-ranges.ts'
import type { HashPool } from './hash-pool.ts'
import type { LaneKind, LanePool } from './lane-pool.ts'
import type { LaneWatch } from './lane-watch.ts'
import type { Locator } from './locate-source.ts'
import type { ResolvedTransferOptions } from './options.ts'
import type { RateLimit } from './rate-limit.ts'
import type { PrintedRange } from './spot-print.ts'
import type { SpaceWatch } from './space-watch.ts'
import type { PartWriter } from './part-buffer.ts'
import type { WholeFileWriter } from './whole-file-writer.ts'

/** What all files of one transfer share. */
export interface TransferEngine {
  readonly rangeReader: RangeReader
  readonly clock: Clock
  readonly random: RandomSource
  readonly logger: Logger
  readonly options: ResolvedTransferOptions
  readonly pool: LanePool
  readonly watch: LaneWatch
  readonly space: SpaceWatch
  readonly budget: ByteBudget
  readonly rateLimit: RateLimit
  readonly hashes: HashPool
  readonly wholeFiles: WholeFileWriter
  readonly aborts: AbortFan
  /** Joins the start and the end of a part on the diagnostics channels. */
  nextPartId(): string
  /** Aborted when the whole transfer is closed. */
  readonly closing: AbortSignal
  /** Counts bytes from the network; the error when there are no more to spend. */
  spend(bytes: number): Error | undefined
}

/** One file whose bytes are being fetched. */
export interface FileTask {
  readonly source: TransferSource
  readonly step: StepOptions
  readonly gate: PauseGate | undefined
  readonly kind: LaneKind
  readonly partBytes: number
  /** False where bytes must come in order, from one connection at a time. */
  readonly splittable: boolean
  readonly writer: PartWriter
  readonly locator: Locator
  readonly totals: FileTotals
  /** Sees bytes in the order of their range, before they are written. */
  onBytes(chunk: Uint8Array, position: number): void
  /** `totals.done` has grown. */
  onWritten(): void
  /** A range, or the first piece of one that was cut, is on disk. */
  onPart(range: PrintedRange): void
}

/** How far a file has come. */
export interface FileTotals {
  /** Sorted ranges that have reached the file. */
  done: readonly ByteRange[]
  fetchedBytes: number
  retries: number
  lastProgressAtMs: number
}
