import { errnoOf } from './disk-error.ts'
import { makeFolder } from './make-folder.ts'

/** Makes folders, each once: thousands of files go to a few folders. */
export interface FolderMaker {
  /** Does what needs the folder. Where somebody has removed it meanwhile, it is made again and the work done anew. */
  within<T>(folder: string, work: () => Promise<T>): Promise<T>
}

/** Paths that are remembered. */
const maxFolders = 10_000

export function createFolderMaker(shared: 'user' | 'group'): FolderMaker {
  const made = new Set<string>()
  async function make(folder: string): Promise<void> {
    await makeFolder(folder, shared)
    if (made.size >= maxFolders) made.clear()
    made.add(folder)
  }
  return {
    async within(folder, work) {
      const isKnown = made.has(folder)
      if (!isKnown) await make(folder)
      try {
        return await work()
      } catch (error) {
        if (!isKnown || errnoOf(error) !== 'ENOENT') throw error
        made.delete(folder)
        await make(folder)
        return work()
      }
    },
  }
}
