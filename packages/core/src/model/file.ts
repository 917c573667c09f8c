import type { RepoRef } from './repo.ts'

/** A digest of a file's whole content, by which the Hub names it. */
export interface ContentHash {
  /** `sha256` of the bytes (LFS and Xet files), or git's blob SHA-1 (`blob <length>\0` + bytes). */
  readonly algorithm: 'sha256' | 'git-sha1'
  /** Lower-case hex. */
  readonly digest: string
}

/** One file of a tree listing. Folders are left out. */
export interface RepoFile {
  /** Path inside the repository, `/` between segments. */
  readonly path: string
  /** Bytes of the real content, also for LFS files. */
  readonly sizeBytes: number
  /** Git object id; for LFS files it is the pointer's. 40 hex characters. */
  readonly blobId: string
  readonly lfs?: { readonly sha256: string; readonly sizeBytes: number }
  /** Xet merkle hash, 64 hex characters. Never a file name. */
  readonly xetHash?: string
}

/** A file at a commit, with all that is needed to fetch, verify and file it. */
export interface PinnedFile {
  readonly repo: RepoRef
  readonly commit: string
  readonly path: string
  readonly sizeBytes: number
  /** Name of the blob in the cache: the normalised ETag (sha256 of LFS files, git SHA-1 of the others). */
  readonly etag: string
  /** What the bytes are verified against. Absent only where a mirror names no content hash. */
  readonly hash?: ContentHash
  readonly xetHash?: string
}

/** The file of a listing, pinned to the commit that was listed. */
export function pinFile(repo: RepoRef, commit: string, file: RepoFile): PinnedFile {
  const hash: ContentHash = file.lfs
    ? { algorithm: 'sha256', digest: file.lfs.sha256 }
    : { algorithm: 'git-sha1', digest: file.blobId }
  return {
    repo,
    commit,
    path: file.path,
    sizeBytes: file.lfs?.sizeBytes ?? file.sizeBytes,
    etag: hash.digest,
    hash,
    ...(file.xetHash === undefined ? {} : { xetHash: file.xetHash }),
  }
}

/** Where a file's bytes can be had right now. */
export interface FileLocation {
  /** The resolve URL itself, or the signed data URL that it redirects to. Secret when signed. */
  readonly url: string
  /** Milliseconds since the epoch after which a signed URL is refused, where it says so. */
  readonly expiresAtMs?: number
}

declare const verified: unique symbol

/** Bytes that wait on disk, not yet proven. */
export interface StagedFile {
  /** Folder on the same volume as the final place. It exists. */
  readonly folder: string
  /** Start of the partial's name; the transfer appends `.<8 hex>.incomplete`. */
  readonly stem: string
}

/** Bytes on disk that are proven to be what the Hub promised. Made by `transfer/src/verify-file.ts` only. */
export interface VerifiedFile {
  readonly [verified]: true
  /** Where the bytes are now; the store moves them from here. */
  readonly path: string
  readonly sizeBytes: number
  /** What was compared: the content hash, or only the size where the Hub named no hash. */
  readonly verifiedBy: 'sha256' | 'git-sha1' | 'size'
}

/** A published file. */
export interface CachedFile {
  /** Absolute path a program opens. */
  readonly path: string
  readonly sizeBytes: number
}

/** A file of a snapshot as it is on disk, its bytes not looked at. */
export interface FoundFile extends CachedFile {
  /** False in a local folder where nothing tells that it is the file of this commit: another's, or touched since. */
  readonly isOfCommit: boolean
}
