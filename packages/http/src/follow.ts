import { HttpError, redactUrl } from '@hfx/core'
import type { ResolvedHttpOptions } from './options.ts'

/** Where a redirect leads, checked. */
export interface Hop {
  readonly url: URL
  /** True while every hop so far was on the Hub's origin. */
  readonly trusted: boolean
}

/** The next hop of a redirect; undefined when the answer is none. @throws HttpError for one that must not be followed */
export function nextHop(
  options: ResolvedHttpOptions,
  from: Hop,
  answer: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly hops: number
  },
): Hop | undefined {
  const location = answer.headers['location']
  if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined) return undefined
  if (answer.hops >= options.maxRedirects)
    throw refuse(from.url, 'HUB_TOO_MANY_REDIRECTS', {
      what: `redirects more than ${options.maxRedirects} times`,
    })
  if (!URL.canParse(location, from.url.href))
    throw refuse(from.url, 'HUB_UNSAFE_REDIRECT', { what: 'redirects to something that is no URL' })
  const url = new URL(location, from.url)
  checkTarget(options, from.url, url)
  return { url, trusted: from.trusted && url.origin === options.endpoint.origin }
}

/** Origins that may be asked at all, when the caller has named them. @throws HttpError `HUB_UNSAFE_REDIRECT` */
export function checkAllowed(options: ResolvedHttpOptions, url: URL): void {
  if (url.origin === options.endpoint.origin || !options.allowedOrigins) return
  const allowed = options.allowedOrigins.some((entry) =>
    entry.startsWith('*.')
      ? url.hostname === entry.slice(2) || url.hostname.endsWith(entry.slice(1))
      : url.origin === entry,
  )
  if (allowed) return
  throw refuse(url, 'HUB_UNSAFE_REDIRECT', {
    what: 'is outside the origins that are allowed',
    hint: `Allow ${url.origin} if the endpoint's data may come from there.`,
  })
}

function checkTarget(options: ResolvedHttpOptions, from: URL, to: URL): void {
  if (to.protocol !== 'https:' && to.protocol !== 'http:')
    throw refuse(from, 'HUB_UNSAFE_REDIRECT', { what: `redirects to ${to.protocol}` })
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    throw refuse(from, 'HUB_UNSAFE_REDIRECT', {
      what: `redirects from https to http (${redactUrl(to)})`,
    })
  }
  if (to.username || to.password)
    throw refuse(from, 'HUB_UNSAFE_REDIRECT', { what: 'redirects to a URL with a user name' })
  checkAllowed(options, to)
}

function refuse(
  url: URL,
  code: HttpError['code'],
  fault: { readonly what: string; readonly hint?: string },
): HttpError {
  const hint = fault.hint ?? 'Nothing was sent there. Check HF_ENDPOINT and proxies in between.'
  return new HttpError({
    code,
    message: `${redactUrl(url)} ${fault.what}`,
    hint,
    url: redactUrl(url),
    retryable: false,
  })
}
