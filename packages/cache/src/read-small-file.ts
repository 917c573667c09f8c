import { readFile, stat } from 'node:fs/promises'
import { isAbsent, isRefused } from './disk-error.ts'

/** The text of one of our small files, and when it was written. */
export interface SmallText {
  readonly text: string
  readonly mtimeMs: number
}

/**
 * Reads a file that should be small; undefined when there is none, or something else has its name: a pipe would be
 * waited for until somebody writes to it, and a huge file fill the memory.
 */
export async function readSmallFile(
  path: string,
  maxBytes: number,
): Promise<SmallText | undefined> {
  try {
    const stats = await stat(path)
    if (!stats.isFile() || stats.size > maxBytes) return undefined
    return { text: await readFile(path, 'utf8'), mtimeMs: stats.mtimeMs }
  } catch (error) {
    if (isAbsent(error) || isRefused(error)) return undefined
    throw error
  }
}
