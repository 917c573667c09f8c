import { createHubCache } from '@hfx/cache'

import { module, provide, type Wire } from '../wire.ts'
import { FILE_HASHER, FILE_STORE, HUB_CACHE_OPTIONS, systemNeeds } from './tokens.ts'

const needs = { hasher: FILE_HASHER, options: HUB_CACHE_OPTIONS, ...systemNeeds }

/** `FILE_STORE`, the shared Hub cache, where `HUB_CACHE_OPTIONS` says. */
export const cacheModule: Wire<'file_store', 'file_hasher' | 'hub_cache_options'> = module(
  'cache',
  [provide(FILE_STORE, needs, ({ options, ...deps }) => createHubCache(deps, options))],
)
