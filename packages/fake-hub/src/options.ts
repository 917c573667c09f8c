import { type Clock, systemClock } from '@hfx/core'
import { type RepoSpec } from './repo-spec.ts'
import { type LoggedRequest } from './request-log.ts'

/** Somebody with a token. Sees private and gated repositories of their own namespace and those in `access`. */
export interface HubUser {
  readonly token: string
  readonly name: string
  /** Repository ids beyond the own namespace. @default none */
  readonly access?: readonly string[]
  /** @default the name */
  readonly fullName?: string
  /** Names of organisations. @default none */
  readonly orgs?: readonly string[]
  /** Display name of the token. @default `<name>-token` */
  readonly tokenName?: string
  /** @default 'read' */
  readonly role?: 'read' | 'write' | 'fineGrained'
  /** OIDC id token that `/oauth/token` exchanges for `token`. @default none */
  readonly idToken?: string
  /** Refresh token that `/oauth/token` takes for `token`. @default none */
  readonly refreshToken?: string
}

/** Requests per window of five minutes and user (or address, when anonymous). */
export interface Quota {
  readonly api: number
  readonly resolvers: number
  readonly pages: number
}

/** Requests that the Hub allows in five minutes. */
export interface Quotas {
  readonly anonymous: Quota
  readonly user: Quota
}

/** The production Hub's allowances for anonymous and free accounts. */
export const hubQuotas: Quotas = {
  anonymous: { api: 500, resolvers: 3000, pages: 100 },
  user: { api: 1000, resolvers: 5000, pages: 200 },
}

/** What {@link startFakeHub} serves, and how. */
export interface FakeHubOptions {
  /** @default none */
  readonly repos?: readonly RepoSpec[]
  /** @default none */
  readonly users?: readonly HubUser[]
  /** Entries on one page of a tree listing; a twentieth of it with `expand`. @default 1000 */
  readonly pageSize?: number
  /** Above it the Hub answers 429. @default a million each, counted and told all the same */
  readonly quotas?: Quotas
  /** Address to listen on. @default '127.0.0.1' */
  readonly host?: string
  /**
   * Host name in the URLs of the data origin; it must lead to `host`. The real Hub's data lies on another host, and new
   * versions of Python's client tell the two by their names: give them `localhost`. @default the same as `host`
   */
  readonly cdnHost?: string
  /** Port of the Hub, 0 for any. @default 0 */
  readonly port?: number
  /** Port of the data origin, 0 for any. @default 0 */
  readonly cdnPort?: number
  /** Serves both origins over TLS. PEM. @default plain HTTP */
  readonly tls?: { readonly cert: string; readonly key: string }
  /** Time for signed URLs, quotas and the log. @default the system's */
  readonly clock?: Clock
  /** Life of a signed data URL in milliseconds, rounded up to whole seconds of the epoch. @default 3_600_000 */
  readonly signedUrlMs?: number
  /** Requests that the log keeps; older ones are forgotten. @default 100_000 */
  readonly logLimit?: number
  /** Redirects LFS files to `<base>/<sha256>?…` on another server instead of the own data origin. @default none */
  readonly cdnRedirect?: string
  /** Address of a Xet server, told by the xet-read-token route. @default that route answers 404 */
  readonly casUrl?: string
  /** Called at the end of each request, for a live view. @default nothing */
  readonly onRequest?: (request: LoggedRequest) => void
}

export interface ResolvedFakeHubOptions {
  readonly repos: readonly RepoSpec[]
  readonly users: readonly HubUser[]
  readonly pageSize: number
  readonly quotas: Quotas
  readonly host: string
  readonly cdnHost: string
  readonly port: number
  readonly cdnPort: number
  readonly tls: { readonly cert: string; readonly key: string } | undefined
  readonly clock: Clock
  readonly signedUrlMs: number
  readonly logLimit: number
  readonly cdnRedirect: string | undefined
  readonly casUrl: string | undefined
  readonly onRequest: (request: LoggedRequest) => void
}

const plenty: Quota = { api: 1_000_000, resolvers: 1_000_000, pages: 1_000_000 }

const defaults = {
  repos: [],
  users: [],
  pageSize: 1000,
  quotas: { anonymous: plenty, user: plenty },
  host: '127.0.0.1',
  port: 0,
  cdnPort: 0,
  clock: systemClock,
  signedUrlMs: 3_600_000,
  logLimit: 100_000,
  onRequest: () => {},
}

/** @throws RangeError or TypeError naming the option */
export function resolveFakeHubOptions(options: FakeHubOptions): ResolvedFakeHubOptions {
  return {
    repos: options.repos ?? defaults.repos,
    users: checkUsers(options.users ?? defaults.users),
    quotas: checkQuotas(options.quotas ?? defaults.quotas),
    clock: options.clock ?? defaults.clock,
    cdnRedirect: checkBase('cdnRedirect', options.cdnRedirect),
    casUrl: checkBase('casUrl', options.casUrl),
    onRequest: options.onRequest ?? defaults.onRequest,
    ...resolveListening(options),
    ...resolveNumbers(options),
  }
}

function resolveListening(
  options: FakeHubOptions,
): Pick<ResolvedFakeHubOptions, 'host' | 'cdnHost' | 'port' | 'cdnPort' | 'tls'> {
  const host = options.host ?? defaults.host
  return {
    host,
    cdnHost: options.cdnHost ?? host,
    port: checkWhole('port', options.port ?? defaults.port, 0),
    cdnPort: checkWhole('cdnPort', options.cdnPort ?? defaults.cdnPort, 0),
    tls: options.tls,
  }
}

function resolveNumbers(
  options: FakeHubOptions,
): Pick<ResolvedFakeHubOptions, 'pageSize' | 'signedUrlMs' | 'logLimit'> {
  return {
    pageSize: checkWhole('pageSize', options.pageSize ?? defaults.pageSize, 1),
    signedUrlMs: checkWhole('signedUrlMs', options.signedUrlMs ?? defaults.signedUrlMs, 1),
    logLimit: checkWhole('logLimit', options.logLimit ?? defaults.logLimit, 1),
  }
}

function checkQuotas(quotas: Quotas): Quotas {
  return {
    anonymous: checkQuota('quotas.anonymous', quotas.anonymous),
    user: checkQuota('quotas.user', quotas.user),
  }
}

function checkQuota(name: string, quota: Quota): Quota {
  return {
    api: checkWhole(`${name}.api`, quota.api, 0),
    resolvers: checkWhole(`${name}.resolvers`, quota.resolvers, 0),
    pages: checkWhole(`${name}.pages`, quota.pages, 0),
  }
}

function checkWhole(name: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new RangeError(`${name} must be a whole number of at least ${least}, not ${value}`)
}

function checkBase(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined
  if (!/^https?:\/\//.test(value) || !URL.canParse(value))
    throw new TypeError(`${name} must be an http or https URL, not ${JSON.stringify(value)}`)
  return value.replace(/\/+$/, '')
}

function checkUsers(users: readonly HubUser[]): readonly HubUser[] {
  const tokens = new Set(users.map((user) => user.token))
  if (tokens.size === users.length && !tokens.has('')) return users
  throw new TypeError('every user needs a token of their own')
}
