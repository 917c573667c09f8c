import { utimes } from 'node:fs/promises'
import { DiskError, isCommitHash, type CachedRevision } from '@hfx/core'
import { errnoOf, onDisk } from './disk-error.ts'
import type { ResolvedCacheDeps, ResolvedStoreOptions } from './options.ts'
import { readSmallFile } from './read-small-file.ts'
import { writeAtomic } from './write-atomic.ts'

export interface RefFile {
  readonly path: string
  readonly revision: string
  readonly tempFolder: string
}

/** A ref is 40 bytes; one that is much longer is none. */
const maxRefBytes = 256

/** The commit a ref file names, trimmed; undefined when there is none, or it names none. */
export async function readRef(path: string): Promise<CachedRevision | undefined> {
  const file = await readSmallFile(path, maxRefBytes)
  const commit = file?.text.trim() ?? ''
  return file && isCommitHash(commit) ? { commit, checkedAtMs: file.mtimeMs } : undefined
}

/**
 * Writes the 40 characters of a commit, no newline, atomically. An unchanged ref only gets a new time.
 * @throws DiskError `HUB_DISK` when `feat` is a ref already and `feat/x` is to be one, or the other way round
 */
export async function writeRef(
  deps: ResolvedCacheDeps,
  ref: RefFile & { readonly commit: string },
  options: ResolvedStoreOptions,
): Promise<void> {
  if ((await readRaw(ref.path)) === ref.commit) {
    const now = deps.clock.now() / 1000
    // The time is only for `revalidate`; a cache that is not ours to touch stays as it is.
    await utimes(ref.path, now, now).catch(() => {})
    return
  }
  const file = { path: ref.path, text: [ref.commit], tempFolder: ref.tempFolder }
  try {
    await onDisk(ref.path, 'write', () => writeAtomic(deps, file, options))
  } catch (error) {
    throw isCollision(error) ? refCollision(ref, error) : error
  }
}

/** A ref that cannot be read is written anew. */
async function readRaw(path: string): Promise<string | undefined> {
  return (await readSmallFile(path, maxRefBytes).catch(() => undefined))?.text
}

function isCollision(error: unknown): boolean {
  const cause = error instanceof DiskError ? error.cause : error
  return ['ENOTDIR', 'EEXIST', 'EISDIR', 'ENOTEMPTY'].includes(errnoOf(cause) ?? '')
}

function refCollision(ref: RefFile, cause: unknown): DiskError {
  return new DiskError({
    code: 'HUB_DISK',
    path: ref.path,
    message: `the ref ${ref.revision} cannot be stored: another ref stands in its way`,
    hint: 'The files are there. Offline, ask for them by their commit, or remove the revision that is in the way.',
    cause,
  })
}
