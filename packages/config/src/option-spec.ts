/** How a value is written in text: environment, flags, files. */
export type OptionKind =
  | 'text'
  /** An address with http or https, without credentials and query. */
  | 'url'
  | 'boolean'
  /** A whole number. */
  | 'count'
  /** `20MB`, `64MiB`, or a plain number of bytes. */
  | 'bytes'
  /** `30s`, `500ms`, `2h`; a plain number in an `HF_*` variable means seconds, elsewhere milliseconds. */
  | 'duration'
  | 'list'
  | 'choice'
  | 'policy'

/** What an option is called everywhere, and what it may be. */
export interface OptionSpec {
  readonly kind: OptionKind
  /** For people: what it does, in one sentence. */
  readonly doc: string
  /** What holds when nobody says anything, as text for the reference; absent where there is none. */
  readonly default?: string
  /** Environment variables, first one wins. */
  readonly env?: readonly string[]
  readonly choices?: readonly string[]
  /** Never shown. */
  readonly secret?: boolean
  /** The variable means the opposite: `HF_HUB_DISABLE_…`. */
  readonly inverted?: boolean
  /** The variable's plain numbers are seconds. */
  readonly seconds?: boolean
  /** Smallest number. @default 1 */
  readonly least?: number
  /** A place on disk: `~` and `$NAME` are read in variables and files, and a relative one counts from its file. */
  readonly path?: boolean
}

/** The name of an option, the same in code, files and documents. */
export type OptionName =
  | 'endpoint'
  | 'token'
  | 'implicitToken'
  | 'cacheDir'
  | 'localDir'
  | 'layers'
  | 'userAgent'
  | 'offline'
  | 'localFilesOnly'
  | 'policy'
  | 'connectTimeoutMs'
  | 'etagTimeoutMs'
  | 'requestTimeoutMs'
  | 'downloadTimeoutMs'
  | 'stallTimeoutMs'
  | 'minBytesPerSecond'
  | 'minSpeedWindowMs'
  | 'deadlineMs'
  | 'maxRetries'
  | 'retryIntervalMs'
  | 'maxRetryWaitMs'
  | 'requestsPerWindow'
  | 'maxWorkers'
  | 'connections'
  | 'partBytes'
  | 'maxBufferedBytes'
  | 'limitRate'
  | 'byteBudget'
  | 'forceSpace'
  | 'durable'
  | 'symlinks'
  | 'shared'
  | 'readOnly'
  | 'proxy'
  | 'ca'
  | 'cert'
  | 'key'
  | 'verifySsl'
  | 'ipFamily'
  | 'allowedOrigins'
  | 'progress'
  | 'logLevel'
  | 'detailedLogs'
