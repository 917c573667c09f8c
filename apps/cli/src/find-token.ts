import { findAmbientToken, type FoundToken, type ResolvedConfig } from '@hfx/config'
import { anonymous, silentLogger, systemClock } from '@hfx/core'
import { createHttp } from '@hfx/http'
import { createTokenExchange, httpOptionsOf, type TokenExchange } from '@hfx/hub'
import type { CliIo } from './io.ts'
import { readConfig } from './open-hub.ts'

/** The token that is in force: of the environment, in exchange for the id token of a CI job, or of a login. */
export async function findToken(io: CliIo): Promise<FoundToken | undefined> {
  const config = await readConfig(io, {})
  // A project file that names another Hub gets none of our tokens, nor what they are made of.
  if (!config.settings.implicitToken) return findAmbientToken(io.env)
  const exchange = openExchange(io, config)
  try {
    return await findAmbientToken(io.env, {
      send: exchange.send,
      endpoint: config.settings.endpoint,
      clock: systemClock,
      logger: silentLogger,
    })
  } finally {
    await exchange.close()
  }
}

/** How tokens are got and renewed, through the proxy and certificates in force. */
export function openExchange(io: CliIo, config: ResolvedConfig): TokenExchange {
  const reaching = httpOptionsOf({ config, environment: io.env, token: anonymous })
  return createTokenExchange((endpoint) => createHttp({ ...reaching, endpoint }))
}
