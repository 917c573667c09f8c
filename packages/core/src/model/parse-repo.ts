import { HubError } from '../errors.ts'
import { type RepoRef, type RepoType, repoTypes } from './repo.ts'

/** At most one `/`; each part of word characters, `-` and `.`, beginning and ending with a word character. */
const idPattern = /^(?:\w(?:[\w.-]*\w)?\/)?\w(?:[\w.-]{0,94}\w)?$/

/**
 * A checked repository reference. Accepts `name`, `namespace/name` and, when no type is given, a type prefix
 * (`datasets/org/name`). Stricter than the Python client only where it lets non-ASCII and a trailing newline pass.
 * @throws HubError `HUB_INVALID_REPO_ID`
 */
export function parseRepo(input: string | RepoRef, type?: RepoType): RepoRef {
  if (typeof input !== 'string')
    return { type: parseRepoType(input.type), id: parseRepoId(input.id) }
  const prefixed = type === undefined ? splitTypePrefix(input) : undefined
  if (prefixed) return { type: prefixed.type, id: parseRepoId(prefixed.id) }
  return { type: type === undefined ? 'model' : parseRepoType(type), id: parseRepoId(input) }
}

/** The id itself when it is one the Hub can have. @throws HubError `HUB_INVALID_REPO_ID` */
export function parseRepoId(id: unknown): string {
  if (typeof id !== 'string') throw invalidRepoId(String(id), 'it must be a string')
  const parts = id.split('/')
  if (parts.length > 2) throw invalidRepoId(id, 'it has more than one "/"')
  if (id.includes('--') || id.includes('..'))
    throw invalidRepoId(id, '"--" and ".." are not allowed')
  if (id.endsWith('.git')) throw invalidRepoId(id, 'it must not end in ".git"')
  if (!idPattern.test(id)) {
    throw invalidRepoId(
      id,
      'use letters, digits, "-", "_" and ".", at most 96 characters, as name or namespace/name',
    )
  }
  return id
}

/** `models` → `model` and back, as URLs and cache folders spell it. */
export function pluralOf(type: RepoType): `${RepoType}s` {
  return `${type}s`
}

/** The type that a word means: `model` and `models` alike. @throws HubError `HUB_INVALID_REPO_ID` */
export function parseRepoType(type: string): RepoType {
  const found = repoTypes.find((known) => known === type || pluralOf(known) === type)
  if (found) return found
  throw new HubError({
    code: 'HUB_INVALID_REPO_ID',
    message: `"${type}" is not a repository type`,
    hint: `Use one of: ${repoTypes.join(', ')}.`,
  })
}

function splitTypePrefix(input: string): RepoRef | undefined {
  const [prefix, ...rest] = input.split('/')
  const type = repoTypes.find((known) => pluralOf(known) === prefix)
  return type && rest.length === 2 ? { type, id: rest.join('/') } : undefined
}

function invalidRepoId(id: string, why: string): HubError {
  return new HubError({
    code: 'HUB_INVALID_REPO_ID',
    message: `"${id}" is not a repository id: ${why}`,
    hint: 'Write it as on the Hub, for example "openai/whisper-tiny".',
  })
}
