import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import {
  type CachedFile,
  DiskError,
  type FileState,
  type PinnedFile,
  type VerifiedFile,
} from '@hfx/core'
import { onDisk } from './disk-error.ts'
import { linkBytes } from './link-bytes.ts'
import type { LocalDirContext } from './local-dir-context.ts'
import { hasRightHash, statTarget } from './local-find.ts'
import { openHousekeeping } from './local-housekeeping.ts'
import { localFilePath, localStageFolder, localStageStem, metadataPath } from './local-layout.ts'
import { dropMetadata, formatMetadata } from './local-metadata.ts'
import { checkParents, makeParents } from './local-parents.ts'
import { inRealFolder } from './real-folder.ts'
import { shareFile } from './make-folder.ts'
import type { LinkKind } from './options.ts'
import { renameFile } from './rename-file.ts'
import { writeAtomic } from './write-atomic.ts'

/** Publishes proven bytes as a plain file. What was there stays until that moment. */
export async function commitLocalFile(
  dir: LocalDirContext,
  verified: VerifiedFile,
  file: PinnedFile,
): Promise<CachedFile> {
  const path = localFilePath(dir.folder(), file.path)
  return onDisk(path, 'store', async () => {
    await prepareTarget(dir, file)
    await dir.setMode(verified.path, localStageFolder(dir.folder(), file.path))
    await shareFile(verified.path, dir.options.shared)
    if (dir.options.durable) await dir.deps.platform.flush(verified.path)
    await replaceTarget(dir, file, (to) =>
      renameFile(dir.deps, { from: verified.path, to }, dir.options),
    )
    if (dir.options.durable) await dir.deps.platform.flush(dirname(path))
    return describe(dir, file)
  })
}

/** Publishes a file that is on this machine: in its place already, or in the Hub cache, or loose. */
export async function linkLocalFile(
  dir: LocalDirContext,
  file: PinnedFile,
  state: FileState & { readonly kind: 'link' },
): Promise<CachedFile> {
  const path = localFilePath(dir.folder(), file.path)
  return onDisk(path, 'link', async () => {
    await prepareTarget(dir, file)
    if (state.from === path) await checkStillRight(dir, file, path)
    else await linkInto(dir, file, state.from)
    return describe(dir, file)
  })
}

/** Makes the folders of a file and of its metadata, after looking at every name. */
export async function prepareTarget(dir: LocalDirContext, file: PinnedFile): Promise<void> {
  // A name that cannot be published is refused before anything is made.
  localFilePath(dir.folder(), file.path)
  localStageStem(file.path, file.etag)
  await dir.claimName(file.path)
  await makeParents(dir.folder(), file.path, dir.options.shared)
  await openHousekeeping(dir, metadataPath(dir.folder(), file.path))
}

async function linkInto(dir: LocalDirContext, file: PinnedFile, from: string): Promise<void> {
  const { options, deps } = dir
  const small = file.sizeBytes < options.hardlinkMinBytes
  const kinds = options.links.filter((kind) => kind !== 'hardlink' || !small)
  const tempFolder = localStageFolder(dir.folder(), file.path)
  await replaceTarget(dir, file, async (to) => {
    const link = { from, to, kinds: withCopy(kinds) }
    const kind = await linkBytes(deps, link, { ...options, tempFolder })
    deps.logger.debug('linked', { from, to, kind })
  })
}

/** Some way must remain: a volume may refuse all that save room. */
function withCopy(kinds: readonly LinkKind[]): readonly LinkKind[] {
  return kinds.includes('copy') ? kinds : [...kinds, 'copy']
}

/** Old metadata goes first: a crash in between must not leave it speaking for a file that it does not describe. */
async function replaceTarget(
  dir: LocalDirContext,
  file: PinnedFile,
  replace: (to: string) => Promise<void>,
): Promise<void> {
  await dropMetadata(metadataPath(dir.folder(), file.path))
  await checkParents(dir.folder(), file.path)
  await inRealFolder(dir.deps.platform.os, { folder: dir.folder(), path: file.path }, replace)
}

async function checkStillRight(
  dir: LocalDirContext,
  file: PinnedFile,
  path: string,
): Promise<void> {
  const stats = await statTarget(dir, file)
  if (
    stats?.size === file.sizeBytes &&
    (!file.hash || (await hasRightHash(dir, file, { path, stats })))
  )
    return
  throw new DiskError({
    code: 'HUB_CACHE_CORRUPT',
    path,
    message: `${path} changed while it was looked at`,
    hint: 'Run the download again when nothing else writes there.',
  })
}

/** Metadata is written last, so that its time is not before the file's. A name too long for it goes without. */
async function describe(dir: LocalDirContext, file: PinnedFile): Promise<CachedFile> {
  const path = metadataPath(dir.folder(), file.path)
  const text = [formatMetadata(file, dir.deps.clock)]
  try {
    await writeAtomic(dir.deps, { path, text, tempFolder: dirname(path) }, dir.options)
  } catch (error) {
    dir.deps.logger.warn('no metadata could be written; the file will be hashed next time', {
      path,
      error,
    })
    await rm(path, { force: true }).catch(() => {})
  }
  return { path: localFilePath(dir.folder(), file.path), sizeBytes: file.sizeBytes }
}
