import { realpath } from 'node:fs/promises'
import { basename, dirname, sep } from 'node:path'
import { type CachedFile, DiskError, type FileState, type PinnedFile } from '@hfx/core'
import { showBlob } from './commit-file.ts'
import { isAbsent, onDisk } from './disk-error.ts'
import { hasSize } from './find-file.ts'
import type { HubCacheContext } from './hub-cache-context.ts'
import { blobPath, pointerPath, repoFolder } from './layout.ts'
import { linkBytes } from './link-bytes.ts'
import { makeFolder } from './make-folder.ts'
import type { LinkKind } from './options.ts'
import { linkShared } from './shared-store.ts'

/** Publishes a file of this machine under its name, without fetching it. */
export async function linkFile(
  cache: HubCacheContext,
  file: PinnedFile,
  state: FileState & { readonly kind: 'link' },
): Promise<CachedFile> {
  const blob = blobPath(cache.root(), file.repo, file.etag)
  const path = pointerPath(cache.root(), file.repo, file)
  return onDisk(path, 'link', async () => {
    try {
      if (state.from !== blob) await bringBlob(cache, { from: state.from, to: blob }, file)
    } catch (error) {
      if (isAbsent(error)) throw wentAway(file, state.from)
      throw error
    }
    const shown = await showBlob(cache, file)
    if (await hasSize(shown.path, file.sizeBytes)) return shown
    throw wentAway(file, shown.path)
  })
}

/** Something removed the bytes between our look and the link. */
function wentAway(file: PinnedFile, path: string): DiskError {
  return new DiskError({
    code: 'HUB_CACHE_CORRUPT',
    path,
    message: `${file.path} of ${file.repo.id} went away while it was linked`,
    hint: 'Run the download again; the file will be fetched.',
  })
}

/**
 * A link to a file of a layer, or of the store shared between repositories, takes no room but is only as good as what
 * it points at. Files of other repositories and loose files may go or change, so they get a name of their own.
 */
async function bringBlob(
  cache: HubCacheContext,
  move: { readonly from: string; readonly to: string },
  file: PinnedFile,
): Promise<void> {
  const { deps, options } = cache
  await makeFolder(dirname(move.to), options.shared)
  const tempFolder = repoFolder(cache.root(), file.repo)
  const from = await realpath(move.from)
  const lent = (await cache.hasSymlinks(tempFolder)) ? isLent(cache, from) : undefined
  const shared = { stored: from, blob: move.to, tempFolder }
  if (lent === 'shared' && (await linkShared(cache, shared))) return
  const kinds = lent === 'layer' ? ['symlink' as const] : ownKinds(cache, move.from, file.etag)
  const kind = await linkBytes(deps, { from, to: move.to, kinds }, { ...options, tempFolder })
  deps.logger.debug('linked a blob', { from, to: move.to, kind })
}

/** Whether a file lies in a place that clients agreed never to change. */
function isLent(cache: HubCacheContext, from: string): 'shared' | 'layer' | undefined {
  if (from.startsWith(`${cache.root()}${sep}blobs${sep}`)) return 'shared'
  return cache.layers().some((layer) => from.startsWith(`${layer}${sep}`)) ? 'layer' : undefined
}

/**
 * Inside the cache nobody edits files, nor in a store that names them by their hash, so a second name is safe there.
 * A loose file may be edited; what is allowed for it is the user's choice.
 */
function ownKinds(cache: HubCacheContext, from: string, etag: string): readonly LinkKind[] {
  const inside = from.startsWith(`${cache.root()}${sep}`) || isLent(cache, from) !== undefined
  const named = basename(from) === etag || basename(from) === `sha256-${etag}`
  return inside || named ? ['hardlink', 'reflink', 'copy'] : cache.options.looseLinks
}
