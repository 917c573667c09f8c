import { combineSinks } from '@hfx/core'
import { createHubClient } from '@hfx/hub'

import { module, provide, type Wire } from '../wire.ts'
import { closeAtEnd } from './close-at-end.ts'
import { configModule } from './config.ts'
import { givenToken } from './settings.ts'
import { CONFIG, ENVIRONMENT, EVENT_SINKS, HUB_CLIENT, systemNeeds } from './tokens.ts'

const { logger } = systemNeeds
const needs = { config: CONFIG, env: ENVIRONMENT, sinks: EVENT_SINKS, logger }

/** Config sources and a logger in, `HUB_CLIENT` out. It is closed with the application. */
export const hubModule: Wire<'hub_client' | 'config' | 'environment' | 'token_source', never> =
  module('hub', [
    configModule,
    provide(HUB_CLIENT, needs, ({ config, sinks, ...parts }, lifecycle) => {
      const given = { ...config.settings, ...givenToken(config, parts.env), ...parts }
      return closeAtEnd(createHubClient({ ...given, onEvent: combineSinks(...sinks) }), lifecycle)
    }),
  ])
