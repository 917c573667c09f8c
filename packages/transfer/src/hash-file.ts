import { type ContentHash, type FileHasher, isHubError } from '@hfx/core'
import { createHashPool, type HashPool } from './hash-pool.ts'
import { raceSignal } from './race-signal.ts'
import { openForReading, type StagedWriter } from './staged-writer.ts'
import { createContentHasher } from './verify-file.ts'

/** Below this, starting or waking a thread costs more than the hash. */
const inlineBytes = 1024 ** 2
const readBytes = 512 * 1024

/** A hasher with threads of its own. */
export interface ClosableFileHasher extends FileHasher {
  /** Ends the threads. */
  close(): Promise<void>
}

/** A hasher of files on disk with its own threads; they start with the first file that is worth it. */
export function createFileHasher(): ClosableFileHasher {
  const pool = createHashPool()
  return {
    hashFile: async (path, algorithm, options = {}) =>
      (await hashStoredFile({ pool, ...options }, path, algorithm)).digest,
    close: () => pool.close(),
  }
}

export interface HashStoredFileDeps {
  readonly pool: HashPool
  readonly signal?: AbortSignal
}

/** Digest and size of a file, large ones in another thread. Rejects with the system's error where it cannot be read. */
export async function hashStoredFile(
  deps: HashStoredFileDeps,
  path: string,
  algorithm: ContentHash['algorithm'],
): Promise<{ readonly digest: string; readonly sizeBytes: number }> {
  deps.signal?.throwIfAborted()
  const file = await openForReading(path)
  try {
    const sizeBytes = await file.size()
    const about = { algorithm, sizeBytes, signal: deps.signal }
    const digest = await (sizeBytes <= inlineBytes
      ? hashInline(file, about)
      : hashInThread(deps.pool, file, about))
    return { digest, sizeBytes }
  } finally {
    await file.close()
  }
}

/** How an open file is hashed. */
export interface HashSubject {
  readonly algorithm: ContentHash['algorithm']
  readonly sizeBytes: number
  readonly signal?: AbortSignal | undefined
}

/** Reads and hashes on this thread, `readBytes` at a time. */
export async function hashInline(
  file: StagedWriter,
  { algorithm, sizeBytes, signal }: HashSubject,
): Promise<string> {
  const hasher = createContentHasher(algorithm, sizeBytes)
  const buffer = Buffer.allocUnsafe(Math.min(readBytes, Math.max(1, sizeBytes)))
  for (let at = 0; at < sizeBytes;) {
    signal?.throwIfAborted()
    const count = await file.read(buffer, at)
    if (count === 0) break
    hasher.update(buffer.subarray(0, count))
    at += count
  }
  return hasher.digest()
}

/** Where threads cannot run, or cannot read what this one has opened (Deno), it is hashed here. */
async function hashInThread(
  pool: HashPool,
  file: StagedWriter,
  about: HashSubject,
): Promise<string> {
  const { algorithm, sizeBytes, signal } = about
  const hash = pool.start({ fd: file.fd, algorithm, sizeBytes })
  try {
    return await raceSignal(hash.finish(), signal)
  } catch (error) {
    if (!isHubError(error, 'HUB_DISK')) throw error
    return await hashInline(file, about)
  } finally {
    // The worker reads through this descriptor: it must be done with it before the caller closes it.
    await hash.stop()
  }
}
