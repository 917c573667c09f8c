import { checkRevision, HubError, parseRepo, type RepoRef } from '@hfx/core'
import type { ParseTarget } from './compose-parts.ts'
import type { RepoInput, RevisionOptions } from './hub-client.ts'

/** A repository at a revision, and what else the input named. */
export interface Target {
  readonly repo: RepoRef
  readonly revision: string
  /** File or folder, when a URI or URL named one. */
  readonly path?: string
}

/**
 * Reads what a caller calls a repository, together with type and revision.
 * @throws HubError `HUB_INVALID_REPO_ID`, `HUB_INVALID_URI`; `HUB_INVALID_OPTION` when input and options disagree
 */
export function readTarget(
  input: RepoInput,
  options: RevisionOptions,
  parseTarget: ParseTarget,
): Target {
  const named = typeof input === 'string' ? parseTarget(input) : undefined
  if (!named) {
    return {
      repo: parseRepo(input, options.type),
      revision: checkRevision(options.revision ?? 'main'),
    }
  }
  requireEqual('type', options.type, named.repo.type)
  requireEqual('revision', options.revision, named.revision)
  return { ...named, revision: checkRevision(options.revision ?? named.revision ?? 'main') }
}

function requireEqual(what: string, option: string | undefined, named: string | undefined): void {
  if (option !== undefined && named !== undefined && option !== named)
    throw disagree(what, option, named)
}

/** Patterns as a list; a single one counts as a list of one, and nothing stays nothing. */
export function toList(
  patterns: string | readonly string[] | undefined,
): readonly string[] | undefined {
  return typeof patterns === 'string' ? [patterns] : patterns
}

function disagree(what: string, option: string, named: string): HubError {
  return new HubError({
    code: 'HUB_INVALID_OPTION',
    message: `the ${what} is ${named} in the address and ${option} in the options`,
    hint: 'Give it once.',
  })
}
