import { DiskError, isHubError, type HubErrorCode } from '@hfx/core'

const meanings: Readonly<
  Record<string, { code: HubErrorCode; what: string; hint: string } | undefined>
> = {
  ENOSPC: {
    code: 'HUB_NO_SPACE',
    what: 'the volume is full',
    hint: 'Free some space and run it again: what has arrived is kept.',
  },
  EDQUOT: {
    code: 'HUB_NO_SPACE',
    what: 'your quota on this volume is used up',
    hint: 'Free some space and run it again: what has arrived is kept.',
  },
  EACCES: {
    code: 'HUB_PERMISSION_DENIED',
    what: 'no permission to write there',
    hint: 'Choose a folder you may write to, or fix its owner and mode.',
  },
  EPERM: {
    code: 'HUB_PERMISSION_DENIED',
    what: 'the system forbids it',
    hint: 'Choose a folder you may write to, or fix its owner and mode.',
  },
  EROFS: {
    code: 'HUB_READ_ONLY',
    what: 'the volume is read-only',
    hint: 'Choose a folder on a volume that can be written.',
  },
}

/** The failed disk operation as a `DiskError`; an error that is ours already stays as it is. */
export function describeDiskError(error: unknown, path: string): Error {
  if (isHubError(error)) return error
  const errno = errnoOf(error)
  const meaning = errno === undefined ? undefined : meanings[errno]
  return new DiskError({
    code: meaning?.code ?? 'HUB_DISK',
    path,
    message: `cannot write ${path}: ${meaning?.what ?? (error instanceof Error ? error.message : String(error))}`,
    hint: meaning?.hint ?? 'Check the disk and its mount, then run it again.',
    cause: error,
  })
}

/** The system's name of an error (`ENOENT`), where it has one. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}
