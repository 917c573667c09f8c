import { createTokenSource, resolveConfig } from '@hfx/config'
import { anonymous } from '@hfx/core'
import { createHttp } from '@hfx/http'
import { createTokenExchange, givenToken, httpOptionsOf } from '@hfx/hub'

import { optional } from '../token.ts'
import { module, provide, type Wire } from '../wire.ts'
import { closeAtEnd } from './close-at-end.ts'
import { CONFIG, CONFIG_SOURCES, ENVIRONMENT, systemNeeds, TOKEN_SOURCE } from './tokens.ts'

const sources = optional(CONFIG_SOURCES, {})

/** `CONFIG`, `ENVIRONMENT` and `TOKEN_SOURCE` from `CONFIG_SOURCES`. */
export const configModule: Wire<'config' | 'environment' | 'token_source', never> = module(
  'config',
  [
    provide(ENVIRONMENT, { sources }, (parts) => parts.sources.env ?? process.env),
    provide(CONFIG, { sources, env: ENVIRONMENT }, (parts) =>
      resolveConfig({ ...parts.sources, env: parts.env }),
    ),
    provide(TOKEN_SOURCE, { config: CONFIG, env: ENVIRONMENT, ...systemNeeds }, (parts, life) => {
      const { config, env, ...system } = parts
      const { endpoint, implicitToken: implicit } = config.settings
      const reaching = httpOptionsOf({ config, environment: env, token: anonymous })
      const { send } = closeAtEnd(
        createTokenExchange((origin) => createHttp({ ...reaching, endpoint: origin }, system)),
        life,
      )
      return createTokenSource(env, {
        ...system,
        implicit,
        endpoint,
        send,
        ...givenToken(config, env),
      })
    }),
  ],
)
