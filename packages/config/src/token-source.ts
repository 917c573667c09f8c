import {
  type Clock,
  type Logger,
  Secret,
  silentLogger,
  systemClock,
  type TokenSource,
  type Transport,
} from '@hfx/core'
import { findAmbientToken } from './ambient-token.ts'
import { checkToken, cleanToken, type FoundToken } from './found-token.ts'
import type { Environment } from './read-environment.ts'
import type { TokenExchangeDeps } from './token-request.ts'

/** A token as a program gives it: text, a function that is asked again after a 401, `false` for none. */
export type TokenOption =
  | string
  | Secret
  | (() => string | undefined | Promise<string | undefined>)
  | false

/** Where a token may come from. */
export interface TokenSourceOptions {
  readonly token?: TokenOption
  /** Use the environment and the token file when no token is given. @default true */
  readonly implicit?: boolean
  /**
   * Sends requests without a token of its own; with it the id token of a CI job is exchanged (`HF_OIDC_RESOURCE`) and
   * a login that ends soon is renewed. @default none: that resource is an error, and logins are used as they are
   */
  readonly send?: Transport['send']
  /** The Hub that is asked for tokens. @default 'https://huggingface.co' */
  readonly endpoint?: string
  /** @default the system's */
  readonly clock?: Clock
  /** Hears of logins that cannot be renewed. @default none */
  readonly logger?: Logger
}

const nothing: TokenSource = { getToken: () => Promise.resolve(undefined), ambient: false }

/**
 * The token to send: the option, else `HF_TOKEN`, `HUGGING_FACE_HUB_TOKEN`, else one in exchange for the id token of
 * a CI job, else the file that `hf auth login` and `hfx auth login` write. What was found is kept until it ends, and
 * looked for again after a 401.
 */
export function createTokenSource(env: Environment, options: TokenSourceOptions = {}): TokenSource {
  const { token, clock = systemClock } = options
  if (token === false) return nothing
  if (token !== undefined) return explicitSource(token)
  if (options.implicit === false) return nothing
  const deps = exchangeDeps(options, clock)
  let found: Promise<FoundToken | undefined> | undefined
  let isLooking = false

  /** A failure is told to everybody who waits, and to nobody after. */
  async function find(): Promise<FoundToken | undefined> {
    isLooking = true
    try {
      return await findAmbientToken(env, deps)
    } catch (error) {
      found = undefined
      throw error
    } finally {
      isLooking = false
    }
  }

  return {
    ambient: true,
    async getToken({ refresh = false } = {}) {
      // Of many requests that are refused at once, one looks again for all.
      if (refresh && !isLooking) found = undefined
      found ??= find()
      const seen = found
      const current = await seen
      if (!isEnding(current, clock)) return current?.token
      // Of many who see that it ends, one renews it.
      if (found === seen) found = find()
      return (await found)?.token
    },
  }
}

function isEnding(token: FoundToken | undefined, clock: Clock): boolean {
  return token?.renewAtMs !== undefined && clock.now() >= token.renewAtMs
}

function exchangeDeps(options: TokenSourceOptions, clock: Clock): TokenExchangeDeps | undefined {
  const { send, endpoint = 'https://huggingface.co', logger = silentLogger } = options
  return send && { send, endpoint, clock, logger }
}

function explicitSource(token: Exclude<TokenOption, false>): TokenSource {
  return {
    ambient: false,
    async getToken() {
      const value = typeof token === 'function' ? await token() : token
      if (value === undefined || value === '') return undefined
      return value instanceof Secret ? value : checkToken(cleanToken(value), 'the token option')
    },
  }
}
