import { findPathFault, HubError, isCommitHash, parseRepo, repoTypes } from '@hfx/core'
import type { LockedFile, LockedRepo, LockedSelection, LockFile } from './lock-file.ts'

/**
 * Reads the text of a lock file and believes nothing of it: hashes, paths and repository names are checked.
 * @throws HubError `HUB_INVALID_CONFIG` naming the place and what was expected
 */
export function parseLockFile(text: string, name = 'hf.lock'): LockFile {
  const fail = (where: string, expected: string): never => {
    throw new HubError({
      code: 'HUB_INVALID_CONFIG',
      message: `${name} is no lock file: ${where} must be ${expected}`,
      hint: 'Take it from version control again, or write it anew with hfx lock.',
    })
  }
  const document = asRecord(parseJson(text, fail)) ?? fail('the document', 'an object')
  if (document['lockVersion'] !== 1) fail('lockVersion', '1')
  const repos = asArray(document['repos']) ?? fail('repos', 'a list')
  return { lockVersion: 1, repos: repos.map((repo, at) => readRepo(repo, `repos[${at}]`, fail)) }
}

type Fail = (where: string, expected: string) => never

function parseJson(text: string, fail: Fail): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return fail('the text', 'JSON')
  }
}

function readRepo(value: unknown, where: string, fail: Fail): LockedRepo {
  const record = asRecord(value) ?? fail(where, 'an object')
  const type =
    repoTypes.find((known) => known === record['type']) ??
    fail(`${where}.type`, repoTypes.join(', '))
  const repo = asText(record['repo']) ?? fail(`${where}.repo`, 'a repository id')
  const commit = asText(record['commit']) ?? ''
  if (!isCommitHash(commit)) fail(`${where}.commit`, 'a commit hash of 40 hex characters')
  const files = asArray(record['files']) ?? fail(`${where}.files`, 'a list')
  const select =
    record['select'] === undefined
      ? undefined
      : readSelection(record['select'], `${where}.select`, fail)
  return {
    repo: parseRepo(repo, type).id,
    type,
    revision: asText(record['revision']) ?? fail(`${where}.revision`, 'a revision'),
    commit,
    ...(select ? { select } : {}),
    files: files.map((file, at) => readFile(file, `${where}.files[${at}]`, fail)),
  }
}

function readFile(value: unknown, where: string, fail: Fail): LockedFile {
  const record = asRecord(value) ?? fail(where, 'an object')
  const path = asText(record['path']) ?? fail(`${where}.path`, 'a path')
  if (findPathFault(path) !== undefined) fail(`${where}.path`, 'a path inside the repository')
  const sizeBytes =
    asWholeNumber(record['sizeBytes']) ?? fail(`${where}.sizeBytes`, 'a whole number')
  const sha256 = asText(record['sha256'])
  if (sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256)) return { path, sizeBytes, sha256 }
  const gitSha1 = asText(record['gitSha1'])
  if (gitSha1 !== undefined && isCommitHash(gitSha1)) return { path, sizeBytes, gitSha1 }
  return fail(where, 'named by a sha256 or a gitSha1')
}

function readSelection(value: unknown, where: string, fail: Fail): LockedSelection {
  const record = asRecord(value) ?? fail(where, 'an object')
  const quant = asText(record['quant'])
  const include = readTexts(record['include'], `${where}.include`, fail)
  const exclude = readTexts(record['exclude'], `${where}.exclude`, fail)
  return {
    ...(include ? { include } : {}),
    ...(exclude ? { exclude } : {}),
    ...(record['weights'] === 'auto' ? { weights: 'auto' } : {}),
    ...(quant === undefined ? {} : { quant }),
  }
}

function readTexts(value: unknown, where: string, fail: Fail): readonly string[] | undefined {
  if (value === undefined) return undefined
  const list = asArray(value) ?? fail(where, 'a list of patterns')
  return list.map((item, at) => asText(item) ?? fail(`${where}[${at}]`, 'a pattern'))
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? { ...value }
    : undefined
}

function asArray(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function asWholeNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}
