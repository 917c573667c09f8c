import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { errnoOf } from './disk-error.ts'
import type { ResolvedCacheDeps } from './options.ts'
import { tempName } from './temp-name.ts'

export interface RenameOptions {
  /** How long to try while another program holds the file, in milliseconds. */
  readonly renamePatienceMs: number
  /** Folder on the volume of the target, for a copy under way. @default the target's folder */
  readonly tempFolder?: string
}

/** True for what passes by itself: antivirus and indexers on Windows, a busy or moved file on a network volume. */
export function isPassingRenameError(errno: string | undefined, os: string): boolean {
  if (errno === 'EBUSY' || errno === 'ESTALE') return true
  return os === 'win32' && (errno === 'EPERM' || errno === 'EACCES')
}

/**
 * Moves a file over its final name, atomically: readers see the old file or the new one. From another volume it is
 * copied beside its target first.
 */
export async function renameFile(
  deps: ResolvedCacheDeps,
  move: { readonly from: string; readonly to: string },
  options: RenameOptions,
): Promise<void> {
  try {
    await renamePatiently(deps, move, options.renamePatienceMs)
  } catch (error) {
    if (errnoOf(error) !== 'EXDEV') throw error
    await moveAcrossVolumes(deps, move, options)
  }
}

async function moveAcrossVolumes(
  deps: ResolvedCacheDeps,
  { from, to }: { readonly from: string; readonly to: string },
  options: RenameOptions,
): Promise<void> {
  const temp = join(options.tempFolder ?? dirname(to), tempName(deps.random))
  try {
    await deps.platform.copy(from, temp)
    await renamePatiently(deps, { from: temp, to }, options.renamePatienceMs)
  } finally {
    await rm(temp, { force: true })
  }
  await rm(from, { force: true })
}

async function renamePatiently(
  { platform, clock }: ResolvedCacheDeps,
  { from, to }: { readonly from: string; readonly to: string },
  patienceMs: number,
): Promise<void> {
  const startMs = clock.monotonic()
  for (let waitMs = 20; ; waitMs = Math.min(waitMs * 2, 1000)) {
    try {
      return await platform.rename(from, to)
    } catch (error) {
      const tired = clock.monotonic() - startMs + waitMs > patienceMs
      if (tired || !isPassingRenameError(errnoOf(error), platform.os)) throw error
    }
    await clock.sleep(waitMs)
  }
}
