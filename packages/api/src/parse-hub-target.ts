import {
  checkRepoPath,
  checkRevision,
  HubError,
  parseRepo,
  type RepoRef,
  type RepoType,
} from '@hfx/core'

/** What a URI or a pasted URL points at. */
export interface HubTarget {
  readonly repo: RepoRef
  readonly revision?: string
  /** File or folder inside the repository. */
  readonly path?: string
}

const typeOf: Readonly<Record<string, RepoType>> = {
  models: 'model',
  datasets: 'dataset',
  spaces: 'space',
  kernels: 'kernel',
}

const hubHosts = new Set(['huggingface.co', 'www.huggingface.co', 'hf.co', 'hub-ci.huggingface.co'])

/**
 * Reads `hf://[type/]ns/name[@revision][/path]`, or the URL of a page of the Hub or of `endpoint`
 * (repository, `/tree/`, `/blob/`, `/resolve/`, `/raw/`, `/blame/`); the scheme of a Hub page may be left out.
 * Undefined for what is neither.
 * @throws HubError `HUB_INVALID_URI` for one of them that is malformed
 */
export function parseHubTarget(
  text: string,
  endpoint = 'https://huggingface.co',
): HubTarget | undefined {
  if (/^hf:\/\//i.test(text)) return parseHubUri(text)
  if (/^https?:\/\//i.test(text)) return parseHubUrl(text, endpoint)
  const host = text.split('/', 1)[0] ?? ''
  return hubHosts.has(host.toLowerCase()) ? parseHubUrl(`https://${text}`, endpoint) : undefined
}

/**
 * Reads `hf://[type/]ns/name[@revision][/path]`.
 * @throws HubError `HUB_INVALID_URI`
 */
export function parseHubUri(uri: string): HubTarget {
  const segments = uri
    .slice('hf://'.length)
    .replace(/^\/+|\/+$/g, '')
    .split('/')
  checkSegments(uri, segments)
  const type = typeOf[segments[0] ?? '']
  const [namespace, name, ...rest] = type ? segments.slice(1) : segments
  if (namespace === undefined || name === undefined) throw invalid(uri, 'it needs namespace/name')
  const [bare = '', ...marked] = name.split('@')
  const named = marked.length === 0 ? { path: rest } : takeRevision(marked.join('@'), rest)
  return build(uri, {
    id: `${namespace}/${bare}`,
    type: type ?? 'model',
    ...named,
    isFolder: uri.endsWith('/'),
  })
}

function checkSegments(uri: string, segments: readonly string[]): void {
  const first = segments[0] ?? ''
  if (segments.includes('')) throw invalid(uri, 'it has an empty part')
  if (Object.values(typeOf).some((type) => type === first))
    throw invalid(uri, `write "${first}s/" with an s`)
  if (first === 'buckets') throw invalid(uri, 'buckets are not repositories')
}

interface NamedPath {
  readonly revision?: string
  readonly path: readonly string[]
}

/** `refs/pr/N` and `refs/convert/x` hold slashes; in any other revision they are written `%2F`. */
function takeRevision(start: string, rest: readonly string[]): NamedPath {
  const special =
    start === 'refs' && /^(pr\/\d+|convert\/[\w.-]+)$/.test(rest.slice(0, 2).join('/'))
  if (!special) return { revision: decode(start), path: rest }
  return { revision: [start, ...rest.slice(0, 2)].join('/'), path: rest.slice(2) }
}

/** First parts of addresses that are pages of the site itself, so no namespace can have them. */
const siteRoutes: ReadonlySet<string> = new Set(
  (
    'api blog brand buckets chat collections dashboard docs enterprise events inference join jobs ' +
    'learn login logout models new notifications organizations papers posts pricing search ' +
    'settings storage tasks terms-of-service'
  ).split(' '),
)

/**
 * Reads the address of a page of the Hub or of `endpoint`: a repository, or a file or folder of one.
 * @throws HubError `HUB_INVALID_URI`
 */
export function parseHubUrl(text: string, endpoint: string): HubTarget {
  const segments = segmentsOf(text, endpoint)
  const type = typeOf[segments[0] ?? '']
  const rest = type ? segments.slice(1) : segments
  const page = rest.findIndex((segment, at) => at > 0 && pages.has(segment))
  const id = page === -1 ? rest : rest.slice(0, page)
  checkId(text, id, type === undefined)
  const named: NamedPath = page === -1 ? { path: [] } : splitRoute(rest.slice(page + 1))
  return build(text, { id: id.join('/'), type: type ?? 'model', ...named, isFolder: false })
}

function checkId(text: string, id: readonly string[], isBare: boolean): void {
  if (id.length === 0 || (isBare && siteRoutes.has(id[0] ?? ''))) {
    throw invalid(text, 'it names no repository')
  }
  if (id.length > 2) throw invalid(text, `"/${id[2] ?? ''}" is no page of files`)
}

const pages: ReadonlySet<string> = new Set(['tree', 'blob', 'resolve', 'raw', 'blame'])

function segmentsOf(text: string, endpoint: string): readonly string[] {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const home = new URL(endpoint)
  const own = url?.host === home.host
  if (!url || !(own || hubHosts.has(url.host))) throw invalid(text, 'it is no page of the Hub')
  const prefix = own ? home.pathname.replace(/\/$/, '') : ''
  if (prefix !== '' && !url.pathname.startsWith(`${prefix}/`)) {
    throw invalid(text, 'it is no page of the Hub')
  }
  const path = url.pathname.slice(prefix.length)
  return path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decode)
}

function splitRoute(rest: readonly string[]): NamedPath {
  const [revision = 'main', ...path] = rest
  if (revision !== 'refs' || path.length < 2) return { revision, path }
  return { revision: ['refs', ...path.slice(0, 2)].join('/'), path: path.slice(2) }
}

function build(
  text: string,
  parts: NamedPath & {
    readonly id: string
    readonly type: RepoType
    readonly isFolder: boolean
  },
): HubTarget {
  try {
    const path = parts.path.length === 0 ? undefined : checkRepoPath(parts.path.join('/'))
    return {
      repo: parseRepo(parts.id, parts.type),
      ...(parts.revision === undefined ? {} : { revision: checkRevision(parts.revision) }),
      ...(path === undefined ? {} : { path: parts.isFolder ? `${path}/` : path }),
    }
  } catch (error) {
    throw invalid(text, error instanceof Error ? error.message : String(error), error)
  }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

function invalid(text: string, why: string, cause?: unknown): HubError {
  return new HubError({
    code: 'HUB_INVALID_URI',
    message: `${JSON.stringify(text.slice(0, 300))} cannot be used: ${why}`,
    hint: 'Write hf://[datasets/]namespace/name[@revision][/path], or paste the address of a repository page.',
    cause,
  })
}
