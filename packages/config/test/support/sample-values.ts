import type { OptionName, OptionValue, Settings } from '../../src/index.ts'

/** A value that is not the default, as text and as it is read. */
export interface Sample {
  readonly text: string
  readonly value: OptionValue
  /** How the setting shows it, where that differs. */
  readonly setting?: Partial<Settings>
  /** The same as a program writes it. @default value */
  readonly native?: unknown
}

const cacheOnly = { policy: { kind: 'cache-only' } } as const

/** One sample for each option: the compiler asks for all of them. */
export const samples: Readonly<Record<OptionName, Sample>> = {
  endpoint: { text: 'https://hub.example/hf/', value: 'https://hub.example/hf' },
  token: { text: 'hf_sample', value: 'hf_sample', setting: {} },
  implicitToken: { text: 'no', value: false, native: false },
  userAgent: { text: 'my-tool/1.2', value: 'my-tool/1.2' },
  offline: { text: 'on', value: true, native: true, setting: cacheOnly },
  localFilesOnly: { text: 'yes', value: true, native: true, setting: cacheOnly },
  cacheDir: { text: '/sample/cache', value: '/sample/cache' },
  localDir: { text: '/sample/folder', value: '/sample/folder' },
  layers: { text: '/sample/a, /sample/my b', value: ['/sample/a', '/sample/my b'] },
  policy: { text: 'revalidate=1h', value: { kind: 'revalidate', ttlMs: 3_600_000 } },
  symlinks: { text: 'off', value: false, native: false },
  shared: { text: 'group', value: 'group' },
  readOnly: { text: '1', value: true, native: true },
  forceSpace: { text: 'TRUE', value: true, native: true },
  durable: { text: 'true', value: true, native: true },
  connectTimeoutMs: { text: '3s', value: 3000 },
  etagTimeoutMs: { text: '4s', value: 4000 },
  requestTimeoutMs: { text: '2m', value: 120_000 },
  downloadTimeoutMs: { text: '500ms', value: 500 },
  stallTimeoutMs: { text: '7s', value: 7000 },
  deadlineMs: { text: '2h', value: 7_200_000 },
  maxRetries: { text: '0', value: 0 },
  retryIntervalMs: { text: '1.5s', value: 1500 },
  maxRetryWaitMs: { text: '1m', value: 60_000 },
  maxWorkers: { text: '3', value: 3 },
  connections: { text: '2', value: 2 },
  partBytes: { text: '1MiB', value: 1_048_576 },
  maxBufferedBytes: { text: '64MB', value: 64_000_000 },
  limitRate: { text: '20MB/s', value: 20_000_000 },
  byteBudget: { text: '1.5 GB', value: 1_500_000_000 },
  requestsPerWindow: { text: '900', value: 900 },
  minBytesPerSecond: { text: '0', value: 0 },
  minSpeedWindowMs: { text: '1d', value: 86_400_000 },
  proxy: { text: 'http://proxy.example:3128', value: 'http://proxy.example:3128' },
  ca: { text: '/sample/ca.pem', value: '/sample/ca.pem' },
  cert: { text: '/sample/cert.pem', value: '/sample/cert.pem' },
  key: { text: '/sample/key.pem', value: '/sample/key.pem' },
  verifySsl: { text: 'false', value: false, native: false },
  ipFamily: { text: '6', value: '6', native: 6, setting: { ipFamily: 6 } },
  allowedOrigins: { text: 'https://cdn.example', value: ['https://cdn.example'] },
  progress: { text: 'json', value: 'json' },
  logLevel: { text: 'debug', value: 'debug' },
  detailedLogs: { text: '1', value: true, native: true },
}
