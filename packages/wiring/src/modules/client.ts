import { combineSinks } from '@hfx/core'
import { createHubClientOver } from '@hfx/hub'

import { module, provide, type Wire } from '../wire.ts'
import { closeAtEnd } from './close-at-end.ts'
import { CONFIG, EVENT_SINKS, FILE_HASHER, FILE_STORE, FILE_TRANSFER } from './tokens.ts'
import { HUB_API, HUB_CLIENT, systemNeeds } from './tokens.ts'

const players = { api: HUB_API, transfer: FILE_TRANSFER, hasher: FILE_HASHER, store: FILE_STORE }
const needs = { config: CONFIG, sinks: EVENT_SINKS, ...players, ...systemNeeds }
type Needed = 'config' | 'hub_api' | 'file_transfer' | 'file_hasher' | 'file_store'

/** `HUB_CLIENT` over the parts of the application, whoever plays them. It is closed with the application. */
export const clientModule: Wire<'hub_client', Needed> = module('client', [
  provide(HUB_CLIENT, needs, ({ sinks, ...parts }, lifecycle) =>
    closeAtEnd(createHubClientOver(parts, { onEvent: combineSinks(...sinks) }), lifecycle),
  ),
])
