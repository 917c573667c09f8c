import { isHubError } from '@hfx/core'
import { checkToken, cleanToken, type FoundToken, storedTokensPath } from './found-token.ts'
import type { Environment } from './read-environment.ts'
import { readSecretFile, writeSecretFile } from './secret-file.ts'
import { formatStoredTokens, parseStoredTokens, type StoredProfile } from './stored-tokens.ts'
import { withStoreLock } from './store-lock.ts'
import { requestToken, type TokenExchangeDeps, type TokenGrant } from './token-request.ts'

/** A login that ends sooner than this is renewed. */
const marginMs = 24 * 3_600_000
/** After a failure that may pass, it is tried again. */
const againMs = 300_000
/** The client id under which the Hub knows logins by browser; that of its Python client, whose logins we share. */
const defaultClientId = '26be6b09-91c5-47da-9861-d2d2bb7a7e36'

/**
 * The token of the token file, or the one that takes its place when the login ends within a day and the Hub gave
 * the means to renew it. It never fails: what cannot be renewed is used as long as it lasts, with a warning.
 */
export async function renewLogin(
  env: Environment,
  found: FoundToken,
  deps: TokenExchangeDeps,
): Promise<FoundToken> {
  try {
    const login = findLogin(await readProfiles(env), found)
    if (!login) return found
    const dueMs = login.expiresAtMs - marginMs
    if (deps.clock.now() < dueMs) return { ...found, renewAtMs: dueMs }
    return await withStoreLock(storedTokensPath(env), deps.clock, () => renew(env, found, deps))
  } catch (error) {
    const newer = await findNewer(found).catch(() => undefined)
    if (newer) return newer
    const isOver = isHubError(error) && error.message.includes('invalid_grant')
    const advice = isOver ? 'log in again: hfx auth login' : 'it is tried again in five minutes'
    deps.logger.warn(`the login cannot be renewed; ${advice}`, { error })
    return isOver ? found : { ...found, renewAtMs: deps.clock.now() + againMs }
  }
}

/** Under the lock: another process may have been faster. */
async function renew(
  env: Environment,
  found: FoundToken,
  deps: TokenExchangeDeps,
): Promise<FoundToken> {
  const newer = await findNewer(found)
  if (newer) return newer
  const login = findLogin(await readProfiles(env), found)
  if (!login) return found
  const clientId = (env['HF_DEVICE_CODE_OAUTH_CLIENT_ID'] ?? '').trim() || defaultClientId
  const grant = await requestToken(deps, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: login.refreshToken,
      client_id: clientId,
    }).toString(),
    // A refresh token may be good for one use: what is asked twice may be lost.
    retry: false,
  })
  const token = checkToken(grant.accessToken, 'the Hub')
  const endsAtMs = endOf(grant, deps)
  await keep(env, { found, login, grant, endsAtMs })
  return {
    token,
    source: found.source,
    // What is short-lived is renewed late in its life, not with each request.
    ...(endsAtMs === undefined
      ? {}
      : { renewAtMs: Math.max(endsAtMs - marginMs, deps.clock.now() + againMs) }),
  }
}

interface Login {
  readonly profile: StoredProfile
  readonly refreshToken: string
  readonly expiresAtMs: number
}

function findLogin(profiles: readonly StoredProfile[], found: FoundToken): Login | undefined {
  const token = found.token.reveal()
  const profile = profiles.find(({ values }) => values['hf_token'] === token)
  const refreshToken = profile?.values['refresh_token'] ?? ''
  const expiresAtMs = Number(profile?.values['expires_at']) * 1000
  return profile && refreshToken !== '' && expiresAtMs > 0
    ? { profile, refreshToken, expiresAtMs }
    : undefined
}

async function keep(
  env: Environment,
  made: {
    readonly found: FoundToken
    readonly login: Login
    readonly grant: TokenGrant
    readonly endsAtMs: number | undefined
  },
): Promise<void> {
  const { found, login, grant, endsAtMs } = made
  const { expires_at: _old, ...others } = login.profile.values
  const values = {
    ...others,
    hf_token: grant.accessToken,
    refresh_token: grant.refreshToken ?? login.refreshToken,
    ...(endsAtMs === undefined ? {} : { expires_at: String(Math.floor(endsAtMs / 1000)) }),
  }
  const rest = (await readProfiles(env)).filter(({ name }) => name !== login.profile.name)
  const text = formatStoredTokens([...rest, { name: login.profile.name, values }])
  await writeSecretFile(storedTokensPath(env), text)
  // Somebody may have logged in as another account meanwhile.
  const isSame = cleanToken(await readSecretFile(found.source)) === found.token.reveal()
  if (isSame) await writeSecretFile(found.source, grant.accessToken)
}

function endOf(grant: TokenGrant, deps: TokenExchangeDeps): number | undefined {
  return grant.expiresInSeconds === undefined
    ? undefined
    : deps.clock.now() + grant.expiresInSeconds * 1000
}

/** What another process has written into the token file meanwhile. */
async function findNewer({ source, token }: FoundToken): Promise<FoundToken | undefined> {
  const text = cleanToken(await readSecretFile(source))
  return text === '' || text === token.reveal()
    ? undefined
    : { token: checkToken(text, source), source }
}

async function readProfiles(env: Environment): Promise<readonly StoredProfile[]> {
  return parseStoredTokens(await readSecretFile(storedTokensPath(env)))
}
