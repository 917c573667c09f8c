import { type Answer, answerJson } from '../answer.ts'
import { type HubRequest } from '../hub-request.ts'
import { type HubState } from '../hub-state.ts'
import { type HubUser } from '../options.ts'
import { parseJson } from './paths-info.ts'

const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange'
const idTokenType = 'urn:ietf:params:oauth:token-type:id_token'
const tokenLifeSeconds = 3600

/** `POST /oauth/token`: an id token (JSON) or a refresh token (form) against an access token. */
export async function answerOauthToken(state: HubState, request: HubRequest): Promise<Answer> {
  const fields = parseFields(request.headers['content-type'] ?? '', (await request.body()) ?? '')
  const kind = fields['grant_type']
  if (kind === exchange) return exchangeIdToken(state, fields)
  if (kind === 'refresh_token') return refreshToken(state, fields)
  return refuse('unsupported_grant_type', `grant_type ${kind ?? 'missing'} is not supported`)
}

function exchangeIdToken(state: HubState, fields: Fields): Answer {
  if (fields['subject_token_type'] !== idTokenType)
    return refuse('invalid_request', 'subject_token_type must be an id_token')
  if (!fields['resource']) return refuse('invalid_request', 'resource is missing')
  const user = findUser(state, (one) => one.idToken, fields['subject_token'])
  if (!user) return refuse('invalid_grant', 'the id token is not trusted for this resource')
  return grant(user, {})
}

function refreshToken(state: HubState, fields: Fields): Answer {
  if (!fields['client_id']) return refuse('invalid_request', 'client_id is missing')
  const user = findUser(state, (one) => one.refreshToken, fields['refresh_token'])
  if (!user) return refuse('invalid_grant', 'the refresh token is invalid or has been revoked')
  return grant(user, { refresh_token: user.refreshToken })
}

function findUser(
  state: HubState,
  secretOf: (user: HubUser) => string | undefined,
  given: string | undefined,
): HubUser | undefined {
  if (given === undefined) return undefined
  return state.options.users.find((user) => secretOf(user) === given)
}

function grant(user: HubUser, extra: Readonly<Record<string, unknown>>): Answer {
  return answerJson({
    access_token: user.token,
    token_type: 'bearer',
    expires_in: tokenLifeSeconds,
    ...extra,
  })
}

function refuse(error: string, description: string): Answer {
  return answerJson({ error, error_description: description }, {}, 400)
}

type Fields = Readonly<Record<string, string | undefined>>

function parseFields(contentType: string, body: string): Fields {
  if (!contentType.startsWith('application/json'))
    return Object.fromEntries(new URLSearchParams(body))
  const json = parseJson(body)
  if (typeof json !== 'object' || json === null) return {}
  const texts = Object.entries(json).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  return Object.fromEntries(texts)
}
