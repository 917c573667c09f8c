import type { OptionSpec } from '../option-spec.ts'

/** How long to wait, and how often to try. */
export const timeOptions: Readonly<
  Record<
    | 'connectTimeoutMs'
    | 'etagTimeoutMs'
    | 'requestTimeoutMs'
    | 'downloadTimeoutMs'
    | 'stallTimeoutMs'
    | 'deadlineMs'
    | 'maxRetries'
    | 'retryIntervalMs'
    | 'maxRetryWaitMs',
    OptionSpec
  >
> = {
  connectTimeoutMs: {
    kind: 'duration',
    doc: 'Longest time for a connection.',
    default: '10s',
    env: ['HFX_CONNECT_TIMEOUT'],
  },
  etagTimeoutMs: {
    kind: 'duration',
    doc: 'Longest time for the header of an answer.',
    default: '10s',
    env: ['HF_HUB_ETAG_TIMEOUT'],
    seconds: true,
  },
  requestTimeoutMs: {
    kind: 'duration',
    doc: 'Longest time for one whole small request.',
    default: '60s',
    env: ['HFX_REQUEST_TIMEOUT'],
  },
  downloadTimeoutMs: {
    kind: 'duration',
    doc: 'Longest silence inside a body before its connection is given up.',
    default: '20s',
    env: ['HF_HUB_DOWNLOAD_TIMEOUT'],
    seconds: true,
  },
  stallTimeoutMs: {
    kind: 'duration',
    doc: 'Silence after which a range is asked for again on a new connection.',
    default: '10s',
    env: ['HFX_STALL_TIMEOUT'],
  },
  deadlineMs: {
    kind: 'duration',
    doc: 'Longest time for one file; its partial stays.',
    env: ['HFX_DEADLINE'],
  },
  maxRetries: {
    kind: 'count',
    least: 0,
    doc: 'Attempts after the first.',
    default: '5',
    env: ['HFX_MAX_RETRIES'],
  },
  retryIntervalMs: {
    kind: 'duration',
    least: 0,
    doc: 'Wait before the first retry; it doubles each time.',
    default: '500ms',
    env: ['HFX_RETRY_INTERVAL'],
  },
  maxRetryWaitMs: {
    kind: 'duration',
    least: 0,
    doc: 'All waiting of one request together.',
    default: '330s',
    env: ['HFX_MAX_RETRY_WAIT'],
  },
}
