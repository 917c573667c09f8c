import { createHubApi } from '@hfx/api'

import { optional } from '../token.ts'
import { module, provide, type Wire } from '../wire.ts'
import { HUB_API, HUB_API_OPTIONS, TRANSPORT } from './tokens.ts'

/** `HUB_API` over a `TRANSPORT`. */
export const apiModule: Wire<'hub_api', 'transport'> = module('api', [
  provide(
    HUB_API,
    { transport: TRANSPORT, options: optional(HUB_API_OPTIONS, {}) },
    ({ transport, options }) => createHubApi({ transport }, options),
  ),
])
