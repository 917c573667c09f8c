import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import {
  adaptLogger,
  anonymous,
  type Clock,
  type FileHasher,
  type FileStore,
  type HubApi,
  type Logger,
  type RandomSource,
  silentLogger,
  systemClock,
  systemRandom,
  type TokenSource,
} from '@hfx/core'
import type { Environment, ResolvedConfig, TokenSourceOptions } from '@hfx/config'
import type { Http, HttpDeps, HttpOptions } from '@hfx/http'
import { buildHubClient } from './build-hub-client.ts'
import { checkClientOptions } from './check-call.ts'
import type { ClientParts, TunableTransfer } from './compose-parts.ts'
import { createEventBus, type EventBus } from './event-bus.ts'
import type { HubClient } from './hub-client.ts'
import type { HubClientOptions } from './options.ts'
import {
  apiOptionsOf,
  cacheOptionsOf,
  givenToken,
  httpOptionsOf,
  transferOptionsOf,
} from './part-options.ts'
import { createSpaceCheck } from './space-check.ts'
import { createTokenExchange, type TokenExchange } from './token-exchange.ts'

/**
 * The Hub in one hand: `const hub = createHubClient()`, `await hub.download('org/model')`. Nothing is read, opened or
 * loaded before the first call. Close it, or use `await using`, when the process goes on without it.
 *
 * The only file that knows which package plays which role; every part can be used, and replaced, without it.
 */
export function createHubClient(options: HubClientOptions = {}): HubClient {
  checkClientOptions(options)
  const logger = options.logger ? adaptLogger(options.logger) : silentLogger
  const bus = createEventBus(logger)
  if (options.onEvent) bus.onAny(options.onEvent)
  return buildHubClient({
    clock: systemClock,
    bus,
    newJobId: randomUUID,
    compose: async () => {
      const parts = await composeParts(options, logger)
      return addListeners(parts, { options, bus })
    },
  })
}

/** Records for a logger that was given, and progress for a terminal, where it was asked for. */
async function addListeners(
  parts: ClientParts,
  given: { readonly options: HubClientOptions; readonly bus: EventBus },
): Promise<ClientParts> {
  const { options, bus } = given
  const { settings } = parts.config
  const env = options.env ?? process.env
  const isShown = isProgressAsked(parts.config, env)
  if (!options.logger && !isShown) return parts
  const { createEventLogger, createRenderer, createTerminal } = await import('@hfx/progress')
  if (options.logger) {
    const leveled = adaptLogger(options.logger, { level: settings.logLevel })
    bus.onAny(createEventLogger(leveled, { detailed: settings.detailedLogs }))
  }
  if (!isShown) return parts
  const terminal = createTerminal(process.stderr)
  const renderer = createRenderer({ terminal, env }, { mode: settings.progress })
  bus.onAny(renderer.sink)
  return {
    ...parts,
    async close() {
      renderer.close()
      await parts.close()
    },
  }
}

/** A library draws for whom it was told to: by the program, a flag or a file. A variable only says how. */
function isProgressAsked({ values }: ResolvedConfig, env: Environment): boolean {
  const source = values['progress']?.source ?? 'default'
  return source !== 'default' && !(source in env)
}

/** Players of your own for the roles of a client, and the options they run on. */
export interface GivenParts extends Pick<ClientParts, 'config' | 'logger'> {
  readonly api: HubApi
  readonly transfer: TunableTransfer
  readonly hasher: FileHasher
  /** The shared cache, or what takes its place. */
  readonly store: FileStore
  readonly clock: Clock
  readonly random: RandomSource
}

/** A client over parts that are made already. They are not closed with it: who made them closes them. */
export function createHubClientOver(
  parts: GivenParts,
  options: Pick<HubClientOptions, 'onEvent'> = {},
): HubClient {
  const bus = createEventBus(parts.logger)
  if (options.onEvent) bus.onAny(options.onEvent)
  return buildHubClient({
    clock: parts.clock,
    bus,
    newJobId: randomUUID,
    compose: () => joinParts(parts, () => Promise.resolve()),
  })
}

