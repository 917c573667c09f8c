import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import type { Settings } from '@hfx/config'
import { adaptLogger, type Logger, silentLogger, systemClock, systemRandom } from '@hfx/core'
import { buildHubClient } from './build-hub-client.ts'
import type { ClientParts } from './compose-parts.ts'
import { createEventBus } from './event-bus.ts'
import type { CheckSpace } from './flow.ts'
import type { HubClient } from './hub-client.ts'
import type { HubClientOptions } from './options.ts'

/**
 * The Hub in one hand: `const hub = createHubClient()`, `await hub.download('org/model')`. Nothing is read, opened or
 * loaded before the first call. Close it, or use `await using`, when the process goes on without it.
 *
 * The only file that knows which package plays which role; every part can be used, and replaced, without it.
 */
export function createHubClient(options: HubClientOptions = {}): HubClient {
  const logger = options.logger ? adaptLogger(options.logger) : silentLogger
  const bus = createEventBus(logger)
  if (options.onEvent) bus.onAny(options.onEvent)
  return buildHubClient({
    clock: systemClock,
    bus,
    newJobId: randomUUID,
    compose: () => composeParts(options, logger),
  })
}

/** Reads the options in force and gives every role its player. Packages are loaded here, with the first job. */
export async function composeParts(
  options: HubClientOptions,
  logger: Logger,
): Promise<ClientParts> {
  const env = options.env ?? process.env
  const [{ createTokenSource, resolveConfig }, { createHttp }, hubApi, transferring, caching] =
    await Promise.all([
      import('@hfx/config'),
      import('@hfx/http'),
      import('@hfx/api'),
      import('@hfx/transfer'),
      import('@hfx/cache'),
    ])
  const config = await resolveConfig({
    client: configOptions(options),
    ...(options.flags ? { flags: options.flags } : {}),
    env,
    files: options.configFiles ?? false,
  })
  const { settings } = config
  const given = options.token ?? tokenFromConfig(config.values)
  const token = createTokenSource(env, {
    implicit: settings.implicitToken,
    ...(given === undefined ? {} : { token: given }),
  })
  const http = createHttp({ ...httpOptions(settings, env), token }, { logger })
  const hasher = transferring.createFileHasher()
  const transfer = transferring.createFileTransfer(
    { rangeReader: http.rangeReader, logger },
    transferOptions(settings),
  )
  const cacheDeps = { hasher, clock: systemClock, random: systemRandom, logger }
  const cache = caching.createHubCache(cacheDeps, cacheOptions(settings))
  return {
    config,
    api: hubApi.createHubApi({ transport: http.transport }, { endpoint: settings.endpoint }),
    transfer,
    logger,
    parseTarget: (text) => hubApi.parseHubTarget(text, settings.endpoint),
    checkSpace: createSpaceCheck(transferring.checkSpace),
    openStore: (localDir) =>
      localDir === undefined
        ? cache
        : caching.createLocalDir(cacheDeps, {
            folder: resolve(localDir),
            cache,
            durable: settings.durable,
            shared: settings.shared,
          }),
    async close() {
      await transfer.close()
      await Promise.all([http.close(), hasher.close()])
    },
  }
}

/** The options that configuration knows; the others are handed over as objects. */
function configOptions(options: HubClientOptions): Readonly<Record<string, unknown>> {
  const {
    token: _token,
    logger: _logger,
    onEvent: _onEvent,
    env: _env,
    configFiles: _files,
    flags: _flags,
    ...rest
  } = options
  return { ...rest, ...(rest.proxy === false ? { proxy: 'none' } : {}) }
}

/** A token that a file names is as good as an option; one of the environment is found by the token source. */
function tokenFromConfig(
  values: Readonly<Record<string, { readonly value: unknown; readonly source: string }>>,
): string | undefined {
  const found = values['token']
  if (
    !found ||
    typeof found.value !== 'string' ||
    /^(HF_TOKEN|HUGGING_FACE_HUB_TOKEN)$/.test(found.source)
  )
    return undefined
  return found.value
}

function httpOptions(
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
) {
  const { userAgent, proxy, ca, cert, key, allowedOrigins, requestsPerWindow } = settings
  return {
    endpoint: settings.endpoint,
    environment,
    verifySsl: settings.verifySsl,
    family: settings.ipFamily,
    timeouts: {
      connectMs: settings.connectTimeoutMs,
      headersMs: settings.etagTimeoutMs,
      requestMs: settings.requestTimeoutMs,
      idleMs: settings.downloadTimeoutMs,
    },
    retry: {
      maxRetries: settings.maxRetries,
      baseMs: settings.retryIntervalMs,
      maxWaitMs: settings.maxRetryWaitMs,
    },
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(proxy === undefined ? {} : { proxy }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(allowedOrigins === undefined ? {} : { allowedOrigins }),
    ...(requestsPerWindow === undefined ? {} : { maxRequestsPerWindow: requestsPerWindow }),
  }
}

function transferOptions(settings: Settings) {
  const { connections, limitRate, deadlineMs, byteBudget } = settings
  return {
    partBytes: settings.partBytes,
    maxBufferedBytes: settings.maxBufferedBytes,
    stallTimeoutMs: settings.stallTimeoutMs,
    minBytesPerSecond: settings.minBytesPerSecond,
    maxAttempts: settings.maxRetries + 1,
    retryWaitMs: settings.retryIntervalMs,
    durable: settings.durable,
    ...(connections === undefined ? {} : { connections }),
    ...(limitRate === undefined ? {} : { limitRate }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(byteBudget === undefined ? {} : { byteBudget }),
  }
}

function cacheOptions(settings: Settings) {
  return {
    root: resolve(settings.cacheDir),
    layers: settings.layers.map((layer) => resolve(layer)),
    readOnly: settings.readOnly,
    disableSymlinks: !settings.symlinks,
    durable: settings.durable,
    shared: settings.shared,
  }
}

/** The volume check as the flow asks for it: too little is an error, unknown is told. */
function createSpaceCheck(check: typeof import('@hfx/transfer').checkSpace): CheckSpace {
  return async ({ folder, needBytes, context }) => {
    const reports = await check([{ folder, bytes: needBytes }])
    if (reports.every((report) => report.verdict !== 'unknown')) return
    context.emit({
      type: 'job:warning',
      code: 'SPACE_UNKNOWN',
      message: `the free space of ${folder} cannot be found; ${needBytes} bytes will be written`,
    })
  }
}
