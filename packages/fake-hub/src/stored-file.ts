import { createHash, type Hash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type ByteSource, createBufferSource, createGeneratedSource } from './byte-source.ts'
import { type DetailedFileSpec, type FileSpec } from './repo-spec.ts'

/** A file as the Hub keeps it. */
export interface StoredFile {
  readonly path: string
  readonly source: ByteSource
  readonly lfs: boolean
  readonly xetHash: string | undefined
  /** Verbatim ETag of the spec, or undefined for the real one. */
  readonly etag: string | undefined
  readonly fingerprint: string
  /** The git ids; hashes the content on first call, in slices, and remembers. */
  describe(): Promise<FileIds>
}

export interface FileIds {
  /** Git blob id; of the pointer when LFS. */
  readonly oid: string
  readonly lfs: { readonly sha256: string; readonly pointerSizeBytes: number } | undefined
}

/** @throws TypeError when a spec names no content or more than one */
export function createStoredFile(path: string, spec: FileSpec): StoredFile {
  const detailed = typeof spec === 'string' || spec instanceof Uint8Array ? { bytes: spec } : spec
  const source = openSource(path, detailed)
  const lfs = detailed.lfs ?? detailed.xetHash !== undefined
  let ids: Promise<FileIds> | undefined
  return {
    path,
    source,
    lfs,
    xetHash: detailed.xetHash,
    etag: detailed.etag,
    fingerprint: [lfs, detailed.trustSha256 ?? source.fingerprint, detailed.etag].join(':'),
    describe() {
      ids ??= lfs ? describeLfs(source, detailed.trustSha256) : describeGit(source)
      return ids
    },
  }
}

/** Hex git object id of an object's content. */
export function hashGitObject(kind: 'blob' | 'tree' | 'commit', content: Uint8Array): string {
  const header = `${kind} ${content.byteLength}\0`
  return createHash('sha1').update(header).update(content).digest('hex')
}

function openSource(path: string, spec: DetailedFileSpec): ByteSource {
  const given: ByteSource[] = []
  if (spec.bytes !== undefined) given.push(createBufferSource(spec.bytes))
  if (spec.generate) given.push(createGeneratedSource(spec.generate))
  if (spec.source) given.push(spec.source)
  const [source, ...more] = given
  if (source && more.length === 0) return source
  throw new TypeError(`file "${path}" needs exactly one of bytes, generate and source`)
}

async function describeLfs(source: ByteSource, trusted: string | undefined): Promise<FileIds> {
  const sha256 = trusted ?? (await hashSource(source, createHash('sha256')))
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${source.sizeBytes}\n`
  const oid = hashGitObject('blob', Buffer.from(pointer))
  return { oid, lfs: { sha256, pointerSizeBytes: Buffer.byteLength(pointer) } }
}

async function describeGit(source: ByteSource): Promise<FileIds> {
  const hash = createHash('sha1').update(`blob ${source.sizeBytes}\0`)
  return { oid: await hashSource(source, hash), lfs: undefined }
}

const sliceBytes = 1024 * 1024

/** In slices, so that a large file does not hold up every other request of the process. */
async function hashSource(source: ByteSource, hash: Hash): Promise<string> {
  for (let start = 0; start < source.sizeBytes; start += sliceBytes) {
    hash.update(source.read(start, Math.min(start + sliceBytes, source.sizeBytes)))
    if (start % (8 * sliceBytes) === 7 * sliceBytes) await nextTurn()
  }
  return hash.digest('hex')
}
