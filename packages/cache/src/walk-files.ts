import { type Dirent } from 'node:fs'
import { opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { isAbsent, isRefused } from './disk-error.ts'

export interface WalkedEntry {
  readonly path: string
  /** Path below the folder that is walked, `/` between segments. */
  readonly name: string
  readonly isSymlink: boolean
  readonly isFile: boolean
}

/**
 * Every entry below a folder that is no folder, one at a time, links not followed. A folder that is absent or closed
 * to us is empty. `skip` leaves out a folder with all that is in it.
 */
export async function* walkFiles(
  folder: string,
  skip: (name: string) => boolean = () => false,
): AsyncGenerator<WalkedEntry> {
  const waiting = ['']
  for (let below = waiting.pop(); below !== undefined; below = waiting.pop()) {
    for await (const entry of readEntries(join(folder, below))) {
      const name = below === '' ? entry.name : `${below}/${entry.name}`
      if (!entry.isDirectory()) {
        yield {
          path: join(folder, name),
          name,
          isSymlink: entry.isSymbolicLink(),
          isFile: entry.isFile(),
        }
      } else if (!skip(name)) waiting.push(name)
    }
  }
}

/** Entries of one folder, streamed; none when it is absent or closed to us. */
export async function* readEntries(folder: string): AsyncGenerator<Dirent> {
  try {
    for await (const entry of await opendir(folder, { bufferSize: 256 })) yield entry
  } catch (error) {
    if (!isAbsent(error) && !isRefused(error)) throw error
  }
}
