import { createHash } from 'node:crypto'
import {
  IntegrityError,
  type ContentHash,
  type ExpectedContent,
  type VerifiedFile,
} from '@hfx/core'

/** Takes a file's bytes in order and gives the digest by which the Hub names them. */
export interface ContentHasher {
  update(bytes: Uint8Array): void
  digest(): string
}

/** SHA-256 of the bytes, or git's blob SHA-1, which hashes the size first. */
export function createContentHasher(
  algorithm: ContentHash['algorithm'],
  sizeBytes: number,
): ContentHasher {
  const hash = createHash(algorithm === 'sha256' ? 'sha256' : 'sha1')
  if (algorithm === 'git-sha1') hash.update(`blob ${sizeBytes}\0`)
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') }
}

/** What is known of bytes on disk. */
export interface StoredContent {
  readonly path: string
  readonly sizeBytes: number
  /** Digest of the content under the expected algorithm; absent where no hash is expected. */
  readonly digest?: string
}

/**
 * The only maker of a `VerifiedFile`: the bytes are what was promised.
 * @throws IntegrityError `HUB_SIZE_MISMATCH`, `HUB_HASH_MISMATCH`
 */
export function proveContent(stored: StoredContent, expected: ExpectedContent): VerifiedFile {
  if (stored.sizeBytes !== expected.sizeBytes) throw describeSizeMismatch(stored, expected)
  if (expected.hash && stored.digest !== expected.hash.digest)
    throw describeHashMismatch(stored, expected, expected.hash)
  const proven = {
    path: stored.path,
    sizeBytes: stored.sizeBytes,
    verifiedBy: expected.hash?.algorithm ?? 'size',
  }
  return proven as VerifiedFile
}

function describeSizeMismatch(stored: StoredContent, expected: ExpectedContent): IntegrityError {
  return new IntegrityError({
    code: 'HUB_SIZE_MISMATCH',
    path: expected.path,
    expected: String(expected.sizeBytes),
    actual: String(stored.sizeBytes),
    message: `${expected.path} has ${stored.sizeBytes} bytes, not ${expected.sizeBytes}`,
    hint: 'Download it again; nothing wrong was published.',
  })
}

function describeHashMismatch(
  stored: StoredContent,
  expected: ExpectedContent,
  hash: ContentHash,
): IntegrityError {
  return new IntegrityError({
    code: 'HUB_HASH_MISMATCH',
    path: expected.path,
    expected: hash.digest,
    actual: stored.digest ?? 'not computed',
    message: `the ${hash.algorithm} of ${expected.path} is not the one that was promised`,
    hint: 'Download it again; nothing wrong was published. If it stays, a proxy or mirror changes the bytes.',
  })
}
