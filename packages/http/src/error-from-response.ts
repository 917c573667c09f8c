import { HttpError, type HttpErrorInit, redactText, redactUrl } from '@hfx/core'
import { readRetryAfter } from './retry-after.ts'
import type { WireHead } from './wire.ts'

/** A refusal as it came in. `body` is its first few kilobytes. */
export interface Refusal {
  readonly method: string
  readonly url: URL
  readonly head: WireHead
  readonly body: string
  /** True when the URL is the Hub's own and the meaning of its headers can be relied on. */
  readonly fromHub: boolean
  readonly sentToken: boolean
  readonly nowMs: number
}

type Meaning = Pick<HttpErrorInit, 'code' | 'message'> & { readonly hint?: string }

/**
 * Turns a status >= 400 into its meaning. The Hub says it in `X-Error-Code` and `X-Error-Message`
 * (spec: the Python client's error table); without those the status and the URL decide.
 */
export function errorFromResponse(refusal: Refusal): HttpError {
  const { head, url } = refusal
  const said = summarise(
    head.headers['x-error-message'] ?? messageOf(refusal.body, head.headers['content-type']),
  )
  const meaning = refusal.fromHub ? hubMeaning(refusal, said) : dataMeaning(refusal)
  const told = said === '' || meaning.message.includes(said)
  return new HttpError({
    ...meaning,
    message: told ? meaning.message : `${meaning.message}: ${said}`,
    status: head.status,
    url: redactUrl(url),
    retryable: isRetryable(head.status),
    ...factsOf(refusal),
  })
}

