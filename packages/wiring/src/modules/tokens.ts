import type { HubApiOptions } from '@hfx/api'
import type { HubCacheOptions } from '@hfx/cache'
import {
  type Clock,
  type FileHasher,
  type FileStore,
  type HubApi,
  type Logger,
  type RandomSource,
  silentLogger,
  systemClock,
  systemRandom,
  type Transport,
} from '@hfx/core'

import { firstOf, type Need, optional, token, type Token } from '../token.ts'

/** The application's logger. */
export const LOGGER: Token<Logger, 'logger'> = token('logger')
/** A logger for the Hub alone; without it `LOGGER` is taken, and without that nothing is logged. */
export const HUB_LOGGER: Token<Logger, 'hub_logger'> = token('hub_logger')
/** Without it, the system's. */
export const CLOCK: Token<Clock, 'clock'> = token('clock')
/** Without it, the system's. */
export const RANDOM: Token<RandomSource, 'random'> = token('random')

/** Small requests. */
export const TRANSPORT: Token<Transport, 'transport'> = token('transport')
/** What the Hub knows. */
export const HUB_API: Token<HubApi, 'hub_api'> = token('hub_api')
/** Hashes off the main thread. */
export const FILE_HASHER: Token<FileHasher, 'file_hasher'> = token('file_hasher')
/** The shared Hub cache. */
export const FILE_STORE: Token<FileStore, 'file_store'> = token('file_store')

/** Without it, the defaults of `@hfx/api`. */
export const HUB_API_OPTIONS: Token<HubApiOptions, 'hub_api_options'> = token('hub_api_options')
/** Where the cache is, and how it is shared. */
export const HUB_CACHE_OPTIONS: Token<HubCacheOptions, 'hub_cache_options'> =
  token('hub_cache_options')

/** `HUB_LOGGER`, else `LOGGER`, else silence. */
export const loggerNeed: Need<Logger, never> = firstOf(HUB_LOGGER, optional(LOGGER, silentLogger))
/** `CLOCK`, else the system's. */
export const clockNeed: Need<Clock, never> = optional(CLOCK, systemClock)
/** `RANDOM`, else the system's. */
export const randomNeed: Need<RandomSource, never> = optional(RANDOM, systemRandom)
