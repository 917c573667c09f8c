import { type RepoType, repoTypes } from '@hfx/core'
import { type Fault } from './fault.ts'
import { type HubUser } from './options.ts'

/** A request as the routes see it. */
export interface HubRequest {
  readonly method: string
  /** Path as sent, still encoded. */
  readonly rawPath: string
  readonly query: URLSearchParams
  /** The query as sent, with its `?`, or empty. */
  readonly search: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** Undefined when anonymous. */
  readonly user: HubUser | undefined
  readonly faults: readonly Fault[]
  /** Where this caller reaches the hub and its data origin. */
  readonly origins: Origins
  /** The whole body as text; undefined above 1 MiB. */
  body(): Promise<string | undefined>
}

/** Scheme, host and port, without a final slash. */
export interface Origins {
  readonly hub: string
  readonly cdn: string
}

export function isApiPath(rawPath: string): boolean {
  return rawPath.startsWith('/api/') || rawPath.startsWith('/oauth/')
}

/** `models` → `model`; undefined for anything else. */
export function parsePlural(text: string | undefined): RepoType | undefined {
  return repoTypes.find((type) => `${type}s` === text)
}

/** Percent-decoding that yields undefined instead of throwing. */
export function decodePart(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}

/** Keeps what RFC 3986 calls unreserved. */
export function encodePart(part: string): string {
  return encodeURIComponent(part).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** A repository path in a URL: `/` kept, the rest encoded. */
export function encodePath(path: string): string {
  return path.split('/').map(encodePart).join('/')
}
