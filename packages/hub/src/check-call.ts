import { findNearestName, HubError } from '@hfx/core'
import type {
  FileOptions,
  ListFilesOptions,
  RevisionOptions,
  SnapshotOptions,
} from './hub-client.ts'
import type { HubClientOptions } from './options.ts'

/** What an option may be, in words and as a question. */
interface Kind {
  readonly expected: string
  holds(value: unknown): boolean
}

type Kinds<T> = Readonly<Record<keyof T & string, Kind>>

const text: Kind = { expected: 'text that is not empty', holds: isText }
const flag: Kind = { expected: 'true or false', holds: (value) => typeof value === 'boolean' }
const call: Kind = { expected: 'a function', holds: (value) => typeof value === 'function' }
const patterns: Kind = {
  expected: 'a pattern or a list of patterns',
  holds: (value) => typeof value === 'string' || (Array.isArray(value) && value.every(isText)),
}
const signal: Kind = {
  expected: 'an AbortSignal',
  holds: (value) => isObject(value) && 'aborted' in value && 'addEventListener' in value,
}
const policy: Kind = {
  expected: "{ kind: 'cache-only' | 'cache-first' | 'network' } or { kind: 'revalidate', ttlMs }",
  holds: isPolicy,
}

const revisionKinds: Kinds<RevisionOptions> = { type: text, revision: text, signal }
const fileKinds: Kinds<FileOptions> = {
  ...revisionKinds,
  policy,
  force: flag,
  forceSpace: flag,
  localDir: text,
  onEvent: call,
}
const snapshotKinds: Kinds<SnapshotOptions> = {
  ...fileKinds,
  allowPatterns: patterns,
  ignorePatterns: patterns,
  select: call,
  files: { expected: 'a list of files', holds: Array.isArray },
}
const listKinds: Kinds<ListFilesOptions> = { ...revisionKinds, path: text, recursive: flag }

/** The methods of a client that take options. */
export type Method =
  | 'download'
  | 'snapshot'
  | 'plan'
  | 'listFiles'
  | 'fileInfo'
  | 'repoInfo'
  | 'listRefs'
  | 'whoami'

const methods: Readonly<Record<Method, Readonly<Record<string, Kind>>>> = {
  download: fileKinds,
  snapshot: snapshotKinds,
  plan: snapshotKinds,
  listFiles: listKinds,
  fileInfo: revisionKinds,
  repoInfo: revisionKinds,
  listRefs: revisionKinds,
  whoami: { signal },
}

/** What is given to a client as objects; the other options are the configuration's to check. */
const clientKinds: Partial<Kinds<HubClientOptions>> = {
  token: {
    expected: 'text, a function or false',
    holds: (value) => ['string', 'function'].includes(typeof value) || isSecretOrFalse(value),
  },
  onEvent: call,
  env: { expected: 'an object of variables', holds: isObject },
  flags: { expected: 'an object of options', holds: isObject },
  configFiles: {
    expected: '{ folder } or false',
    holds: (value) =>
      value === false || (isObject(value) && 'folder' in value && isText(value.folder)),
  },
}

/**
 * The options of a call, or ones that end it at once with what is wrong with them: who writes JavaScript, or forgets a
 * letter, is told instead of getting something else.
 */
export function checkCall<T extends object>(
  method: Method,
  options: T,
): T | { readonly signal: AbortSignal } {
  const error = findFault(method, options)
  return error ? { signal: AbortSignal.abort(error) } : options
}

function findFault(method: Method, options: unknown): HubError | undefined {
  const kinds = methods[method]
  if (!isObject(options))
    return fault(`${method}() takes an object of options, not ${nameOf(options)}`)
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
    if (!kind) return unknownOption(method, name, Object.keys(kinds))
    if (value !== undefined && !kind.holds(value))
      return wrongValue(`${method}()`, name, { value, kind })
  }
  return undefined
}

/** @throws HubError `HUB_INVALID_OPTION` naming the option that cannot be what it is */
export function checkClientOptions(options: unknown): void {
  if (!isObject(options))
    throw fault(`createHubClient() takes an object of options, not ${nameOf(options)}`)
  for (const [name, kind] of Object.entries(clientKinds)) {
    const value: unknown = Reflect.get(options, name)
    if (value !== undefined && !kind.holds(value))
      throw wrongValue('createHubClient()', name, { value, kind })
  }
}

function unknownOption(method: string, name: string, known: readonly string[]): HubError {
  const near = findNearestName(name, known)
  return fault(
    `${method}() has no option ${JSON.stringify(name)}`,
    near === undefined
      ? `It takes ${known.join(', ')}; the others are those of createHubClient().`
      : `Did you mean ${near}?`,
  )
}

function wrongValue(
  where: string,
  name: string,
  given: { readonly value: unknown; readonly kind: Kind },
): HubError {
  return fault(`${where}: ${name} is ${nameOf(given.value)}`, `It must be ${given.kind.expected}.`)
}

function fault(message: string, hint = 'Leave it out for the defaults.'): HubError {
  return new HubError({ code: 'HUB_INVALID_OPTION', message, hint })
}

/** What it is, without repeating what may be a secret. */
function nameOf(value: unknown): string {
  if (value === null) return 'null'
  if (value === '') return 'an empty text'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isSecretOrFalse(value: unknown): boolean {
  return value === false || (isObject(value) && 'reveal' in value)
}

function isPolicy(value: unknown): boolean {
  if (!isObject(value) || !('kind' in value)) return false
  if (value.kind === 'revalidate')
    return 'ttlMs' in value && typeof value.ttlMs === 'number' && value.ttlMs >= 0
  return value.kind === 'cache-only' || value.kind === 'cache-first' || value.kind === 'network'
}
