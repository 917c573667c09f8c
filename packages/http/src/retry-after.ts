type Headers = Readonly<Record<string, string>>

/** What `RateLimit` says of one bucket (IETF draft, as the Hub sends it: `"api";r=985;t=9`). */
export interface RateLimitState {
  readonly name: string
  readonly remaining: number
  /** Until the window begins anew. */
  readonly resetMs: number
  /** Requests of a whole window, where `RateLimit-Policy` says. */
  readonly quota?: number
}

/** Longest wait that is taken from a server's word. The transport's own patience may be shorter. */
const longestMs = 24 * 3600 * 1000

/**
 * How long a refused client is asked to wait, in milliseconds: the rate limit's reset when nothing remains,
 * else `Retry-After` in seconds or as a date. Undefined when nothing is said.
 */
export function readRetryAfter(headers: Headers, nowMs: number): number | undefined {
  const limit = readRateLimit(headers)
  if (limit?.remaining === 0) return limit.resetMs
  const text = headers['retry-after']?.trim()
  if (text === undefined || text === '') return undefined
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(Number(text) * 1000, longestMs)
  const atMs = Date.parse(text)
  return Number.isNaN(atMs) ? undefined : Math.min(Math.max(0, atMs - nowMs), longestMs)
}

export function readRateLimit(headers: Headers): RateLimitState | undefined {
  const match = /^\s*"([^"]+)"\s*;\s*r=(\d+)\s*;\s*t=(\d+)/.exec(headers['ratelimit'] ?? '')
  if (!match) return undefined
  const quota = /;\s*q=(\d+)/.exec(headers['ratelimit-policy'] ?? '')?.[1]
  return {
    name: match[1] ?? '',
    remaining: Number(match[2]),
    resetMs: Math.min(Number(match[3]) * 1000, longestMs),
    ...(quota === undefined ? {} : { quota: Number(quota) }),
  }
}
