import type { CachePolicy, LogLevel } from '@hfx/core'

/** Every option with its value; absent where there is none and no default. Times in milliseconds, sizes in bytes. */
export interface Settings {
  readonly endpoint: string
  readonly implicitToken: boolean
  readonly cacheDir: string
  readonly localDir?: string
  readonly layers: readonly string[]
  readonly userAgent?: string
  readonly policy: CachePolicy
  readonly connectTimeoutMs: number
  readonly etagTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly downloadTimeoutMs: number
  readonly stallTimeoutMs: number
  readonly minBytesPerSecond: number
  readonly minSpeedWindowMs: number
  readonly deadlineMs?: number
  readonly maxRetries: number
  readonly retryIntervalMs: number
  readonly maxRetryWaitMs: number
  readonly requestsPerWindow?: number
  readonly maxWorkers: number
  readonly connections?: number
  readonly partBytes: number
  readonly maxBufferedBytes: number
  readonly limitRate?: number
  readonly byteBudget?: number
  readonly forceSpace: boolean
  readonly durable: boolean
  readonly symlinks: boolean
  readonly shared: 'user' | 'group'
  readonly readOnly: boolean
  readonly proxy?: string | false
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly verifySsl: boolean
  readonly ipFamily: 4 | 6 | 'auto'
  readonly allowedOrigins?: readonly string[]
  readonly progress: 'auto' | 'bars' | 'log' | 'json' | 'none'
  readonly logLevel: LogLevel
  readonly detailedLogs: boolean
}
