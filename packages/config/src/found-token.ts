import { dirname, join } from 'node:path'
import { HubError, Secret } from '@hfx/core'
import { type Environment, expandPath, hubHome } from './read-environment.ts'

/** A token that was found and where, as `hfx auth whoami` tells it. */
export interface FoundToken {
  readonly token: Secret
  /** `option`, the variable, or the path of the token file. */
  readonly source: string
  /** Milliseconds since the epoch after which to look again; absent where it lasts. */
  readonly renewAtMs?: number
}

/** `HF_TOKEN_PATH`, by default `$HF_HOME/token`. */
export function tokenPath(env: Environment): string {
  const named = env['HF_TOKEN_PATH']
  return named ? expandPath(named, env) : join(hubHome(env), 'token')
}

/** The file of all logins, beside the token file. */
export function storedTokensPath(env: Environment): string {
  return join(dirname(tokenPath(env)), 'stored_tokens')
}

/** Without line ends and blanks around, as it is read from files and variables. */
export function cleanToken(text: string): string {
  return text.replace(/[\r\n]/g, '').trim()
}

/** A token goes into a header: what cannot stand there is refused here, without repeating it. */
export function checkToken(text: string, source: string): Secret {
  if (/^[\x21-\x7e]+$/.test(text)) return new Secret(text)
  throw new HubError({
    code: 'HUB_TOKEN_INVALID',
    message: `the token from ${source} holds characters that no token has`,
    hint: 'Copy it again from the settings page of the Hub.',
  })
}
