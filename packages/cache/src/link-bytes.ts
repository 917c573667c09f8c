import { rm, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf } from './disk-error.ts'
import type { LinkKind, ResolvedCacheDeps } from './options.ts'
import { renameFile, type RenameOptions } from './rename-file.ts'
import { tempName } from './temp-name.ts'

export interface LinkBytes {
  readonly from: string
  readonly to: string
  /** Ways to try, best first. */
  readonly kinds: readonly LinkKind[]
}

/**
 * Makes the bytes of one file appear under another name, by the first way that the volume allows, and says which.
 * The name appears at once, whole; what was there before stays until then.
 */
export async function linkBytes(
  deps: ResolvedCacheDeps,
  link: LinkBytes,
  options: RenameOptions & { readonly tempFolder: string },
): Promise<LinkKind> {
  const temp = join(options.tempFolder, tempName(deps.random))
  try {
    const kind = await tryKinds(deps, link, temp)
    await renameFile(deps, { from: temp, to: link.to }, options)
    return kind
  } finally {
    // Also after success: a rename between two names of one inode leaves both.
    await rm(temp, { force: true })
  }
}

/** True for what only says that this way of linking does not work here. */
export function isLinkRefusal(errno: string | undefined): boolean {
  return errno !== undefined && errno !== 'ENOENT' && errno !== 'ENOSPC' && errno !== 'EDQUOT'
}

async function tryKinds(deps: ResolvedCacheDeps, link: LinkBytes, temp: string): Promise<LinkKind> {
  const kinds: readonly LinkKind[] = link.kinds.length === 0 ? ['copy'] : link.kinds
  for (const [index, kind] of kinds.entries()) {
    try {
      await linkBy(deps, kind, { from: link.from, to: temp })
      return kind
    } catch (error) {
      if (index === kinds.length - 1 || !isLinkRefusal(errnoOf(error))) throw error
      deps.logger.debug('cannot link', { kind, from: link.from, to: link.to, error })
      await unlink(temp).catch(() => {})
    }
  }
  throw new TypeError('no way to link was given')
}

async function linkBy(
  { platform }: ResolvedCacheDeps,
  kind: LinkKind,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  if (kind === 'symlink') return platform.symlink(from, to)
  if (kind === 'hardlink') return platform.hardlink(from, to)
  // An unreadable source must fail here, not as an empty copy.
  await stat(from)
  return kind === 'reflink' ? platform.reflink(from, to) : platform.copy(from, to)
}
