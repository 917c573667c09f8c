import { apiOptionsOf, cacheOptionsOf, httpOptionsOf, transferOptionsOf } from '@hfx/hub'

import { module, provide, type Wire } from '../wire.ts'
import { CONFIG, ENVIRONMENT, HTTP_OPTIONS, HUB_API_OPTIONS, TOKEN_SOURCE } from './tokens.ts'
import { HUB_CACHE_OPTIONS, TRANSFER_OPTIONS } from './tokens.ts'

type Options = 'http_options' | 'hub_api_options' | 'transfer_options' | 'hub_cache_options'
const config = { config: CONFIG }
const needs = { ...config, environment: ENVIRONMENT, token: TOKEN_SOURCE }

/** What `CONFIG` says to each package. */
export const optionsModule: Wire<Options, 'config' | 'environment' | 'token_source'> = module(
  'options',
  [
    provide(HTTP_OPTIONS, needs, httpOptionsOf),
    provide(HUB_API_OPTIONS, config, apiOptionsOf),
    provide(TRANSFER_OPTIONS, config, transferOptionsOf),
    provide(HUB_CACHE_OPTIONS, config, cacheOptionsOf),
  ],
)
