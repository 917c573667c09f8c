import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { StagedFile } from '@hfx/core'
import { readEntries } from './walk-files.ts'

/**
 * How much of a file someone has on disk so far: the fullest of its partials. Partials may be sparse, so blocks are
 * counted, not the length.
 */
export async function readPartialBytes(staged: StagedFile, totalBytes: number): Promise<number> {
  let most = 0
  for await (const entry of readEntries(staged.folder)) {
    if (!entry.name.startsWith(`${staged.stem}.`) || !entry.name.endsWith('.incomplete')) continue
    const stats = await stat(join(staged.folder, entry.name)).catch(() => undefined)
    const held = stats === undefined ? 0 : Math.min(stats.size, stats.blocks * 512)
    most = Math.max(most, Math.min(held, totalBytes))
  }
  return most
}
