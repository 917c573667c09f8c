import {
  checkBlobName,
  checkCommit,
  type ContentHash,
  type FileLocation,
  HttpError,
  type HttpResponse,
  redactUrl,
} from '@hfx/core'
import { asByteCount, badResponse } from './read-json.ts'
import { findSignedUrlExpiry } from './signed-url-expiry.ts'

/** What the answer to a HEAD of a resolve URL says about the file. A field is undefined when the server does not say. */
export interface FileMetadata {
  readonly commit: string | undefined
  /** Normalised; safe as a file name. */
  readonly etag: string | undefined
  /** Only where the ETag can be trusted to be one. */
  readonly hash: ContentHash | undefined
  readonly sizeBytes: number | undefined
  readonly xetHash: string | undefined
  readonly location: FileLocation
}

/**
 * Reads the headers of download.md 3.4, on the Hub's own answer or on the redirect that leaves it.
 * @throws HubError `HUB_BAD_RESPONSE`, `HUB_UNSAFE_PATH` or `HUB_UNSAFE_REDIRECT` for values no Hub would send
 */
export function readMetadataHeaders(response: HttpResponse): FileMetadata {
  const { headers } = response
  const commit = headers['x-repo-commit'] || undefined
  const rawEtag = headers['x-linked-etag'] || headers['etag'] || ''
  const etag = normaliseEtag(rawEtag)
  return {
    commit: commit === undefined ? undefined : checkCommit(commit),
    etag: etag === '' ? undefined : checkBlobName(etag),
    hash: commit === undefined ? undefined : readHash(headers, rawEtag),
    sizeBytes: readSize(response),
    xetHash: /^[0-9a-f]{64}$/iu.exec(headers['x-xet-hash'] ?? '')?.[0]?.toLowerCase(),
    location: readLocation(response),
  }
}

/**
 * The ETag as Python names blobs by it (download.md 1.3): leading `W` and `/` characters go, then the quotes.
 */
export function normaliseEtag(etag: string): string {
  const quoted = etag.replace(/^[W/]+/u, '')
  // By hand: a pattern for quotes at the end takes minutes over a header full of them.
  let start = 0
  let end = quoted.length
  while (start < end && quoted[start] === '"') start += 1
  while (end > start && quoted[end - 1] === '"') end -= 1
  return quoted.slice(start, end)
}

/**
 * What the bytes can be verified against. Asked only of answers that name a commit: artifact servers without that
 * header send plain SHA-1 or MD5 sums of their own, which look like git's but are not.
 */
function readHash(
  headers: Readonly<Record<string, string>>,
  rawEtag: string,
): ContentHash | undefined {
  const digest = /^"?([0-9a-f]+)"?$/u.exec(rawEtag)?.[1]
  if (digest?.length === 64) return { algorithm: 'sha256', digest }
  // A linked file of 40 digits would be the LFS pointer's object id, which says nothing about the bytes.
  const isLinked = Boolean(headers['x-linked-etag'] || headers['x-linked-size'])
  return digest?.length === 40 && !isLinked ? { algorithm: 'git-sha1', digest } : undefined
}

/** A redirect's `Content-Length` is that of its text, and an encoded body's that of the encoding. */
function readSize(response: HttpResponse): number | undefined {
  const { headers } = response
  const linked = parseBytes(headers['x-linked-size'])
  if (linked !== undefined) return linked
  const isEncoded = !['', 'identity'].includes((headers['content-encoding'] ?? '').toLowerCase())
  return isRedirect(response) || isEncoded ? undefined : parseBytes(headers['content-length'])
}

function parseBytes(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/u.test(text) ? asByteCount(Number(text)) : undefined
}

function readLocation(response: HttpResponse): FileLocation {
  const target = response.headers['location']
  if (!isRedirect(response) || target === undefined) return locationOf(response.url)
  if (!URL.canParse(target, response.url)) {
    throw badResponse(response, 'a redirect to something that is no URL')
  }
  const url = new URL(target, response.url)
  const from = new URL(response.url)
  const isPlain = url.protocol === 'http:' && from.protocol === 'http:'
  if (url.protocol !== 'https:' && !isPlain) throw unsafeRedirect(response, url)
  return locationOf(url.href)
}

function locationOf(url: string): FileLocation {
  const expiresAtMs = findSignedUrlExpiry(url)
  return expiresAtMs === undefined ? { url } : { url, expiresAtMs }
}

function isRedirect(response: HttpResponse): boolean {
  return response.status >= 300 && response.status < 400
}

function unsafeRedirect(response: HttpResponse, target: URL): HttpError {
  return new HttpError({
    code: 'HUB_UNSAFE_REDIRECT',
    message: `refusing to follow ${redactUrl(response.url)} from https to ${redactUrl(target)}`,
    hint: 'The server redirects data to an unprotected address; ask its operator for https.',
    status: response.status,
    url: redactUrl(response.url),
    retryable: false,
  })
}
