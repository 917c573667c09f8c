import { readFile, stat } from 'node:fs/promises'
import { checkRepoPath, type Logger, type RepoFile } from '@hfx/core'
import { isAbsent } from './disk-error.ts'

/** Listings above this are not read: 2,000,000 files stay below it, a bomb does not. */
const maxTreeBytes = 512 * 1024 * 1024
const xetHashPattern = /^[0-9a-f]{64}$/i
const oidPattern = /^[0-9a-f]{40}$/i
const sha256Pattern = /^[0-9a-f]{64}$/i

/** False when a hash is masked, as gated repositories do: such a listing must not be stored. */
export function isStorableTree(files: readonly RepoFile[]): boolean {
  return files.every(({ xetHash }) => xetHash === undefined || xetHashPattern.test(xetHash))
}

/**
 * A listing as Python writes it: version 1, paths sorted by code point, one space of indent, ASCII only, no newline at
 * the end. In pieces, so that a listing of 150,000 files is never one string.
 */
export function* formatTree(files: readonly RepoFile[]): Generator<string> {
  const sorted = files.toSorted((a, b) => compareCodePoints(a.path, b.path))
  yield '{\n "format_version": 1,\n "files": {'
  for (const [index, file] of sorted.entries()) {
    yield `${index === 0 ? '' : ','}\n  ${quote(file.path)}: {\n   ${formatEntry(file).join(',\n   ')}\n  }`
  }
  yield sorted.length === 0 ? '}\n}' : '\n }\n}'
}

/**
 * The files of a stored listing; undefined when there is none, or one of another version, with damage, a masked hash
 * or a path that could leave its folder.
 */
export async function readTreeFile(
  path: string,
  logger: Logger,
): Promise<readonly RepoFile[] | undefined> {
  try {
    const { size } = await stat(path)
    if (size <= maxTreeBytes) return parseTree(JSON.parse(await readFile(path, 'utf8')))
    logger.warn('a stored listing is too large and will be asked for again', { path, size })
  } catch (error) {
    if (!isAbsent(error)) {
      logger.warn('a stored listing is damaged and will be asked for again', { path, error })
    }
  }
  return undefined
}

/** @throws HubError `HUB_UNSAFE_PATH`, TypeError for a listing of the wrong shape */
export function parseTree(value: unknown): readonly RepoFile[] | undefined {
  const root = asRecord(value, 'the listing')
  if (root['format_version'] !== 1) return undefined
  const entries = Object.entries(asRecord(root['files'], 'files'))
  const files = entries.map(([path, entry]) => parseEntry(path, asRecord(entry, path)))
  return isStorableTree(files) ? files : undefined
}

function formatEntry(file: RepoFile): string[] {
  return [
    `"size": ${file.sizeBytes}`,
    `"blob_id": ${quote(file.blobId)}`,
    ...(file.lfs
      ? [`"lfs_sha256": ${quote(file.lfs.sha256)}`, `"lfs_size": ${file.lfs.sizeBytes}`]
      : []),
    ...(file.xetHash === undefined ? [] : [`"xet_hash": ${quote(file.xetHash)}`]),
  ]
}

/** A JSON string of ASCII characters only. DEL is left as it is, as Python does. */
function quote(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function parseEntry(path: string, entry: Readonly<Record<string, unknown>>): RepoFile {
  const sha256 = entry['lfs_sha256']
  const xetHash = entry['xet_hash']
  return {
    path: checkRepoPath(path),
    sizeBytes: asSize(entry['size'], path),
    blobId: asHex(entry['blob_id'], oidPattern, path),
    ...(sha256 === undefined || sha256 === null
      ? {}
      : {
          lfs: {
            sha256: asHex(sha256, sha256Pattern, path),
            sizeBytes: asSize(entry['lfs_size'], path),
          },
        }),
    ...(xetHash === undefined || xetHash === null ? {} : { xetHash: asText(xetHash, path) }),
  }
}

function asRecord(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value
  throw new TypeError(`${what} is no object`)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function asSize(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new TypeError(`the size of ${what} is no size`)
}

function asHex(value: unknown, pattern: RegExp, what: string): string {
  if (typeof value === 'string' && pattern.test(value)) return value
  throw new TypeError(`a hash of ${what} is no hash`)
}

/** Any text: a masked hash is no damage, only a reason to ask again. */
function asText(value: unknown, what: string): string {
  if (typeof value === 'string') return value
  throw new TypeError(`the Xet hash of ${what} is no text`)
}

/** JavaScript compares UTF-16 units, Python code points: they differ beyond the basic plane. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index += 1) {
    const [left, right] = [a.charCodeAt(index), b.charCodeAt(index)]
    if (left !== right) return codePointOrder(left) - codePointOrder(right)
  }
  return a.length - b.length
}

/** Surrogates stand for code points above every other unit. */
function codePointOrder(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
