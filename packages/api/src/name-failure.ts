import {
  type HttpError,
  type HubErrorCode,
  isHubError,
  type RepoRef,
  rewordHttpError,
} from '@hfx/core'
import type { AskDeps } from './deps.ts'

/** What was asked, so that a refusal can name it. */
export interface Subject {
  readonly repo: RepoRef
  readonly revision?: string
  readonly path?: string
}

/**
 * Runs a question and, when the Hub refuses it, names the repository, revision or file in the error.
 * The transport's error stays as `cause`; status, request id and attempts are kept.
 */
export async function askAbout<T>(
  deps: AskDeps,
  subject: Subject,
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    throw isHttpError(error) ? nameFailure(deps, subject, error) : error
  }
}

/** True for an `HttpError`, also one made by another copy of core. */
export function isHttpError(value: unknown): value is HttpError {
  return isHubError(value) && value.name === 'HttpError' && 'retryable' in value
}

function nameFailure(deps: AskDeps, subject: Subject, error: HttpError): HttpError {
  const code = refineCode(subject, error)
  // The Hub answers 401 to those whom it does not know, 403 or 404 to those whom it does.
  const isAnonymous = error.status === 401
  const told = explain(deps, subject, { code, serverSaid: error.message, isAnonymous })
  const message = told?.message ?? prefix(subject, error.message)
  return rewordHttpError(error, { code, message, ...(told?.hint ? { hint: told.hint } : {}) })
}

/** What a transport makes of a 404 that does not say of what: it knows no subject. */
const bare404: ReadonlySet<HubErrorCode> = new Set(['HUB_HTTP_STATUS', 'HUB_ENTRY_NOT_FOUND'])

/** Mirrors send a 404 without saying of what: then it is the narrowest thing that was asked for. */
function refineCode(subject: Subject, error: HttpError): HubErrorCode {
  if (error.status !== 404 || !bare404.has(error.code)) return error.code
  if (subject.path !== undefined) return 'HUB_ENTRY_NOT_FOUND'
  return subject.revision === undefined ? 'HUB_REPO_NOT_FOUND' : 'HUB_REVISION_NOT_FOUND'
}

interface Refusal {
  readonly code: HubErrorCode
  readonly serverSaid: string
  readonly isAnonymous: boolean
}

interface Told {
  readonly message: string
  readonly hint: string
}

function explain(deps: AskDeps, subject: Subject, refusal: Refusal): Told | undefined {
  const name = nameOf(subject.repo)
  const page = deps.urls.repoPage(subject.repo)
  if (refusal.code === 'HUB_REPO_NOT_FOUND') {
    const why = refusal.isAnonymous ? 'no token was sent' : 'the token in use may not see it'
    return {
      message: `${name} was not found at ${deps.urls.endpoint}, or it is private and ${why}`,
      hint: 'Check the spelling and the repository type; for a private repository set HF_TOKEN or run `hfx auth login`.',
    }
  }
  if (refusal.code === 'HUB_REVISION_NOT_FOUND') {
    return {
      message: `${name} has no revision "${subject.revision ?? 'main'}"`,
      hint: `Give a branch, a tag, refs/pr/N or a commit hash; ${page} shows them.`,
    }
  }
  if (refusal.code === 'HUB_ENTRY_NOT_FOUND' && subject.path !== undefined) {
    return {
      message: `${name} has no "${subject.path}" at revision "${subject.revision ?? 'main'}"`,
      hint: `List its files with \`hfx ls\`, or look at ${page}; names are case-sensitive.`,
    }
  }
  if (refusal.code === 'HUB_GATED_REPO') return explainGate(name, page, refusal)
  return undefined
}

function explainGate(name: string, page: string, refusal: Refusal): Told {
  const isPending = /await|pending|under review/iu.test(refusal.serverSaid)
  if (isPending) {
    return {
      message: `access to ${name} has been asked for, but its authors have not granted it yet`,
      hint: `See the state of your request at ${page}.`,
    }
  }
  const why = refusal.isAnonymous
    ? 'it opens to accounts that accepted its terms, and no token was sent'
    : 'the account of the token in use has no access to it'
  return {
    message: `${name} is gated: ${why}`,
    hint: `Accept its terms at ${page} in a browser, then use a token of that account (HF_TOKEN or \`hfx auth login\`).`,
  }
}

function prefix(subject: Subject, message: string): string {
  return message.includes(subject.repo.id) ? message : `${nameOf(subject.repo)}: ${message}`
}

function nameOf(repo: RepoRef): string {
  return `${repo.type} ${repo.id}`
}
