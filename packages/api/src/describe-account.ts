import type { Account, StepOptions } from '@hfx/core'
import type { AskDeps } from './deps.ts'
import {
  asArray,
  asRecord,
  asString,
  badResponse,
  type JsonRecord,
  parseJsonBody,
} from './read-json.ts'

/** The account behind the token in use: `/api/whoami-v2`. */
export async function describeAccount(deps: AskDeps, options: StepOptions = {}): Promise<Account> {
  const response = await deps.transport.send(
    { method: 'GET', url: deps.urls.whoami(), maxBodyBytes: deps.options.maxBodyBytes },
    options,
  )
  const account = readAccount(parseJsonBody(response))
  if (!account) throw badResponse(response, 'no account name')
  return account
}

function readAccount(value: unknown): Account | undefined {
  const record = asRecord(value)
  const name = asString(record?.['name'])
  if (!record || name === undefined) return undefined
  const fullName = asString(record['fullname'])
  return {
    name,
    type: asString(record['type']) ?? 'user',
    orgs: asArray(record['orgs']).flatMap((org) => asString(asRecord(org)?.['name']) ?? []),
    ...(fullName === undefined ? {} : { fullName }),
    ...readToken(record),
  }
}

function readToken(account: JsonRecord): Pick<Account, 'tokenName' | 'tokenRole'> {
  const token = asRecord(asRecord(account['auth'])?.['accessToken'])
  const tokenName = asString(token?.['displayName'])
  const tokenRole = asString(token?.['role'])
  return {
    ...(tokenName === undefined ? {} : { tokenName }),
    ...(tokenRole === undefined ? {} : { tokenRole }),
  }
}
