import { checkRepoPath, type RepoFile } from '@hfx/core'

const xetHashPattern = /^[0-9a-f]{64}$/i
const oidPattern = /^[0-9a-f]{40}$/i
const sha256Pattern = /^[0-9a-f]{64}$/i

/** False when a hash is masked, as gated repositories do: such a listing must not be stored. */
export function isStorable({ xetHash }: RepoFile): boolean {
  return xetHash === undefined || xetHashPattern.test(xetHash)
}

/** One member of a listing's `files`, as Python writes it. */
export function formatMember(file: RepoFile): string {
  return `  ${quote(file.path)}: {\n   ${formatFields(file).join(',\n   ')}\n  }`
}

/** The members of a listing's `files`. @throws HubError `HUB_UNSAFE_PATH`, TypeError for one of the wrong shape */
export function parseMembers(members: unknown): readonly RepoFile[] {
  const entries = Object.entries(asRecord(members, 'files'))
  return entries.map(([path, entry]) => parseEntry(path, asRecord(entry, path)))
}

/** By code point: JavaScript compares UTF-16 units, which differ from Python's order beyond the basic plane. */
export function compareByPath({ path: a }: RepoFile, { path: b }: RepoFile): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index += 1) {
    const [left, right] = [a.charCodeAt(index), b.charCodeAt(index)]
    if (left !== right) return codePointOrder(left) - codePointOrder(right)
  }
  return a.length - b.length
}

export function asRecord(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value
  throw new TypeError(`${what} is no object`)
}

function formatFields(file: RepoFile): string[] {
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

/** Surrogates stand for code points above every other unit. */
function codePointOrder(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
