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
 * (repository, `/tree/`, `/blob/`, `/resolve/`, `/raw/`, `/blame/`). Undefined for what is neither.
 * @throws HubError `HUB_INVALID_URI` for one of them that is malformed
 */
export function parseHubTarget(
  text: string,
  endpoint = 'https://huggingface.co',
): HubTarget | undefined {
  if (/^hf:\/\//i.test(text)) return parseHubUri(text)
  if (!/^https?:\/\//i.test(text)) return undefined
  return parseHubUrl(text, endpoint)
}

/** @throws HubError `HUB_INVALID_URI` */
export function parseHubUri(uri: string): HubTarget {
  const body = uri.slice('hf://'.length).replace(/^\/+|\/+$/g, '')
  const folder = /\/$/.test(uri) ? '/' : ''
  const segments = body.split('/')
  if (body === '' || segments.includes('')) throw invalid(uri, 'it has an empty part')
  const first = segments[0] ?? ''
  if (['model', 'dataset', 'space', 'kernel'].includes(first))
    throw invalid(uri, `write "${first}s/" with an s`)
  if (first === 'buckets') throw invalid(uri, 'buckets are not repositories')
  const type = typeOf[first]
  const [namespace, name, ...rest] = type ? segments.slice(1) : segments
  if (namespace === undefined || name === undefined) throw invalid(uri, 'it needs namespace/name')
  const at = name.indexOf('@')
  const id = `${namespace}/${at === -1 ? name : name.slice(0, at)}`
  const taken = at === -1 ? { path: rest } : takeRevision(name.slice(at + 1), rest)
  return build(uri, { id, type: type ?? 'model', ...taken, folder })
}

/** `refs/pr/N` and `refs/convert/x` hold slashes; in any other revision they are written `%2F`. */
function takeRevision(
  start: string,
  rest: readonly string[],
): { readonly revision: string; readonly path: readonly string[] } {
  const special =
    start === 'refs' &&
    ((rest[0] === 'pr' && /^\d+$/.test(rest[1] ?? '')) ||
      (rest[0] === 'convert' && /^[\w.-]+$/.test(rest[1] ?? '')))
  if (special) return { revision: [start, ...rest.slice(0, 2)].join('/'), path: rest.slice(2) }
  return { revision: decode(start), path: rest }
}

/** @throws HubError `HUB_INVALID_URI` */
export function parseHubUrl(text: string, endpoint: string): HubTarget {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const home = new URL(endpoint)
  if (!url || (url.host !== home.host && !hubHosts.has(url.host)))
    throw invalid(text, 'it is no page of the Hub')
  const prefix = url.host === home.host ? home.pathname.replace(/\/$/, '') : ''
  if (!url.pathname.startsWith(prefix)) throw invalid(text, 'it is no page of the Hub')
  const segments = url.pathname
    .slice(prefix.length)
    .split('/')
    .filter((segment) => segment !== '')
    .map(decode)
  const type = typeOf[segments[0] ?? '']
  const [namespace = '', name, route, ...rest] = type ? segments.slice(1) : segments
  if (namespace === '') throw invalid(text, 'it names no repository')
  const pages = ['tree', 'blob', 'resolve', 'raw', 'blame']
  if (name !== undefined && pages.includes(name)) {
    // A repository without namespace: huggingface.co/gpt2/tree/main
    return build(text, {
      id: namespace,
      type: type ?? 'model',
      ...splitRoute([route ?? '', ...rest]),
      folder: '',
    })
  }
  const id = name === undefined ? namespace : `${namespace}/${name}`
  if (route === undefined) return build(text, { id, type: type ?? 'model', path: [], folder: '' })
  if (!pages.includes(route)) throw invalid(text, `"/${route}" is no page of files`)
  return build(text, { id, type: type ?? 'model', ...splitRoute(rest), folder: '' })
}

function splitRoute(rest: readonly string[]): {
  readonly revision: string
  readonly path: readonly string[]
} {
  const [revision = 'main', ...path] = rest
  if (revision === 'refs' && path.length >= 2)
    return { revision: ['refs', ...path.slice(0, 2)].join('/'), path: path.slice(2) }
  return { revision, path }
}

function build(
  text: string,
  parts: {
    readonly id: string
    readonly type: RepoType
    readonly revision?: string
    readonly path: readonly string[]
    readonly folder: string
  },
): HubTarget {
  try {
    const path =
      parts.path.length === 0 ? undefined : checkRepoPath(parts.path.join('/')) + parts.folder
    return {
      repo: parseRepo(parts.id, parts.type),
      ...(parts.revision === undefined ? {} : { revision: checkRevision(parts.revision) }),
      ...(path === undefined ? {} : { path }),
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
