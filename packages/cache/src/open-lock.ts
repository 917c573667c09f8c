import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { errnoOf } from './disk-error.ts'
import type { HeldLock, LockBackend, NoLock } from './lock-backend.ts'

/** `O_EXLOCK` of macOS and the BSDs. */
const exclusiveLockFlag = 0x20
/** libuv's flag for a share mode of none on Windows. */
const noSharingFlag = 0x1000_0000

/** Flags with which opening a file locks it; undefined for a system that has none. */
export function openLockFlags(os: string): number | undefined {
  const { O_CREAT, O_NONBLOCK, O_RDWR } = constants
  if (os === 'darwin' || os === 'freebsd' || os === 'openbsd')
    return O_RDWR | O_CREAT | O_NONBLOCK | exclusiveLockFlag
  return os === 'win32' ? O_RDWR | O_CREAT | noSharingFlag : undefined
}

/** True when the error of such an open says that somebody else has the file. */
export function isOpenLockBusy(errno: string | undefined, os: string): boolean {
  if (os === 'win32') return errno === 'EBUSY' || errno === 'EPERM' || errno === 'EACCES'
  return errno === 'EAGAIN' || errno === 'EWOULDBLOCK'
}

/** What opens a file; replaced in tests of other systems. */
export type OpenFile = (
  path: string,
  flags: number,
  mode: number,
) => Promise<{ close(): Promise<void> }>

/** The lock that macOS and Windows take while they open a file: no native code, and Python honours it. */
export function createOpenLocks(os: string, openFile: OpenFile = open): LockBackend | undefined {
  const flags = openLockFlags(os)
  if (flags === undefined) return undefined
  return {
    name: 'open',
    pollMs: 50,
    minBytes: 0,
    tryLock: (path) => tryOpen(path, { os, flags, openFile }),
  }
}

async function tryOpen(
  path: string,
  how: { readonly os: string; readonly flags: number; readonly openFile: OpenFile },
): Promise<HeldLock | NoLock> {
  try {
    const handle = await how.openFile(path, how.flags, 0o664)
    return { release: () => handle.close() }
  } catch (error) {
    const errno = errnoOf(error)
    if (isOpenLockBusy(errno, how.os)) return 'busy'
    if (errno === 'ENOTSUP' || errno === 'EOPNOTSUPP' || errno === 'ENOSYS') return 'unsupported'
    throw error
  }
}
