import { dirname } from 'node:path'
import type { CachedFile, PinnedFile, VerifiedFile } from '@hfx/core'
import { onDisk } from './disk-error.ts'
import { type HubCacheContext, makeSnapshotsFolder } from './hub-cache-context.ts'
import { blobPath, blobsFolder, pointerPath, pointerTarget, repoFolder } from './layout.ts'
import { shareFile } from './make-folder.ts'
import { placePointer } from './place-pointer.ts'
import { renameFile } from './rename-file.ts'

/** Publishes proven bytes: the blob gets its name first, then the snapshot shows it. */
export async function commitFile(
  cache: HubCacheContext,
  verified: VerifiedFile,
  file: PinnedFile,
): Promise<CachedFile> {
  const { deps, options } = cache
  const blob = blobPath(cache.root(), file.repo, file.etag)
  const pointer = pointerPath(cache.root(), file.repo, file)
  return onDisk(pointer, 'store', async () => {
    await cache.setMode(verified.path, dirname(verified.path))
    await shareFile(verified.path, options.shared)
    if (options.durable) await deps.platform.flush(verified.path)
    await cache.folders.within(dirname(blob), () =>
      renameFile(deps, { from: verified.path, to: blob }, options),
    )
    if (options.durable) await deps.platform.flush(dirname(blob))
    return showBlob(cache, file)
  })
}

/** Makes the snapshot show a blob that is in place. */
export async function showBlob(cache: HubCacheContext, file: PinnedFile): Promise<CachedFile> {
  const { deps, options } = cache
  const root = cache.root()
  const tempFolder = repoFolder(root, file.repo)
  await cache.markFolder()
  const path = pointerPath(root, file.repo, file)
  const pointer = {
    path,
    target: pointerTarget(file.path, file.etag),
    blob: blobPath(root, file.repo, file.etag),
    tempFolder,
  }
  const symlinks = await cache.hasSymlinks(tempFolder)
  const linkedBy = await cache.folders.within(dirname(path), () =>
    placePointer(deps, pointer, { ...options, symlinks }),
  )
  deps.logger.debug('stored', { path, linkedBy })
  return { path, sizeBytes: file.sizeBytes }
}

/** The folder in which partials of a repository's files wait: the volume of their final place. */
export async function makeBlobsFolder(cache: HubCacheContext, file: PinnedFile): Promise<string> {
  const folder = blobsFolder(cache.root(), file.repo)
  // A name that cannot be published is refused before anything is made.
  pointerPath(cache.root(), file.repo, file)
  blobPath(cache.root(), file.repo, file.etag)
  await onDisk(folder, 'make', async () => {
    await cache.folders.ensure(folder)
    await makeSnapshotsFolder(cache, file.repo)
  })
  await cache.markFolder()
  return folder
}
