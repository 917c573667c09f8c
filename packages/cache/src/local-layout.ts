/** Every path of a plain local folder and its `.cache/huggingface`. Pure. */
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { checkBlobName, checkCommit, checkRevision, HubError, type RepoRef } from '@hfx/core'
import { joinInside, repoFolderName, segmentsOf } from './layout.ts'

/** `<folder>/.cache/huggingface` */
export function housekeepingFolder(folder: string): string {
  return join(folder, '.cache', 'huggingface')
}

/**
 * `<folder>/sub/x.txt`. Refuses names inside `.cache/huggingface`, however a volume may let them be written: a
 * repository must not be able to write its own metadata.
 */
export function localFilePath(folder: string, path: string): string {
  const [first = '', second = ''] = segmentsOf(path).slice(0, 2).map(plainName)
  if (/^(?:\.cache|cache~\d+)$/.test(first) && /^(?:huggingface|huggin~\d+)$/.test(second)) {
    throw new HubError({
      code: 'HUB_UNSAFE_PATH',
      message: `refusing the file name ${JSON.stringify(path)}: it is inside .cache/huggingface`,
      hint: 'That folder holds the state of the download. Exclude the file, or use the shared cache.',
    })
  }
  return joinInside(folder, path)
}

/** As the most forgiving of volumes reads it: any letter case, no signs that are not seen, no dots and blanks at the end. */
function plainName(segment: string): string {
  const seen = segment.normalize('NFKC').replace(/\p{Default_Ignorable_Code_Point}/gu, '')
  let end = seen.length
  while (end > 0 && '. '.includes(seen[end - 1] ?? '')) end -= 1
  return seen.slice(0, end).toLowerCase()
}

/** `<folder>/.cache/huggingface/download/sub/x.txt.metadata` */
export function metadataPath(folder: string, path: string): string {
  return `${downloadPath(folder, path)}.metadata`
}

/** `<folder>/.cache/huggingface/download/sub/x.txt.lock` */
export function localLockPath(folder: string, path: string): string {
  return `${downloadPath(folder, path)}.lock`
}

/** Folder in which the partials of a file wait. */
export function localStageFolder(folder: string, path: string): string {
  return dirname(downloadPath(folder, path))
}

/**
 * Start of a partial's name, `<short>.<etag>`: short however long the file's name is.
 * `<short>` is the URL-safe base64, padded, of the SHA-1 of `<base name>.metadata`: `-cBLXcT-p5K-naX2rfKJhBZ6mEc=` for `file.txt`.
 */
export function localStageStem(path: string, etag: string): string {
  const name = segmentsOf(path).at(-1) ?? ''
  const digest = createHash('sha1').update(`${name}.metadata`).digest('base64')
  return `${digest.replaceAll('+', '-').replaceAll('/', '_')}.${checkBlobName(etag)}`
}

/** `<folder>/.cache/huggingface/trees/<commit>.json` */
export function localTreePath(folder: string, commit: string): string {
  return join(housekeepingFolder(folder), 'trees', `${checkCommit(commit)}.json`)
}

/** `<folder>/.cache/huggingface/refs/models--a--b/main`: ours alone; Python keeps refs of local folders in its cache. */
export function localRefPath(folder: string, repo: RepoRef, revision: string): string {
  const refs = join(housekeepingFolder(folder), 'refs', repoFolderName(repo))
  return joinInside(refs, checkRevision(revision))
}

function downloadPath(folder: string, path: string): string {
  return joinInside(join(housekeepingFolder(folder), 'download'), path)
}