function factsOf({
  head: { headers },
  nowMs,
}: Refusal): Pick<HttpErrorInit, 'requestId' | 'repoCommit' | 'retryAfterMs'> {
  const requestId = headers['x-request-id'] ?? headers['x-amzn-trace-id'] ?? headers['x-amz-cf-id']
  const repoCommit = headers['x-repo-commit']
  const retryAfterMs = readRetryAfter(headers, nowMs)
  return {
    ...(requestId === undefined ? {} : { requestId }),
    ...(repoCommit === undefined ? {} : { repoCommit }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}

/** Statuses that may pass when the same request is sent later. */
export function isRetryable(status: number): boolean {
  return [408, 429, 500, 502, 503, 504].includes(status)
}

function hubMeaning(refusal: Refusal, said: string): Meaning {
  const subject = nameSubject(refusal.url)
  switch (refusal.head.headers['x-error-code']) {
    case 'RevisionNotFound':
      return {
        code: 'HUB_REVISION_NOT_FOUND',
        message: `${subject.repo} has no revision ${subject.revision}`,
        hint: 'Check the branch, tag or commit; branches are listed on the repository page.',
      }
    case 'EntryNotFound':
      return {
        code: 'HUB_ENTRY_NOT_FOUND',
        message: `${subject.repo} has no file ${subject.path} at ${subject.revision}`,
        hint: `List what it has: hfx ls ${subject.repo}`,
      }
    case 'GatedRepo':
      return gated(refusal, subject)
    case 'RepoNotFound':
      return repoNotFound(refusal, subject)
    default:
      if (said === 'Access to this resource is disabled.') {
        return {
          code: 'HUB_REPO_DISABLED',
          message: `${subject.repo} has been disabled by the Hub`,
          hint: 'Nobody can download it; ask its owner or the Hub.',
        }
      }
      return statusMeaning(refusal, subject, said)
  }
}

interface Subject {
  readonly repo: string
  readonly revision: string
  readonly path: string
}

function gated(refusal: Refusal, subject: Subject): Meaning {
  const page = `${refusal.url.origin}/${subject.repo}`
  return refusal.sentToken
    ? {
        code: 'HUB_GATED_REPO',
        message: `${subject.repo} is gated and this token has no access to it`,
        hint: `Ask for access at ${page}; it may also wait for approval.`,
      }
    : {
        code: 'HUB_GATED_REPO',
        message: `${subject.repo} is gated and no token was sent`,
        hint: `Accept its terms at ${page}, then log in: hfx auth login (or set HF_TOKEN).`,
      }
}

function repoNotFound(refusal: Refusal, subject: Subject): Meaning {
  return {
    code: 'HUB_REPO_NOT_FOUND',
    message: `${subject.repo} does not exist${refusal.sentToken ? ', or this token may not see it' : ', or is private and no token was sent'}`,
    hint: refusal.sentToken
      ? 'Check the name, the type (--type dataset?) and the scope of the token.'
      : 'Check the name and the type (--type dataset?); for a private one log in: hfx auth login (or set HF_TOKEN).',
  }
}

function statusMeaning(refusal: Refusal, subject: Subject, said: string): Meaning {
  const { status } = refusal.head
  const what = `${refusal.method} ${redactUrl(refusal.url)}`
  switch (status) {
    case 400:
      return {
        code: 'HUB_BAD_REQUEST',
        message: `${what} was refused as malformed (400)`,
        hint: 'Check repository, revision and path; if HF_ENDPOINT is set, check that it is a Hub.',
      }
    case 401:
      return unauthorized(refusal, subject, said)
    case 403:
      return {
        code: 'HUB_FORBIDDEN',
        message: `${what} is forbidden (403)`,
        hint: 'Check the scope of the token: it needs read access to this repository.',
      }
    case 404:
      return {
        code: 'HUB_ENTRY_NOT_FOUND',
        message: `${what} was not found (404)`,
        hint: 'Check the name; if HF_ENDPOINT is set, check that it is a Hub.',
      }
    default:
      return dataMeaning(refusal)
  }
}

function unauthorized(refusal: Refusal, subject: Subject, said: string): Meaning {
  if (said === 'Invalid credentials in Authorization header') {
    return {
      code: 'HUB_TOKEN_INVALID',
      message: 'the Hub does not accept this token',
      hint: 'Log in again: hfx auth login (or set another HF_TOKEN).',
    }
  }
  if (subject.repo !== '') return repoNotFound(refusal, subject)
  return refusal.sentToken
    ? {
        code: 'HUB_TOKEN_INVALID',
        message: 'the Hub does not accept this token (401)',
        hint: 'Log in again: hfx auth login (or set another HF_TOKEN).',
      }
    : {
        code: 'HUB_UNAUTHORIZED',
        message: `${redactUrl(refusal.url)} needs a token (401)`,
        hint: 'Log in: hfx auth login (or set HF_TOKEN).',
      }
}

function dataMeaning(refusal: Refusal): Meaning {
  const { status } = refusal.head
  const what = `${refusal.method} ${redactUrl(refusal.url)}`
  if (status === 429) {
    return {
      code: 'HUB_RATE_LIMITED',
      message: `${refusal.url.host} limits the rate of requests (429)`,
      hint: 'Wait some minutes; with a token the limits are higher (hfx auth login).',
    }
  }
  if (status === 416)
    return {
      code: 'HUB_RANGE_REFUSED',
      message: `${what} refuses this range (416)`,
      hint: 'The file may have changed; run it again.',
    }
  if ([401, 403, 404, 410].includes(status)) {
    return {
      code: 'HUB_LOCATION_EXPIRED',
      message: `${what} is not served any more (${status})`,
      hint: 'Run it again: the signed URL has expired, or a proxy blocks this host.',
    }
  }
  if (status >= 500)
    return {
      code: 'HUB_SERVER_ERROR',
      message: `${what} failed on the server (${status})`,
      hint: 'Run it again later; what is downloaded is kept.',
    }
  return {
    code: 'HUB_HTTP_STATUS',
    message: `${what} was answered with status ${status}`,
    hint: 'Nothing here knows this status; a proxy in between may have answered.',
  }
}

/** Repository, revision and path as the URL names them; empty where it names none. */
function nameSubject(url: URL): Subject {
  const path = url.pathname
  const api =
    /\/api\/(models|datasets|spaces|kernels)\/([^/]+\/[^/]+|[^/]+?)(?:\/(?:revision|tree|paths-info|refs|xet-read-token)(?:\/([^/]+))?.*)?$/.exec(
      path,
    )
  const file = /^\/(?:(datasets|spaces|kernels)\/)?(.+?)\/resolve\/([^/]+)\/(.+)$/.exec(path)
  if (file)
    return { repo: prefixed(file[1], file[2]), revision: decode(file[3]), path: decode(file[4]) }
  if (api)
    return {
      repo: prefixed(api[1] === 'models' ? undefined : api[1], api[2]),
      revision: decode(api[3]) || 'main',
      path: '',
    }
  return { repo: '', revision: 'main', path: '' }
}

function prefixed(type: string | undefined, id = ''): string {
  return type === undefined ? id : `${type}/${id}`
}

function decode(text = ''): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** What an answer's body says about the error; an HTML page is only named, never shown. */
function messageOf(body: string, contentType = ''): string {
  if (/html/i.test(contentType) || /^\s*</.test(body))
    return body === '' ? '' : 'the answer is an HTML page'
  try {
    const parsed: unknown = JSON.parse(body)
    return typeof parsed === 'object' && parsed !== null && 'error' in parsed
      ? String(parsed.error)
      : ''
  } catch {
    return body
  }
}

/** One line for a person: what a server says may not move a cursor, ring a bell or turn the reading order. */
function summarise(text: string): string {
  // Far more than is shown, far less than a hostile header can hold.
  const line = redactText(
    text
      .slice(0, 4096)
      .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
      .trim(),
  )
  return line.length > 300 ? `${line.slice(0, 300)}…` : line
}
