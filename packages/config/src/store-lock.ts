import { mkdir, rmdir, stat } from 'node:fs/promises'
import { type Clock, DiskError } from '@hfx/core'
import { hasCode } from './secret-file.ts'

/** A renewal takes one request; who holds the lock longer has died. */
const patienceMs = 30_000
const pollMs = 50

/**
 * Does the work while no other process of hfx renews a login of this store. Python's lock beside it is one of the
 * kernel, which Node cannot take; between the two, a login that changed meanwhile is adopted.
 * @throws DiskError where no lock can be made, and thus nothing could be kept
 */
export async function withStoreLock<T>(
  storePath: string,
  clock: Clock,
  work: () => Promise<T>,
): Promise<T> {
  const path = `${storePath}.hfx-lock`
  const untilMs = clock.monotonic() + patienceMs
  while (!(await take(path))) {
    if (await isLeft(path, clock)) await release(path)
    else if (clock.monotonic() > untilMs) throw held(path)
    else await clock.sleep(pollMs)
  }
  try {
    return await work()
  } finally {
    await release(path)
  }
}

async function take(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 })
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  }
}

async function isLeft(path: string, clock: Clock): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found !== undefined && clock.now() - found.mtimeMs > 2 * patienceMs
}

async function release(path: string): Promise<void> {
  await rmdir(path).catch(() => undefined)
}

function held(path: string): DiskError {
  return new DiskError({
    code: 'HUB_LOCK_FAILED',
    path,
    message: `another process holds ${path}`,
    hint: 'Remove it when no hfx is running.',
  })
}
