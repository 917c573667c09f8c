import { constants } from 'node:fs'
import { chmod, open, readFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { createFileLocks } from './file-lock.ts'
import type { HubCacheContext } from './hub-cache-context.ts'
import { linkBytes } from './link-bytes.ts'
import type { HeldLock } from './lock-backend.ts'

/** By this file Python's client knows the store, and its layout. */
const markerName = '.huggingface-shared-blobs'
const layoutVersion = '1\n'

/** Python holds the lock of a shared file for milliseconds. */
const lockAttempts = 20
const lockPauseMs = 50

/** A file of the shared store, and the blob of a repository that is to show it. */
export interface SharedLink {
  readonly stored: string
  readonly blob: string
  readonly tempFolder: string
}

/**
 * Makes a blob a link into the store that newer Python clients share between repositories. Their collector removes what
 * no entry of its `<hash>.refs` names, so the link is entered there first, under the lock that they take. False when
 * that cannot be done: a bare link would dangle after the next collection.
 */
export async function linkShared(cache: HubCacheContext, link: SharedLink): Promise<boolean> {
  if (!(await isMarked(join(cache.root(), 'blobs')))) return false
  const lock = await lockStored(cache, link.stored)
  if (lock === undefined) return false
  try {
    const entry = relative(cache.root(), link.blob).split(sep).join('/')
    await appendReference(`${link.stored}.refs`, `${entry}\n`)
    const target = relative(dirname(link.blob), link.stored)
    const bytes = { from: target, to: link.blob, kinds: ['symlink'] } as const
    await linkBytes(cache.deps, bytes, { ...cache.options, tempFolder: link.tempFolder })
    return true
  } catch (error) {
    cache.deps.logger.debug('the store of shared blobs takes no link', { ...link, error })
    return false
  } finally {
    await lock.release()
  }
}

async function isMarked(store: string): Promise<boolean> {
  try {
    return (await readFile(join(store, markerName), 'utf8')) === layoutVersion
  } catch {
    return false
  }
}

async function lockStored(
  { deps, options }: HubCacheContext,
  stored: string,
): Promise<HeldLock | undefined> {
  const locks = createFileLocks(deps, options)
  const path = `${stored}.lock`
  for (let attempt = 0; attempt < lockAttempts; attempt += 1) {
    const held = await locks.tryLock(path)
    if (held === 'unavailable') return undefined
    if (held !== 'busy') {
      // Other users of the cache take the same lock; whose file it is may not be ours to say.
      await chmod(path, 0o666).catch(() => {})
      return held
    }
    await deps.clock.sleep(lockPauseMs)
  }
  return undefined
}

async function appendReference(manifest: string, line: string): Promise<void> {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants
  // O_NOFOLLOW is 0 where the system has none.
  const handle = await open(manifest, O_WRONLY | O_APPEND | O_CREAT | (O_NOFOLLOW ?? 0), 0o666)
  try {
    await handle.chmod(0o666).catch(() => {})
    await handle.writeFile(line)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
