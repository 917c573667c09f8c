import { exchangeIdToken } from './exchange-id-token.ts'
import { checkToken, cleanToken, type FoundToken, tokenPath } from './found-token.ts'
import type { Environment } from './read-environment.ts'
import { renewLogin } from './renew-login.ts'
import { readSecretFile } from './secret-file.ts'
import type { TokenExchangeDeps } from './token-request.ts'

/**
 * The token that nobody gave: `HF_TOKEN`, `HUGGING_FACE_HUB_TOKEN`; with `HF_OIDC_RESOURCE` a token in exchange for
 * the id token of the CI job; then the token file. Without `deps` nothing is exchanged or renewed.
 * @throws HubError `HUB_TOKEN_EXCHANGE_FAILED`: who asks for the exchange does not mean another token
 */
export async function findAmbientToken(
  env: Environment,
  deps?: TokenExchangeDeps,
): Promise<FoundToken | undefined> {
  const named = findVariable(env)
  if (named) return named
  if (isExchangeAsked(env)) return exchangeIdToken(env, deps)
  const path = tokenPath(env)
  const text = cleanToken(await readSecretFile(path))
  if (text === '') return undefined
  const found = { token: checkToken(text, path), source: path }
  return deps ? renewLogin(env, found, deps) : found
}

/** Where the token comes from that nobody gave: a variable or the token file. Asks no server. */
export async function findTokenPlace(env: Environment): Promise<string | undefined> {
  const named = findVariable(env)?.source
  if (named !== undefined) return named
  return isExchangeAsked(env) ? 'HF_OIDC_RESOURCE' : (await findAmbientToken(env))?.source
}

/** The legacy name counts while `HF_TOKEN` is unset or empty; one that holds blanks only is set, as Python sees it. */
function findVariable(env: Environment): FoundToken | undefined {
  const name = env['HF_TOKEN'] ? 'HF_TOKEN' : 'HUGGING_FACE_HUB_TOKEN'
  const text = cleanToken(env[name] ?? '')
  return text === '' ? undefined : { token: checkToken(text, name), source: name }
}

function isExchangeAsked(env: Environment): boolean {
  return (env['HF_OIDC_RESOURCE'] ?? '').trim() !== ''
}
