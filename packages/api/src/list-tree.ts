import {
  HttpError,
  type HttpResponse,
  type ListTreeOptions,
  redactUrl,
  type RepoFile,
  type RepoRef,
} from '@hfx/core'
import type { AskDeps } from './deps.ts'
import { askAbout } from './name-failure.ts'
import { badResponse, parseJsonBody } from './read-json.ts'
import { readLinkHeader } from './read-link-header.ts'
import { readTreeEntry } from './read-tree-entry.ts'

export interface ListTreeQuestion {
  readonly repo: RepoRef
  readonly revision: string
}

/**
 * Files of a repository page by page, in the Hub's order; folders are left out, pages without files are skipped.
 * A next page is asked from the endpoint only, whatever host the `Link` header names.
 * @throws HttpError `HUB_RESPONSE_TOO_LARGE` past the caps on pages and entries
 */
export async function* listTree(
  deps: AskDeps,
  question: ListTreeQuestion,
  options: ListTreeOptions = {},
): AsyncGenerator<readonly RepoFile[], void, undefined> {
  const { path, recursive, ...step } = options
  const subject = path === undefined || path === '' ? question : { ...question, path }
  const first = deps.urls.tree(question.repo, question.revision, {
    path: path ?? '',
    recursive: recursive ?? true,
  })
  let url: string | undefined = first
  let entries = 0
  const isCircle = createCircleWatch(first)
  for (let page = 1; url !== undefined; page += 1) {
    const request = { method: 'GET', url, maxBodyBytes: deps.options.maxBodyBytes } as const
    const response = await askAbout(deps, subject, () => deps.transport.send(request, step))
    const items = readItems(response)
    entries += items.length
    checkCaps(deps, response, { page, entries })
    const files = items.flatMap((item) => readTreeEntry(item, response) ?? [])
    if (files.length > 0) yield files
    const next = findNextPage(deps, first, response)
    if (next !== undefined && isCircle(next, page)) {
      throw badResponse(response, 'a next page that was here before')
    }
    url = next
  }
}

/** Brent's way to notice a circle of pages while only one address is remembered. */
function createCircleWatch(first: string): (next: string, page: number) => boolean {
  let anchor = first
  return (next, page) => {
    if (next === anchor) return true
    if (Number.isInteger(Math.log2(page))) anchor = next
    return false
  }
}

function readItems(response: HttpResponse): readonly unknown[] {
  const items = parseJsonBody(response)
  if (!Array.isArray(items)) throw badResponse(response, 'no list where a listing was expected')
  return items
}

/**
 * The next page's address on our own endpoint. Mirrors often pass the Hub's header on unchanged; its path and cursor
 * are then asked from the mirror, so that neither the request nor the token goes to a host nobody chose.
 */
function findNextPage(deps: AskDeps, first: string, response: HttpResponse): string | undefined {
  const link = readLinkHeader(response.headers['link']).get('next')
  if (link === undefined) return undefined
  if (!URL.canParse(link, response.url)) throw badResponse(response, 'a next page that is no URL')
  const next = new URL(link, response.url)
  const treePath = new URL(first).pathname
  // Before the check of the host: a mirror below a path prefix may pass the Hub's path on without it.
  if (decodePath(treePath).endsWith(decodePath(next.pathname))) {
    return `${deps.urls.origin}${treePath}${next.search}`
  }
  if (next.origin === deps.urls.origin) return next.href
  throw unsafeNextPage(response, next)
}

/** Proxies write `%2F` as they like. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function unsafeNextPage(response: HttpResponse, next: URL): HttpError {
  return new HttpError({
    code: 'HUB_UNSAFE_REDIRECT',
    message: `the listing names a next page on another host: ${redactUrl(next)}`,
    hint: 'The Hub or mirror at HF_ENDPOINT answers with foreign pages; nothing was asked from there.',
    status: response.status,
    url: redactUrl(response.url),
    retryable: false,
  })
}

function checkCaps(
  deps: AskDeps,
  response: HttpResponse,
  seen: { readonly page: number; readonly entries: number },
): void {
  const { maxTreePages, maxTreeEntries } = deps.options
  if (seen.page <= maxTreePages && seen.entries <= maxTreeEntries) return
  throw new HttpError({
    code: 'HUB_RESPONSE_TOO_LARGE',
    message: `the listing has more than ${maxTreePages} pages or ${maxTreeEntries} entries`,
    hint: 'List a folder of the repository instead of the whole.',
    status: response.status,
    url: redactUrl(response.url),
    retryable: false,
  })
}
