/** What a caller may wish of a transfer. Everything is optional; all limits are hard. */
export interface TransferOptions {
  /**
   * Connections at most, over all files and jobs, and no adapting.
   * @default adaptive: 8, soon 16 where that is faster, for parts of large files, 32, soon 64, while small files (up to 1 MiB) wait
   */
  readonly connections?: number
  /** Bytes per ranged request. Doubled for files past 4 GiB; more where a file would have over 16,384 parts. @default 8_388_608 */
  readonly partBytes?: number
  /** Bytes held in memory for the disk, over all connections; at this mark sockets are paused. @default 16_777_216 */
  readonly maxBufferedBytes?: number
  /** Bytes per second over all connections. Changeable while running with `setRateLimit`. @default no limit */
  readonly limitRate?: number
  /** A connection that is silent for this long is given up and its range asked for again on a new one. @default 10_000 */
  readonly stallTimeoutMs?: number
  /** A connection that brings less than this per second over `minSpeedWindowMs` is replaced, unless all are that slow. @default 10_240 */
  readonly minBytesPerSecond?: number
  /** @default 30_000 */
  readonly minSpeedWindowMs?: number
  /** Attempts of one range that bring nothing before the file fails. Starts anew with each one that does. @default 6 */
  readonly maxAttempts?: number
  /** First wait before a new attempt; doubles up to `maxRetryWaitMs`. @default 500 */
  readonly retryWaitMs?: number
  /** @default 15_000 */
  readonly maxRetryWaitMs?: number
  /** A file that gets no byte for this long, whatever is tried, fails with a `StalledError`. @default 60_000, or 6 × stallTimeoutMs if that is more */
  readonly maxSilentMs?: number
  /** A file that takes longer fails with `HUB_DEADLINE`; its partial stays. @default no deadline */
  readonly deadlineMs?: number
  /** Bytes over the network, all files together, after which every file fails with `HUB_BUDGET_EXCEEDED`. @default no budget */
  readonly byteBudget?: number
  /** Wait until the bytes are on the device before a file counts as finished (`fdatasync`). @default false */
  readonly durable?: boolean
}

/** The wishes with every gap filled. */
export interface ResolvedTransferOptions {
  readonly connections: number | undefined
  readonly partBytes: number
  readonly maxBufferedBytes: number
  readonly limitRate: number | undefined
  readonly stallTimeoutMs: number
  readonly minBytesPerSecond: number
  readonly minSpeedWindowMs: number
  readonly maxAttempts: number
  readonly retryWaitMs: number
  readonly maxRetryWaitMs: number
  readonly maxSilentMs: number
  readonly deadlineMs: number | undefined
  readonly byteBudget: number | undefined
  readonly durable: boolean
}

const defaults = {
  partBytes: 8 * 1024 ** 2,
  maxBufferedBytes: 16 * 1024 ** 2,
  stallTimeoutMs: 10_000,
  minBytesPerSecond: 10 * 1024,
  minSpeedWindowMs: 30_000,
  maxAttempts: 6,
  retryWaitMs: 500,
  maxRetryWaitMs: 15_000,
  maxSilentMs: 60_000,
} as const

/** Fills the gaps. @throws RangeError for a number that cannot be meant */
export function resolveTransferOptions(options: TransferOptions): ResolvedTransferOptions {
  return {
    ...resolveLimits(options),
    ...resolveRetries(options),
    ...resolveSpeeds(options),
    durable: options.durable ?? false,
  }
}

function resolveLimits(
  options: TransferOptions,
): Pick<
  ResolvedTransferOptions,
  'connections' | 'partBytes' | 'maxBufferedBytes' | 'limitRate' | 'deadlineMs' | 'byteBudget'
> {
  const { partBytes, maxBufferedBytes } = options
  return {
    connections: wholeAtLeast(1, 'connections', options.connections),
    partBytes: wholeAtLeast(1024, 'partBytes', partBytes) ?? defaults.partBytes,
    maxBufferedBytes:
      wholeAtLeast(64 * 1024, 'maxBufferedBytes', maxBufferedBytes) ?? defaults.maxBufferedBytes,
    limitRate: checkRate(options.limitRate),
    deadlineMs: atLeast(1, 'deadlineMs', options.deadlineMs),
    byteBudget: wholeAtLeast(0, 'byteBudget', options.byteBudget),
  }
}

function resolveRetries(
  options: TransferOptions,
): Pick<ResolvedTransferOptions, 'maxAttempts' | 'retryWaitMs' | 'maxRetryWaitMs'> {
  const { maxAttempts, retryWaitMs, maxRetryWaitMs } = options
  return {
    maxAttempts: wholeAtLeast(1, 'maxAttempts', maxAttempts) ?? defaults.maxAttempts,
    retryWaitMs: atLeast(0, 'retryWaitMs', retryWaitMs) ?? defaults.retryWaitMs,
    maxRetryWaitMs: atLeast(0, 'maxRetryWaitMs', maxRetryWaitMs) ?? defaults.maxRetryWaitMs,
  }
}

function resolveSpeeds(
  options: TransferOptions,
): Pick<
  ResolvedTransferOptions,
  'stallTimeoutMs' | 'minBytesPerSecond' | 'minSpeedWindowMs' | 'maxSilentMs'
> {
  const { minBytesPerSecond, minSpeedWindowMs, maxSilentMs } = options
  const stallTimeoutMs =
    atLeast(1, 'stallTimeoutMs', options.stallTimeoutMs) ?? defaults.stallTimeoutMs
  const longMs = Math.max(defaults.maxSilentMs, 6 * stallTimeoutMs)
  return {
    stallTimeoutMs,
    minBytesPerSecond:
      atLeast(0, 'minBytesPerSecond', minBytesPerSecond) ?? defaults.minBytesPerSecond,
    minSpeedWindowMs: atLeast(1, 'minSpeedWindowMs', minSpeedWindowMs) ?? defaults.minSpeedWindowMs,
    maxSilentMs: atLeast(1, 'maxSilentMs', maxSilentMs) ?? longMs,
  }
}

/** The rate when it can be kept. @throws RangeError */
export function checkRate(bytesPerSecond: number | undefined): number | undefined {
  return atLeast(1, 'limitRate', bytesPerSecond)
}

function wholeAtLeast(least: number, name: string, value: number | undefined): number | undefined {
  if (value !== undefined && !Number.isSafeInteger(value))
    throw new RangeError(`${name} must be a whole number, not ${value}`)
  return atLeast(least, name, value)
}

function atLeast(least: number, name: string, value: number | undefined): number | undefined {
  if (value !== undefined && (!Number.isFinite(value) || value < least))
    throw new RangeError(`${name} must be at least ${least}, not ${value}`)
  return value
}
