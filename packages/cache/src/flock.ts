import type { Logger } from '@hfx/core'
import type { FdLocker } from './fd-lock.ts'

/** `LOCK_EX | LOCK_NB` of flock(2), the same on Linux and the BSDs. */
const lockExclusiveNow = 2 | 4

/**
 * flock(2) through koffi, where a user has installed that optional peer: a few microseconds a lock. Undefined where
 * there is no koffi, or no libc that it can open.
 */
export async function loadKoffiLocker(logger: Logger): Promise<FdLocker | undefined> {
  try {
    const { default: koffi } = await import('koffi')
    const flock: unknown = koffi.load(null).func('int flock(int fd, int operation)')
    if (!isFlock(flock)) return undefined
    const busy = koffi.os.errno['EWOULDBLOCK'] ?? koffi.os.errno['EAGAIN']
    return {
      name: 'koffi',
      lockFd: async (fd) => {
        if (flock(fd, lockExclusiveNow) === 0) return 'held'
        return koffi.errno() === busy ? 'busy' : 'unsupported'
      },
    }
  } catch (error) {
    logger.debug('koffi is not here; locks are taken another way', { error })
    return undefined
  }
}

function isFlock(value: unknown): value is (fd: number, operation: number) => number {
  return typeof value === 'function'
}
