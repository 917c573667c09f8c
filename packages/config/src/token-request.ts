import { type Clock, HubError, type HttpRequest, type Logger, type Transport } from '@hfx/core'

/** What getting and renewing tokens asks for. */
export interface TokenExchangeDeps {
  /** Sends without a token of its own, to the Hub and to the service that gives id tokens. */
  readonly send: Transport['send']
  /** The Hub, without a slash at its end. */
  readonly endpoint: string
  readonly clock: Clock
  readonly logger: Logger
}

/** What the Hub gives for an id token or a refresh token. */
export interface TokenGrant {
  readonly accessToken: string
  readonly refreshToken?: string
  /** Seconds from now. */
  readonly expiresInSeconds?: number
}

/** Asks `/oauth/token` of the Hub. @throws HttpError for a refusal, HubError for an answer without a token */
export async function requestToken(
  deps: TokenExchangeDeps,
  request: Pick<HttpRequest, 'headers' | 'body' | 'retry'>,
): Promise<TokenGrant> {
  const answer = await sendForJson(deps, {
    ...request,
    method: 'POST',
    url: `${deps.endpoint}/oauth/token`,
  })
  const accessToken = textOf(answer['access_token'])
  const refreshToken = textOf(answer['refresh_token'])
  const seconds = Number(answer['expires_in'])
  if (accessToken === '') throw unusable('the answer holds no token')
  return {
    accessToken,
    ...(refreshToken === '' ? {} : { refreshToken }),
    ...(seconds > 0 && Number.isFinite(seconds) ? { expiresInSeconds: seconds } : {}),
  }
}

/** An answer that is an object of JSON. It may hold secrets: neither it nor a part of it gets into an error. */
export async function sendForJson(
  deps: Pick<TokenExchangeDeps, 'send'>,
  request: HttpRequest,
): Promise<Readonly<Record<string, unknown>>> {
  // A redirect would carry a secret somewhere else.
  const { body } = await deps.send({ ...request, redirect: 'none', maxBodyBytes: 1024 * 1024 })
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(body))
    if (typeof parsed === 'object' && parsed !== null) return { ...parsed }
  } catch {
    // The parser's error quotes the answer.
  }
  throw unusable('the answer is no JSON object')
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : ''
}

function unusable(message: string): HubError {
  return new HubError({ code: 'HUB_BAD_RESPONSE', message, hint: 'Check HF_ENDPOINT.' })
}
