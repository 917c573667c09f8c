import { createTokenSource, resolveConfig } from '@hfx/config'
import { givenToken } from '@hfx/hub'

import { optional } from '../token.ts'
import { module, provide, type Wire } from '../wire.ts'
import { CONFIG, CONFIG_SOURCES, ENVIRONMENT, TOKEN_SOURCE } from './tokens.ts'

const sources = optional(CONFIG_SOURCES, {})

/** `CONFIG`, `ENVIRONMENT` and `TOKEN_SOURCE` from `CONFIG_SOURCES`. */
export const configModule: Wire<'config' | 'environment' | 'token_source', never> = module(
  'config',
  [
    provide(ENVIRONMENT, { sources }, (parts) => parts.sources.env ?? process.env),
    provide(CONFIG, { sources, env: ENVIRONMENT }, (parts) =>
      resolveConfig({ ...parts.sources, env: parts.env }),
    ),
    provide(TOKEN_SOURCE, { config: CONFIG, env: ENVIRONMENT }, ({ config, env }) => {
      const implicit = config.settings.implicitToken
      return createTokenSource(env, { implicit, ...givenToken(config, env) })
    }),
  ],
)
