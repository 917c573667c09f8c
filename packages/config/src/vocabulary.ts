import type { OptionName, OptionSpec } from './option-spec.ts'

export type { OptionKind, OptionName, OptionSpec } from './option-spec.ts'

/** Every option of hfx: the one table from which environment, files, flags, checks and `docs/config.md` come. */
export const vocabulary: Readonly<Record<OptionName, OptionSpec>> = {
  endpoint: {
    kind: 'text',
    doc: 'Address of the Hub or of a mirror. The token goes to its origin only.',
    default: 'https://huggingface.co',
    env: ['HF_ENDPOINT'],
  },
  token: {
    kind: 'text',
    doc: 'Access token. Better kept in HF_TOKEN or by `hfx auth login` than in a file of a project.',
    env: ['HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN'],
    secret: true,
  },
  implicitToken: {
    kind: 'boolean',
    doc: 'Send the stored token although nobody asked for it.',
    default: 'true',
    env: ['HF_HUB_DISABLE_IMPLICIT_TOKEN'],
    inverted: true,
  },
  cacheDir: {
    kind: 'text',
    doc: 'The shared Hub cache.',
    default: '$HF_HOME/hub, that is ~/.cache/huggingface/hub',
    env: ['HF_HUB_CACHE', 'HUGGINGFACE_HUB_CACHE'],
  },
  localDir: { kind: 'text', doc: 'Put real files into this folder instead of the shared cache.' },
  layers: {
    kind: 'list',
    doc: 'Caches that are only read, best first: a baked image, an NFS share.',
    env: ['HFX_LAYERS'],
  },
  userAgent: {
    kind: 'text',
    doc: 'Appended to the user agent, as in my-tool/1.2.',
    env: ['HF_HUB_USER_AGENT_ORIGIN'],
  },
  offline: {
    kind: 'boolean',
    doc: 'Never touch the network.',
    default: 'false',
    env: ['HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE'],
  },
  localFilesOnly: {
    kind: 'boolean',
    doc: 'The same as offline, for one call or client.',
    default: 'false',
  },
  policy: {
    kind: 'policy',
    doc: 'What the local copy may answer: cache-only, cache-first, revalidate, revalidate=<time> or network.',
    default: 'revalidate',
    env: ['HFX_POLICY'],
  },
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
  minBytesPerSecond: {
    kind: 'bytes',
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
  deadlineMs: {
    kind: 'duration',
    doc: 'Longest time for one file; its partial stays.',
    env: ['HFX_DEADLINE'],
  },
  maxRetries: {
    kind: 'count',
    doc: 'Attempts after the first.',
    default: '5',
    env: ['HFX_MAX_RETRIES'],
  },
  retryIntervalMs: {
    kind: 'duration',
    doc: 'Wait before the first retry; it doubles each time.',
    default: '500ms',
    env: ['HFX_RETRY_INTERVAL'],
  },
  maxRetryWaitMs: {
    kind: 'duration',
    doc: 'All waiting of one request together.',
    default: '330s',
    env: ['HFX_MAX_RETRY_WAIT'],
  },
  requestsPerWindow: {
    kind: 'count',
    doc: 'Own limit on requests to the Hub in any five minutes.',
    env: ['HFX_REQUESTS_PER_WINDOW'],
  },
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
    doc: 'Bytes of one ranged request.',
    default: '8MiB',
    env: ['HFX_PART_SIZE'],
  },
  maxBufferedBytes: {
    kind: 'bytes',
    doc: 'Bytes held in memory for the disk.',
    default: '32MiB',
    env: ['HFX_MAX_MEMORY'],
  },
  limitRate: { kind: 'bytes', doc: 'Bytes a second over everything.', env: ['HFX_LIMIT_RATE'] },
  byteBudget: {
    kind: 'bytes',
    doc: 'Bytes over the network after which downloads stop; what arrived is kept.',
    env: ['HFX_BYTE_BUDGET'],
  },
  forceSpace: {
    kind: 'boolean',
    doc: 'Start although the disk seems too small.',
    default: 'false',
    env: ['HFX_FORCE_SPACE'],
  },
  durable: {
    kind: 'boolean',
    doc: 'Flush files to the device before they get their final names.',
    default: 'false',
    env: ['HFX_DURABLE'],
  },
  symlinks: {
    kind: 'boolean',
    doc: 'Make symbolic links in the cache; without, plain files.',
    default: 'true',
    env: ['HF_HUB_DISABLE_SYMLINKS'],
    inverted: true,
  },
  shared: {
    kind: 'choice',
    choices: ['user', 'group'],
    doc: 'Who may use new files of the cache.',
    default: 'user',
    env: ['HFX_SHARED'],
  },
  readOnly: {
    kind: 'boolean',
    doc: 'Write nothing into the cache.',
    default: 'false',
    env: ['HFX_READ_ONLY'],
  },
  proxy: {
    kind: 'text',
    doc: 'A proxy for every request, whatever HTTPS_PROXY says; "none" for none.',
    default: 'from HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY',
    secret: true,
  },
  ca: {
    kind: 'text',
    doc: 'File of further trusted certificates (PEM).',
    default: 'NODE_EXTRA_CA_CERTS, SSL_CERT_FILE, REQUESTS_CA_BUNDLE are read as well',
  },
  cert: { kind: 'text', doc: 'File of the client certificate (PEM).' },
  key: { kind: 'text', doc: 'File of the key of the client certificate (PEM).' },
  verifySsl: {
    kind: 'boolean',
    doc: 'Check server certificates. Off is dangerous and warns.',
    default: 'true',
  },
  ipFamily: {
    kind: 'choice',
    choices: ['auto', '4', '6'],
    doc: 'IP version; auto races both.',
    default: 'auto',
    env: ['HFX_IP_FAMILY'],
  },
  allowedOrigins: {
    kind: 'list',
    doc: 'Origins besides the endpoint that may be asked, redirects included.',
    env: ['HFX_ALLOWED_ORIGINS'],
  },
  progress: {
    kind: 'choice',
    choices: ['auto', 'bars', 'log', 'json', 'none'],
    doc: 'How progress is shown.',
    default: 'auto',
    env: ['HF_PROGRESS_MODE'],
  },
  logLevel: {
    kind: 'choice',
    choices: ['debug', 'info', 'warn', 'error', 'silent'],
    doc: 'Least level of log records.',
    default: 'warn',
    env: ['HF_HUB_VERBOSITY'],
  },
  detailedLogs: {
    kind: 'boolean',
    doc: 'A log record for each file and retry, not only for jobs.',
    default: 'false',
    env: ['HFX_DETAILED_LOGS'],
  },
}

/** Every option's name. */
export const optionNames: readonly OptionName[] = Object.keys(vocabulary).filter(isOptionName)

/** True for the name of an option. */
export function isOptionName(name: string): name is OptionName {
  return Object.hasOwn(vocabulary, name)
}
