import { type HubRequest } from './hub-request.ts'

const exposed = [
  'X-Repo-Commit',
  'X-Request-Id',
  'X-Error-Code',
  'X-Error-Message',
  'X-Total-Count',
  'ETag',
  'Link',
  'Accept-Ranges',
  'Content-Range',
  'X-Linked-Size',
  'X-Linked-ETag',
  'X-Xet-Hash',
  'RateLimit',
  'RateLimit-Policy',
].join(',')

/** What lets a page of another origin read the answer; nothing for other clients. */
export function corsHeaders(request: HubRequest): Record<string, string> {
  const origin = request.headers['origin']
  if (origin === undefined) return {}
  const shared = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': exposed }
  if (request.method !== 'OPTIONS') return shared
  return {
    ...shared,
    'Access-Control-Allow-Methods': 'GET, HEAD, POST, OPTIONS',
    'Access-Control-Allow-Headers': request.headers['access-control-request-headers'] ?? '*',
    'Access-Control-Max-Age': '86400',
  }
}
