import { HubError, pluralOf, type RepoRef, type RepoType } from '@hfx/core'

/** Builds every URL of one Hub. The only place in the house that knows their shapes. */
export interface HubUrls {
  /** The endpoint without trailing slashes, path prefix included. */
  readonly endpoint: string
  /** `scheme://host:port` of the endpoint. */
  readonly origin: string
  /** `/api/models/{id}` or, with a revision, `/api/models/{id}/revision/{revision}`. */
  repoInfo(repo: RepoRef, revision?: string): string
  /** `/api/models/{id}/refs`, pull requests included. */
  refs(repo: RepoRef): string
  /** First page of a listing; further pages are named by the `Link` header. */
  tree(repo: RepoRef, revision: string, options?: TreeUrlOptions): string
  /** `/api/models/{id}/paths-info/{revision}`, asked by POST. */
  pathsInfo(repo: RepoRef, revision: string): string
  /** `/{id}/resolve/{revision}/{path}`: the bytes of a file, or a redirect to them. */
  resolve(repo: RepoRef, revision: string, path: string): string
  /** `/api/whoami-v2`. */
  whoami(): string
  /** The page of a repository that a person opens. */
  repoPage(repo: RepoRef): string
}

/** Which part of a tree a listing's URL asks for. */
export interface TreeUrlOptions {
  /** Folder whose listing is wanted. @default the whole repository */
  readonly path?: string
  /** @default true */
  readonly recursive?: boolean
}

const pagePrefixes: Readonly<Record<RepoType, string>> = {
  model: '',
  dataset: 'datasets/',
  space: 'spaces/',
  kernel: 'kernels/',
}

/**
 * URLs below an endpoint. A path prefix is kept (`https://proxy.corp/hf`), trailing slashes are not.
 * @throws HubError `HUB_INVALID_OPTION` when the endpoint is no plain http(s) address
 */
export function createHubUrls(endpointText: string): HubUrls {
  const endpoint = parseEndpoint(endpointText)
  const api = (repo: RepoRef): string => `${endpoint}/api/${pluralOf(repo.type)}/${repo.id}`
  const page = (repo: RepoRef): string => `${endpoint}/${pagePrefixes[repo.type]}${repo.id}`
  return {
    endpoint,
    origin: new URL(endpoint).origin,
    repoInfo: (repo, revision) =>
      revision === undefined ? api(repo) : `${api(repo)}/revision/${encodeSegment(revision)}`,
    refs: (repo) => `${api(repo)}/refs?include_prs=1`,
    tree(repo, revision, { path = '', recursive = true } = {}) {
      const folder = path === '' ? '' : `/${encodeSegment(path)}`
      const query = `recursive=${recursive}&expand=false`
      return `${api(repo)}/tree/${encodeSegment(revision)}${folder}?${query}`
    },
    pathsInfo: (repo, revision) => `${api(repo)}/paths-info/${encodeSegment(revision)}`,
    resolve: (repo, revision, path) =>
      `${page(repo)}/resolve/${encodeSegment(revision)}/${encodePath(path)}`,
    whoami: () => `${endpoint}/api/whoami-v2`,
    repoPage: page,
  }
}

/**
 * The endpoint as URLs are built on it: http or https, no query, no credentials, no trailing slash.
 * @throws HubError `HUB_INVALID_OPTION`
 */
export function parseEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw invalidEndpoint('it must begin with https:// or http://')
  }
  if (url.username !== '' || url.password !== '') throw invalidEndpoint('it holds credentials')
  if (url.search !== '' || url.hash !== '') throw invalidEndpoint('it holds a query or a fragment')
  return `${url.origin}${url.pathname.replace(/\/+$/u, '')}`
}

/** One URL segment: everything but letters, digits and `_.-~` is escaped, also `/` (as Python's `quote(safe="")`). */
export function encodeSegment(text: string): string {
  return encodeURIComponent(toWellFormed(text)).replace(
    /[!'()*]/gu,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** A repository path: each segment escaped, the slashes kept. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeSegment).join('/')
}

/** A lone surrogate cannot be written as UTF-8; `encodeURIComponent` would throw a bare URIError. */
function toWellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\u{FFFD}')
}

function invalidEndpoint(why: string): HubError {
  return new HubError({
    code: 'HUB_INVALID_OPTION',
    message: `the endpoint cannot be used: ${why}`,
    hint: 'Set HF_ENDPOINT or `endpoint` to an address like https://huggingface.co.',
  })
}
