import type { HubApiOptions } from '@hfx/api'
import type { HubCacheOptions } from '@hfx/cache'
import type { ConfigSources, Environment, ResolvedConfig } from '@hfx/config'
import type { Http, HttpOptions } from '@hfx/http'
import type { HubClient } from '@hfx/hub'
import {
  type Clock,
  type EventSink,
  type FileHasher,
  type FileStore,
  type HubApi,
  type Logger,
  type RandomSource,
  type RangeReader,
  silentLogger,
  systemClock,
  systemRandom,
  type TokenSource,
  type Transport,
} from '@hfx/core'
import type { Terminal } from '@hfx/progress'
import type { TransferOptions, TunableFileTransfer } from '@hfx/transfer'

import {
  firstOf,
  groupToken,
  type GroupToken,
  type Need,
  optional,
  token,
  type Token,
} from '../token.ts'

/** The application's logger. */
export const LOGGER: Token<Logger, 'logger'> = token('logger')
/** A logger for the Hub alone; without it `LOGGER` is taken, and without that nothing is logged. */
export const HUB_LOGGER: Token<Logger, 'hub_logger'> = token('hub_logger')
/** Without it, the system's. */
export const CLOCK: Token<Clock, 'clock'> = token('clock')
/** Without it, the system's. */
export const RANDOM: Token<RandomSource, 'random'> = token('random')

/** Where options come from. Without it: the environment of the process, and no files. */
export const CONFIG_SOURCES: Token<Partial<ConfigSources>, 'config_sources'> = token(
  'config_sources',
)
/** The variables in force. */
export const ENVIRONMENT: Token<Environment, 'environment'> = token('environment')
/** Every option with its value and where it came from. */
export const CONFIG: Token<ResolvedConfig, 'config'> = token('config')
/** Where the Hub token comes from. */
export const TOKEN_SOURCE: Token<TokenSource, 'token_source'> = token('token_source')
/** The Hub in one hand. */
export const HUB_CLIENT: Token<HubClient, 'hub_client'> = token('hub_client')
/** Each hears every event of every job: a progress renderer, a metric, a log. */
export const EVENT_SINKS: GroupToken<EventSink, 'event_sinks'> = groupToken('event_sinks')
/** Where progress is drawn: `createTerminal(process.stderr)`. */
export const TERMINAL: Token<Terminal, 'terminal'> = token('terminal')
/** Small requests. */
export const TRANSPORT: Token<Transport, 'transport'> = token('transport')
/** Byte ranges. */
export const RANGE_READER: Token<RangeReader, 'range_reader'> = token('range_reader')
/** Both, as one: who needs their connections to be the same asks for this. */
export const HTTP: Token<Http, 'http'> = token('http')
/** What the Hub knows. */
export const HUB_API: Token<HubApi, 'hub_api'> = token('hub_api')
/** Hashes off the main thread. */
export const FILE_HASHER: Token<FileHasher, 'file_hasher'> = token('file_hasher')
/** Bytes to disk, over one pool of lanes. */
export const FILE_TRANSFER: Token<TunableFileTransfer, 'file_transfer'> = token('file_transfer')
/** The shared Hub cache. */
export const FILE_STORE: Token<FileStore, 'file_store'> = token('file_store')

/** Without it, the defaults of `@hfx/http`: the Hub, anonymously. */
export const HTTP_OPTIONS: Token<HttpOptions, 'http_options'> = token('http_options')
/** Without it, the defaults of `@hfx/transfer`. */
export const TRANSFER_OPTIONS: Token<TransferOptions, 'transfer_options'> =
  token('transfer_options')
/** Without it, the defaults of `@hfx/api`. */
export const HUB_API_OPTIONS: Token<HubApiOptions, 'hub_api_options'> = token('hub_api_options')
/** Where the cache is, and how it is shared. */
export const HUB_CACHE_OPTIONS: Token<HubCacheOptions, 'hub_cache_options'> =
  token('hub_cache_options')

/** What every part may ask for and nobody has to provide: a logger for the Hub, else any, else silence; time; chance. */
export const systemNeeds: {
  readonly logger: Need<Logger, never>
  readonly clock: Need<Clock, never>
  readonly random: Need<RandomSource, never>
} = {
  logger: firstOf(HUB_LOGGER, optional(LOGGER, silentLogger)),
  clock: optional(CLOCK, systemClock),
  random: optional(RANDOM, systemRandom),
}
