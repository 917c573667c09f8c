import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HubError, Secret, type TokenSource } from '@hfx/core'
import { type Environment, expandPath, hubHome } from './read-environment.ts'

/** A token as a program gives it: text, a function that is asked again after a 401, `false` for none. */
export type TokenOption =
  | string
  | Secret
  | (() => string | undefined | Promise<string | undefined>)
  | false

/** Where {@link createTokenSource} may look. */
export interface TokenSourceOptions {
  readonly token?: TokenOption
  /** Use the environment and the token file when no token is given. @default true */
  readonly implicit?: boolean
}

/** Where a token was found, for `hfx auth whoami`. */
export interface FoundToken {
  readonly token: Secret
  /** `option`, the variable, or the path of the token file. */
  readonly source: string
}

/**
 * The token to send: the option, else `HF_TOKEN`, `HUGGING_FACE_HUB_TOKEN`, else the file that `hf auth login` and
 * `hfx auth login` write. The file is read once, and again after a 401.
 */
export function createTokenSource(env: Environment, options: TokenSourceOptions = {}): TokenSource {
  const { token } = options
  if (token === false) return { getToken: () => Promise.resolve(undefined), ambient: false }
  if (token !== undefined) return explicitSource(token)
  if (options.implicit === false)
    return { getToken: () => Promise.resolve(undefined), ambient: false }
  let found: Promise<FoundToken | undefined> | undefined
  return {
    ambient: true,
    async getToken({ refresh = false } = {}) {
      if (refresh) found = undefined
      found ??= findAmbientToken(env)
      return (await found)?.token
    },
  }
}

/** The token that nobody gave: environment first, then the token file. */
export async function findAmbientToken(env: Environment): Promise<FoundToken | undefined> {
  for (const name of ['HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN'] as const) {
    const text = cleanToken(env[name] ?? '')
    if (text !== '') return { token: checkToken(text, name), source: name }
  }
  const path = tokenPath(env)
  const text = cleanToken(await readIfThere(path))
  return text === '' ? undefined : { token: checkToken(text, path), source: path }
}

/** `HF_TOKEN_PATH`, by default `$HF_HOME/token`. */
export function tokenPath(env: Environment): string {
  const named = env['HF_TOKEN_PATH']
  return named ? expandPath(named, env) : join(hubHome(env), 'token')
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

function cleanToken(text: string): string {
  return text.replace(/[\r\n]/g, '').trim()
}

/** A token goes into a header: what cannot stand there is refused here, without repeating it. */
function checkToken(text: string, source: string): Secret {
  if (/^[\x21-\x7e]+$/.test(text)) return new Secret(text)
  throw new HubError({
    code: 'HUB_TOKEN_INVALID',
    message: `the token from ${source} holds characters that no token has`,
    hint: 'Copy it again from the settings page of the Hub.',
  })
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') return ''
    throw new HubError({
      code: 'HUB_PERMISSION_DENIED',
      message: `the token file ${path} cannot be read`,
      hint: 'Correct its permissions, or set HF_TOKEN.',
      cause: error,
    })
  }
}
