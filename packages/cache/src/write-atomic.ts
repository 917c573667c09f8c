import { open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolder, shareFile } from './make-folder.ts'
import type { ResolvedCacheDeps, ResolvedStoreOptions } from './options.ts'
import { renameFile } from './rename-file.ts'
import { tempName } from './temp-name.ts'

export interface SmallFile {
  readonly path: string
  /** The text, whole or in pieces. */
  readonly text: Iterable<string> | AsyncIterable<string>
  /** Folder on the same volume in which the temporary file is no harm to other clients. */
  readonly tempFolder: string
}

/** Writes a small file that nobody ever sees half. */
export async function writeAtomic(
  deps: ResolvedCacheDeps,
  file: SmallFile,
  options: ResolvedStoreOptions,
): Promise<void> {
  await makeFolder(dirname(file.path), options.shared)
  await makeFolder(file.tempFolder, options.shared)
  const temp = join(file.tempFolder, tempName(deps.random))
  try {
    const handle = await open(temp, 'wx')
    try {
      for await (const piece of file.text) await handle.write(piece)
      if (options.durable) await handle.datasync()
    } finally {
      await handle.close()
    }
    await shareFile(temp, options.shared)
    await renameFile(deps, { from: temp, to: file.path }, options)
  } finally {
    await rm(temp, { force: true })
  }
}
