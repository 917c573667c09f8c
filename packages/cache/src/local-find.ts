import type { Stats } from 'node:fs'
import { lstat, realpath, stat } from 'node:fs/promises'
import type { FileState, FindFileOptions, FoundFile, PinnedFile } from '@hfx/core'
import { isAbsent } from './disk-error.ts'
import type { CommitPath } from './layout.ts'
import type { LocalDirContext } from './local-dir-context.ts'
import { localFilePath, metadataPath } from './local-layout.ts'
import { isUntouched, readMetadata } from './local-metadata.ts'
import { findExisting } from './find-file.ts'
import { hasRealParents } from './local-parents.ts'

/**
 * What a local folder has of a file. Its metadata decides while nothing has touched the file; then its hash does; then
 * the Hub cache is asked. Writes nothing: a file that is right but described wrongly is to be `link`ed to itself.
 */
export async function findLocalFile(
  dir: LocalDirContext,
  file: PinnedFile,
  options: FindFileOptions = {},
): Promise<FileState> {
  const path = localFilePath(dir.folder(), file.path)
  const claim = dir.claimName(file.path)
  if (claim) await claim
  const here = await findHere(dir, file, { path, signal: options.signal })
  return here ?? (await findInCache(dir, file))
}

async function findHere(
  dir: LocalDirContext,
  file: PinnedFile,
  at: { readonly path: string; readonly signal: AbortSignal | undefined },
): Promise<FileState | undefined> {
  const stats = await statTarget(dir, file)
  if (stats?.size !== file.sizeBytes) return undefined
  const metadata = await readMetadata(metadataPath(dir.folder(), file.path), dir.deps.logger)
  if (metadata && metadata.etag === file.etag && isUntouched(metadata, stats)) {
    return metadata.commit === file.commit
      ? { kind: 'cached', path: at.path }
      : { kind: 'link', from: at.path, diskBytes: 0 }
  }
  if (!(await hasRightHash(dir, file, { ...at, stats }))) return undefined
  return { kind: 'link', from: at.path, diskBytes: 0 }
}

/** A file that was hashed for the plan is not hashed again for the download, unless something touched it. */
export async function hasRightHash(
  dir: LocalDirContext,
  file: PinnedFile,
  at: { readonly path: string; readonly stats: Stats; readonly signal?: AbortSignal | undefined },
): Promise<boolean> {
  if (!file.hash) return false
  const proof = `${file.hash.digest} ${at.stats.ino} ${at.stats.mtimeMs} ${at.stats.ctimeMs}`
  if (dir.proven.get(at.path) === proof) return true
  const options = at.signal ? { signal: at.signal } : {}
  const actual = await dir.deps.hasher.hashFile(at.path, file.hash.algorithm, options)
  if (actual !== file.hash.digest) return false
  dir.proven.set(at.path, proof)
  return true
}

/** The file as it is here. Its record tells whether this commit put it there. */
export async function findLocalSnapshotFile(
  dir: LocalDirContext,
  at: CommitPath,
): Promise<FoundFile | undefined> {
  const stats = await statTarget(dir, at)
  if (!stats) return undefined
  const metadata = await readMetadata(metadataPath(dir.folder(), at.path), dir.deps.logger)
  const isOfCommit = metadata?.commit === at.commit && isUntouched(metadata, stats)
  return { path: localFilePath(dir.folder(), at.path), sizeBytes: stats.size, isOfCommit }
}

/** The file itself, links of the last name followed, those of its folders not. */
export async function statTarget(
  dir: LocalDirContext,
  file: Pick<PinnedFile, 'path'>,
): Promise<Stats | undefined> {
  const path = localFilePath(dir.folder(), file.path)
  try {
    const named = await lstat(path)
    if (!(await hasRealParents(dir.folder(), file.path))) return undefined
    const stats = named.isSymbolicLink() ? await stat(path) : named
    return stats.isFile() ? stats : undefined
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

async function findInCache(dir: LocalDirContext, file: PinnedFile): Promise<FileState> {
  const state = await dir.options.cache?.findFile(file)
  if (state?.kind !== 'cached' && state?.kind !== 'link') return { kind: 'fetch' }
  const from = await realpath(state.kind === 'cached' ? state.path : state.from)
  const shares = (await canShare(dir, from)) && file.sizeBytes >= dir.options.hardlinkMinBytes
  return { kind: 'link', from, diskBytes: shares ? 0 : file.sizeBytes }
}

/** Whether a link that takes no room can be expected: same volume, and a kind that shares. */
async function canShare(dir: LocalDirContext, from: string): Promise<boolean> {
  if (dir.options.links.includes('symlink')) return true
  if (!dir.options.links.includes('hardlink')) return false
  try {
    const [source, target] = await Promise.all([stat(from), stat(await findExisting(dir.folder()))])
    return source.dev === target.dev
  } catch {
    return false
  }
}
