import type { OptionSpec } from '../option-spec.ts'

/** How much at once, and how fast. */
export const speedOptions: Readonly<
  Record<
    | 'maxWorkers'
    | 'connections'
    | 'partBytes'
    | 'maxBufferedBytes'
    | 'limitRate'
    | 'byteBudget'
    | 'requestsPerWindow'
    | 'minBytesPerSecond'
    | 'minSpeedWindowMs',
    OptionSpec
  >
> = {
  maxWorkers: {
    kind: 'count',
    doc: 'Files under way at once; the lanes bound what is on the wire.',
    default: '64',
    env: ['HFX_MAX_WORKERS'],
  },
  connections: {
    kind: 'count',
    doc: 'Connections for data, fixed instead of adapting.',
    env: ['HFX_CONNECTIONS'],
  },
  partBytes: {
    kind: 'bytes',
    least: 1024,
    doc: 'Bytes of one ranged request.',
    default: '8MiB',
    env: ['HFX_PART_SIZE'],
  },
  maxBufferedBytes: {
    kind: 'bytes',
    least: 65_536,
    doc: 'Bytes held in memory for the disk.',
    default: '16MiB',
    env: ['HFX_MAX_MEMORY'],
  },
  limitRate: { kind: 'bytes', doc: 'Bytes a second over everything.', env: ['HFX_LIMIT_RATE'] },
  byteBudget: {
    kind: 'bytes',
    least: 0,
    doc: 'Bytes over the network after which downloads stop; what arrived is kept.',
    env: ['HFX_BYTE_BUDGET'],
  },
  requestsPerWindow: {
    kind: 'count',
    doc: 'Own limit on requests to the Hub in any five minutes.',
    env: ['HFX_REQUESTS_PER_WINDOW'],
  },
  minBytesPerSecond: {
    kind: 'bytes',
    least: 0,
    doc: 'A connection slower than this, and slower than its peers, is replaced.',
    default: '10KiB',
    env: ['HFX_MIN_SPEED'],
  },
  minSpeedWindowMs: {
    kind: 'duration',
    doc: 'How long a connection may be that slow.',
    default: '30s',
    env: ['HFX_MIN_SPEED_WINDOW'],
  },
}
