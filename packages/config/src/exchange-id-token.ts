import { HubError, isHubError } from '@hfx/core'
import { type FoundToken, checkToken } from './found-token.ts'
import { isTrue } from './parse-value.ts'
import type { Environment } from './read-environment.ts'
import { requestToken, sendForJson, type TokenExchangeDeps } from './token-request.ts'

/** Tokens that we can have again are renewed this long before their end. */
const marginMs = 300_000
const defaultSeconds = 3600

/**
 * A token of the Hub for the id token of a CI job, for what `HF_OIDC_RESOURCE` names: no secret has to be kept in
 * the CI. The id token is that of `HF_OIDC_ID_TOKEN`, else GitHub Actions is asked for one.
 * @throws HubError `HUB_TOKEN_EXCHANGE_FAILED`
 */
export async function exchangeIdToken(
  env: Environment,
  deps: TokenExchangeDeps | undefined,
): Promise<FoundToken> {
  const source = 'HF_OIDC_RESOURCE'
  if (!deps) throw failed('nothing here can ask the Hub for a token')
  const given = (env['HF_OIDC_ID_TOKEN'] ?? '').trim()
  const idToken = given === '' ? await mintIdToken(env, deps) : given
  try {
    const grant = await requestToken(deps, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
        subject_token: idToken,
        resource: (env[source] ?? '').trim(),
      }),
    })
    const endsAtMs = deps.clock.now() + (grant.expiresInSeconds ?? defaultSeconds) * 1000
    return {
      token: checkToken(grant.accessToken, source),
      source,
      renewAtMs: given === '' ? endsAtMs - marginMs : endsAtMs,
    }
  } catch (error) {
    throw failed(`${deps.endpoint} gives no token for it`, error)
  }
}

async function mintIdToken(env: Environment, deps: TokenExchangeDeps): Promise<string> {
  const address = env['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? ''
  const secret = env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? ''
  if (!isTrue(env['GITHUB_ACTIONS'] ?? '') || !URL.canParse(address) || secret === '')
    throw failed('there is no id token')
  const url = new URL(address)
  url.searchParams.set('audience', deps.endpoint)
  try {
    const headers = { authorization: `Bearer ${secret}`, accept: 'application/json' }
    const { value } = await sendForJson(deps, { method: 'GET', url: url.href, headers })
    if (typeof value === 'string' && value !== '') return value
  } catch (error) {
    throw failed('GitHub gives no id token', error)
  }
  throw failed('GitHub gives no id token')
}

function failed(why: string, cause?: unknown): HubError {
  const reason = isHubError(cause) ? `: ${cause.message}` : ''
  return new HubError({
    code: 'HUB_TOKEN_EXCHANGE_FAILED',
    message: `HF_OIDC_RESOURCE is set, but ${why}${reason}`,
    hint: 'In GitHub Actions the job needs "permissions: id-token: write"; elsewhere set HF_OIDC_ID_TOKEN. The resource must trust this repository or pipeline.',
    cause,
  })
}
