import { writeFile } from 'node:fs/promises'
import { cacheTagPath } from './layout.ts'

const cacheTag = `Signature: 8a477f597d28d172789f06886806bc55
# This folder is a cache of files from the Hugging Face Hub; backups may leave it out.
# What the tag means: https://bford.info/cachedir/
`

/** Marks a folder as a cache for backup tools. Made once, never overwritten; a folder that refuses it stays unmarked. */
export async function writeCacheTag(folder: string): Promise<void> {
  await writeFile(cacheTagPath(folder), cacheTag, { flag: 'wx' }).catch(() => {})
}
