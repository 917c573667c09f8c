import { DiskError, type HubErrorCode } from '@hfx/core'

/** `ENOENT` and friends; undefined for an error of another kind. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** A link that leads to itself leads nowhere, too. */
const absent = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP'])

/** True when the error says that a file or a folder on the way to it is not there. */
export function isAbsent(error: unknown): boolean {
  const errno = errnoOf(error)
  return errno !== undefined && absent.has(errno)
}

/** True when the place cannot be written by us, now or ever. */
export function isRefused(error: unknown): boolean {
  const errno = errnoOf(error)
  return errno === 'EROFS' || errno === 'EACCES' || errno === 'EPERM'
}

const meanings: Readonly<
  Record<string, { readonly code: HubErrorCode; readonly why: string; readonly hint: string }>
> = {
  ENOSPC: {
    code: 'HUB_NO_SPACE',
    why: 'the volume is full',
    hint: 'Free some space, or choose a cache on another volume with HF_HUB_CACHE.',
  },
  EDQUOT: {
    code: 'HUB_NO_SPACE',
    why: 'your quota is used up',
    hint: 'Free some space, or choose a cache on another volume with HF_HUB_CACHE.',
  },
  EROFS: {
    code: 'HUB_READ_ONLY',
    why: 'the volume is read-only',
    hint: 'Choose a writable cache with HF_HUB_CACHE; the read-only one can be a layer below it.',
  },
  EACCES: {
    code: 'HUB_PERMISSION_DENIED',
    why: 'permission denied',
    hint: 'Check who owns the folder, or choose another with HF_HUB_CACHE.',
  },
  EPERM: {
    code: 'HUB_PERMISSION_DENIED',
    why: 'operation not permitted',
    hint: 'Check who owns the folder and whether another program holds the file.',
  },
  ENAMETOOLONG: {
    code: 'HUB_UNSAFE_PATH',
    why: 'the name is too long for this volume',
    hint: 'Exclude this file, or choose a folder with a shorter path.',
  },
  EBUSY: {
    code: 'HUB_DISK',
    why: 'another program holds the file',
    hint: 'Close the program that uses it (often an antivirus) and run the command again.',
  },
}

/** An operating system error as one that a user can act on; anything else unchanged. */
export function toDiskError(error: unknown, path: string, doing: string): unknown {
  const errno = errnoOf(error)
  if (errno === undefined || !/^E[A-Z0-9]+$/.test(errno)) return error
  const meaning = meanings[errno] ?? {
    code: 'HUB_DISK' as const,
    why: errno,
    hint: 'Check the volume and the path.',
  }
  return new DiskError({
    code: meaning.code,
    path,
    message: `cannot ${doing} ${path}: ${meaning.why}`,
    hint: meaning.hint,
    cause: error,
  })
}

/** Runs disk work, turning what the operating system says into a {@link DiskError}. */
export async function onDisk<T>(path: string, doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw toDiskError(error, path, doing)
  }
}
