import { type Secret, type TokenSource } from '@hfx/core'
import type { ResolvedHttpOptions } from './options.ts'

export interface Credentials {
  /** Headers for the Hub origin: the token and the caller's own. */
  readonly headers: Readonly<Record<string, string>>
  readonly sentToken: Secret | undefined
}

/** What the Hub origin may see. `token: false` makes the request anonymous. */
export async function credentialsFor(
  options: ResolvedHttpOptions,
  ask: { readonly source: TokenSource; readonly refresh: boolean },
): Promise<Credentials> {
  const token = await ask.source.getToken({ refresh: ask.refresh })
  const own: Record<string, string> = {}
  // Any letter case: `Authorization` next to `authorization` would send both.
  for (const [name, value] of Object.entries(options.headers)) own[name.toLowerCase()] = value
  if (token) own['authorization'] = `Bearer ${token.reveal()}`
  return { headers: own, sentToken: token }
}

const forHubOnly = new Set(['authorization', 'cookie', 'proxy-authorization'])

/**
 * Headers of one hop. The token and what the caller set for the Hub go to the Hub's origin only, and never again
 * once the way has left it: a stranger must not be able to send us back with a request of its choice.
 */
export function headersForHop(
  request: { readonly headers: Readonly<Record<string, string>> },
  hop: { readonly trusted: boolean; readonly credentials: Credentials },
): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) {
    const lower = name.toLowerCase()
    if (hop.trusted || !forHubOnly.has(lower)) headers[lower] = value
  }
  return hop.trusted ? { ...headers, ...hop.credentials.headers } : headers
}
