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
  let ours = await take(path)
  while (ours === undefined) {
    if (clock.monotonic() > untilMs) throw held(path)
    if (!(await isLeft(path, clock)) || !(await clear(path, clock))) await clock.sleep(pollMs)
    ours = await take(path)
  }
  try {
    return await work()
  } finally {
    // Who took so long that the lock was taken for left must not end the lock of another.
    if ((await identityOf(path)) === ours) await release(path)
  }
}

/** What tells our lock from a later one; undefined when another holds it. */
async function take(path: string): Promise<string | undefined> {
  try {
    await mkdir(path, { mode: 0o700 })
    return await identityOf(path)
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return undefined
    throw error
  }
}

/**
 * Removes a lock that was left, as the only one who does: of two that found it so, the second must not remove the lock
 * that the first has taken since. False when another is at it.
 */
async function clear(path: string, clock: Clock): Promise<boolean> {
  const guard = `${path}.clear`
  if ((await take(guard)) === undefined) return false
  try {
    if (await isLeft(path, clock)) await release(path)
    return true
  } finally {
    await release(guard)
  }
}

/** Volumes use the numbers of removed folders again, so the time belongs to it. */
async function identityOf(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined)
  return found && `${found.ino} ${found.mtimeNs}`
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
