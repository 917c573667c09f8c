import { checkRepoPath, type HttpResponse, type RepoFile } from '@hfx/core'
import { asByteCount, asRecord, asString, badResponse, type JsonRecord } from './read-json.ts'

const gitObject = /^[0-9a-f]{40}$/u
const sha256 = /^[0-9a-f]{64}$/u
/** Gated repositories send masked Xet hashes to those without access; either case is a real one. */
const xetHash = /^[0-9a-fA-F]{64}$/u

/**
 * One entry of a listing as a file; undefined for folders and for kinds that clients do not know.
 * @throws HubError `HUB_UNSAFE_PATH` for a name that would leave the folder it is written to
 * @throws HttpError `HUB_BAD_RESPONSE` for an entry without path, size or object id
 */
export function readTreeEntry(value: unknown, response: HttpResponse): RepoFile | undefined {
  const record = asRecord(value)
  if (!record) throw badResponse(response, 'a listing entry that is no object')
  const path = asString(record['path'])
  if (path === undefined) throw badResponse(response, 'a listing entry without a path')
  if (record['type'] !== 'file') return undefined
  return readFile(record, checkRepoPath(path), response)
}

function readFile(record: JsonRecord, path: string, response: HttpResponse): RepoFile {
  const sizeBytes = asByteCount(record['size'])
  if (sizeBytes === undefined) throw badResponse(response, `no usable size for ${quote(path)}`)
  const blobId = asString(record['oid'])
  if (blobId === undefined || !gitObject.test(blobId)) {
    throw badResponse(response, `no git object id for ${quote(path)}`)
  }
  const lfs = readLfs(record, path, response)
  const xet = xetHash.exec(asString(record['xetHash']) ?? '')?.[0].toLowerCase()
  return {
    path,
    sizeBytes: lfs?.sizeBytes ?? sizeBytes,
    blobId,
    ...(lfs === undefined ? {} : { lfs }),
    ...(xet === undefined ? {} : { xetHash: xet }),
  }
}

/** A broken LFS record must not pass as a git file: its object id is that of the pointer, not of the bytes. */
function readLfs(entry: JsonRecord, path: string, response: HttpResponse): RepoFile['lfs'] {
  if (entry['lfs'] === undefined || entry['lfs'] === null) return undefined
  const lfs = asRecord(entry['lfs'])
  const oid = asString(lfs?.['oid'])?.replace(/^sha256:/u, '')
  const sizeBytes = asByteCount(lfs?.['size'])
  if (oid === undefined || !sha256.test(oid) || sizeBytes === undefined) {
    throw badResponse(response, `no sha256 or size for the LFS file ${quote(path)}`)
  }
  return { sha256: oid, sizeBytes }
}

/** A name from outside, safe to print. */
function quote(path: string): string {
  return JSON.stringify(path.slice(0, 200))
}
