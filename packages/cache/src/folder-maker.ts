import { type Stats, statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { errnoOf } from './disk-error.ts'
import { makeFolder } from './make-folder.ts'
import type { OnTheSpot } from './on-the-spot.ts'
import type { ResolvedCacheDeps } from './options.ts'

/** Makes folders, each once: thousands of files go to a few folders. */
export interface FolderMaker {
  /** Does what needs the folder. Where somebody has removed it meanwhile, it is made again and the work done anew. */
  within<T>(folder: string, work: () => Promise<T>): Promise<T>
  /** Makes a folder where it is not there. */
  ensure(folder: string): Promise<void>
}

/** Paths that are remembered. */
const maxFolders = 10_000

export function createFolderMaker(
  { onTheSpot }: Pick<ResolvedCacheDeps, 'onTheSpot'>,
  shared: 'user' | 'group',
): FolderMaker {
  const made = new Set<string>()
  const making = new Map<string, Promise<void>>()

  async function make(folder: string): Promise<void> {
    await makeFolder(folder, shared)
    if (made.size >= maxFolders) made.clear()
    made.add(folder)
  }

  /** Many files come to a folder at once: the first makes it, the others wait. */
  function makeOnce(folder: string): Promise<void> {
    const running = making.get(folder) ?? make(folder).finally(() => making.delete(folder))
    making.set(folder, running)
    return running
  }

  return {
    async within(folder, work) {
      const isKnown = made.has(folder)
      if (!isKnown) await makeOnce(folder)
      try {
        return await work()
      } catch (error) {
        if (!isKnown || errnoOf(error) !== 'ENOENT') throw error
        made.delete(folder)
        await makeOnce(folder)
        return work()
      }
    },
    async ensure(folder) {
      if (!made.has(folder) || !(await isFolder(onTheSpot, folder))) await makeOnce(folder)
    },
  }
}

async function isFolder(onTheSpot: OnTheSpot, path: string): Promise<boolean> {
  const stats = await onTheSpot<Stats | undefined>(
    () => statSync(path, { throwIfNoEntry: false }),
    () => stat(path).catch(() => undefined),
  )
  return stats?.isDirectory() === true
}
