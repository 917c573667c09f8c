import { type IncomingMessage } from 'node:http'
import { type Fault, type FaultSubject } from './fault.ts'
import { decodePart, type HubRequest, type Origins } from './hub-request.ts'
import { type HubState } from './hub-state.ts'

/** The parts of a request's target. */
export interface Target {
  /** Path as sent, without the query. */
  readonly path: string
  /** The query as sent, with its `?`, or empty. */
  readonly search: string
  /** The repository path that a resolve, resolve-cache or data URL is about. */
  readonly file: string | undefined
}

export function parseTarget(message: IncomingMessage): Target {
  const target = message.url ?? '/'
  const queryAt = target.indexOf('?')
  const path = queryAt < 0 ? target : target.slice(0, queryAt)
  const search = queryAt < 0 ? '' : target.slice(queryAt)
  return { path, search, file: findFile(path, search) }
}

export function describeSubject(
  host: 'hub' | 'cdn',
  message: IncomingMessage,
  target: Target,
): FaultSubject {
  const whole = target.path + target.search
  return {
    method: message.method ?? 'GET',
    host,
    range: message.headers.range,
    texts: [
      decodePart(target.path) ?? target.path,
      decodePart(whole) ?? whole,
      ...(target.file === undefined ? [] : [target.file]),
    ],
  }
}

export function readRequest(
  state: HubState,
  message: IncomingMessage,
  faults: readonly Fault[],
): HubRequest {
  const headers = flattenHeaders(message)
  const { path, search } = parseTarget(message)
  const token = headers['authorization']?.replace(/^bearer\s+/i, '')
  return {
    method: message.method ?? 'GET',
    rawPath: path,
    query: new URLSearchParams(search),
    search,
    headers,
    user: state.options.users.find((user) => user.token === token),
    faults,
    origins: reachableOrigins(state, headers['host']),
    body: () => readBody(message),
  }
}

export function flattenHeaders(message: IncomingMessage): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(message.headers))
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value
  return flat
}

/** Listening everywhere, the hub names itself as its caller did: another machine cannot reach 127.0.0.1. */
function reachableOrigins(state: HubState, host: string | undefined): Origins {
  const { origins, options } = state
  if (!['0.0.0.0', '::'].includes(options.host) || host === undefined) return origins
  const caller = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : undefined
  if (caller === undefined) return origins
  const renamed = (origin: string): string => {
    const url = new URL(origin)
    url.hostname = caller
    return url.origin
  }
  return { hub: renamed(origins.hub), cdn: renamed(origins.cdn) }
}

const mostBodyBytes = 1024 * 1024

async function readBody(message: IncomingMessage): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  const body: AsyncIterable<unknown> = message
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) continue
    size += chunk.byteLength
    if (size <= mostBodyBytes) chunks.push(chunk)
  }
  return size > mostBodyBytes ? undefined : Buffer.concat(chunks).toString()
}

function findFile(path: string, search: string): string | undefined {
  const match =
    /\/resolve\/[^/]+\/(.+)$/.exec(path) ??
    /^\/api\/resolve-cache\/.+?\/[0-9a-f]{40}\/(.+)$/.exec(path)
  if (match?.[1] !== undefined) return decodePart(match[1])
  return new URLSearchParams(search).get('path') ?? undefined
}
