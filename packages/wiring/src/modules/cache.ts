import { createHubCache } from '@hfx/cache'

import { module, provide, type Wire } from '../wire.ts'
import {
  clockNeed,
  FILE_HASHER,
  FILE_STORE,
  HUB_CACHE_OPTIONS,
  loggerNeed,
  randomNeed,
} from './tokens.ts'

/** `FILE_STORE`, the shared Hub cache, where `HUB_CACHE_OPTIONS` says. */
export const cacheModule: Wire<'file_store', 'file_hasher' | 'hub_cache_options'> = module(
  'cache',
  [
    provide(
      FILE_STORE,
      {
        hasher: FILE_HASHER,
        options: HUB_CACHE_OPTIONS,
        clock: clockNeed,
        random: randomNeed,
        logger: loggerNeed,
      },
      ({ options, ...deps }) => createHubCache(deps, options),
    ),
  ],
)