/** Reads the options in force and gives every role its player. Packages are loaded here, with the first job. */
export async function composeParts(
  options: HubClientOptions,
  logger: Logger,
): Promise<ClientParts> {
  const env = options.env ?? process.env
  const [
    { createTokenSource, resolveConfig },
    { createHttp },
    { createHubApi },
    transferring,
    caching,
  ] = await Promise.all([
    import('@hfx/config'),
    import('@hfx/http'),
    import('@hfx/api'),
    import('@hfx/transfer'),
    import('@hfx/cache'),
  ])
  const config = await resolveConfig({
    client: configOptions(options),
    env,
    files: options.configFiles ?? false,
    ...(options.flags ? { flags: options.flags } : {}),
  })
  const { token, exchange } = openTokens(
    { createTokenSource, createHttp },
    { options, config, environment: env, logger },
  )
  const http = createHttp(httpOptionsOf({ config, environment: env, token }), { logger })
  const hasher = transferring.createFileHasher()
  const transfer = transferring.createFileTransfer(
    { rangeReader: http.rangeReader, logger },
    transferOptionsOf({ config }),
  )
  const system = { logger, clock: systemClock, random: systemRandom }
  const parts: GivenParts = {
    ...system,
    config,
    transfer,
    hasher,
    api: createHubApi({ transport: http.transport }, apiOptionsOf({ config })),
    store: caching.createHubCache({ ...system, hasher }, cacheOptionsOf({ config })),
  }
  return joinParts(parts, async () => {
    await transfer.close()
    await Promise.all([http.close(), exchange.close(), hasher.close()])
  })
}

/** The token of the options, else the one that the environment, the CI or a login gives. */
function openTokens(
  makers: {
    readonly createTokenSource: (env: Environment, options: TokenSourceOptions) => TokenSource
    readonly createHttp: (options: HttpOptions, deps: HttpDeps) => Http
  },
  given: {
    readonly options: HubClientOptions
    readonly config: ResolvedConfig
    readonly environment: Environment
    readonly logger: Logger
  },
): { readonly token: TokenSource; readonly exchange: TokenExchange } {
  const { options, config, environment, logger } = given
  const { endpoint, implicitToken: implicit } = config.settings
  const exchange = createTokenExchange((origin) => {
    const reaching = httpOptionsOf({ config, environment, token: anonymous })
    return makers.createHttp({ ...reaching, endpoint: origin }, { logger })
  })
  const token = makers.createTokenSource(environment, {
    implicit,
    endpoint,
    send: exchange.send,
    logger,
    ...givenToken(config, environment),
    ...(options.token === undefined ? {} : { token: options.token }),
  })
  return { token, exchange }
}

/** Adds what a client needs beside its players: addresses, local folders, and a look at the disk. */
async function joinParts(parts: GivenParts, close: () => Promise<void>): Promise<ClientParts> {
  const [{ parseHubTarget }, { checkSpace }, { createLocalDir }] = await Promise.all([
    import('@hfx/api'),
    import('@hfx/transfer'),
    import('@hfx/cache'),
  ])
  const { config, api, transfer, logger, store: cache } = parts
  const { endpoint, durable, shared } = config.settings
  return {
    config,
    api,
    transfer,
    logger,
    parseTarget: (text) => parseHubTarget(text, endpoint),
    checkSpace: createSpaceCheck(checkSpace),
    openStore: (localDir) =>
      localDir === undefined
        ? cache
        : createLocalDir(parts, { folder: resolve(localDir), cache, durable, shared }),
    close,
  }
}

/** The options that configuration knows; the others are handed over as objects. */
function configOptions(options: HubClientOptions): Readonly<Record<string, unknown>> {
  const { token, logger, onEvent, env, configFiles, flags, ...rest } = options
  return { ...rest, ...(rest.proxy === false ? { proxy: 'none' } : {}) }
}
