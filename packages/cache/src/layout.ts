/**
 * Every path of the shared Hub cache. Pure; each function refuses a name that could leave its folder.
 * Protocol source: the Hub's local-cache page, and what `huggingface_hub` 1.29 writes.
 */
import { sep } from 'node:path'
import {
  checkBlobName,
  checkCommit,
  checkRepoPath,
  checkRevision,
  HubError,
  parseRepo,
  pluralOf,
  repoTypes,
  type RepoRef,
} from '@hfx/core'

/** A file of a commit: what snapshot entries and markers of missing files are named after. */
export interface CommitPath {
  readonly commit: string
  readonly path: string
}

/** Thousands of files in a row are of one repository. Kept by value: a caller may change its object. */
let lastName = { type: '', id: '', name: '' }

/** `models--julien-c--EsperBERTo-small`, `datasets--google--fleurs`, `models--gpt2`. */
export function repoFolderName(repo: RepoRef): string {
  const { type, id } = repo
  if (type !== lastName.type || id !== lastName.id)
    lastName = { type, id, name: `${pluralOf(type)}--${id.replaceAll('/', '--')}` }
  return lastName.name
}

/** The repository a folder name stands for; undefined for a name that no client writes. */
export function parseRepoFolderName(name: string): RepoRef | undefined {
  const at = name.indexOf('--')
  const type = repoTypes.find((known) => pluralOf(known) === name.slice(0, at))
  if (at < 0 || type === undefined || name.includes('/')) return undefined
  try {
    const repo = parseRepo(name.slice(at + 2).replaceAll('--', '/'), type)
    return repoFolderName(repo) === name ? repo : undefined
  } catch {
    return undefined
  }
}

/** `<root>/models--a--b` */
export function repoFolder(root: string, repo: RepoRef): string {
  return below(root, repoFolderName(repo))
}

/** `<root>/models--a--b/blobs` */
export function blobsFolder(root: string, repo: RepoRef): string {
  return below(repoFolder(root, repo), 'blobs')
}

/** `<root>/models--a--b/blobs/<etag>` */
export function blobPath(root: string, repo: RepoRef, etag: string): string {
  return below(blobsFolder(root, repo), checkBlobName(etag))
}

/** `<root>/models--a--b/snapshots` */
export function snapshotsFolder(root: string, repo: RepoRef): string {
  return below(repoFolder(root, repo), 'snapshots')
}

/** `<root>/models--a--b/snapshots/<commit>` */
export function snapshotFolder(root: string, repo: RepoRef, commit: string): string {
  return below(snapshotsFolder(root, repo), checkCommit(commit))
}

/** `<root>/models--a--b/snapshots/<commit>/sub/dir/x.txt`; `a//b` and `./a/b` are `a/b`. */
export function pointerPath(root: string, repo: RepoRef, at: CommitPath): string {
  return joinInside(snapshotFolder(root, repo, at.commit), at.path)
}

/** Text of a snapshot link: `../../blobs/<etag>` for `config.json`, two more `../` for `sub/dir/x.txt`. */
export function pointerTarget(path: string, etag: string): string {
  const depth = segmentsOf(path).length + 1
  return `${`..${sep}`.repeat(depth)}blobs${sep}${checkBlobName(etag)}`
}

/** `<root>/models--a--b/refs/main`, `refs/refs/pr/1`, `refs/feature/foo`. */
export function refPath(root: string, repo: RepoRef, revision: string): string {
  return joinInside(below(repoFolder(root, repo), 'refs'), checkRevision(revision))
}

/** `<root>/models--a--b/trees/<commit>.json` */
export function treePath(root: string, repo: RepoRef, commit: string): string {
  return below(repoFolder(root, repo), 'trees', `${checkCommit(commit)}.json`)
}

/** `<root>/models--a--b/.no_exist/<commit>/nope/missing.txt` */
export function noExistPath(root: string, repo: RepoRef, at: CommitPath): string {
  return joinInside(below(repoFolder(root, repo), '.no_exist', checkCommit(at.commit)), at.path)
}

/** `<root>/.locks/models--a--b`; leases of revisions in use live here too, out of the scanner's way. */
export function locksFolder(root: string, repo: RepoRef): string {
  return below(root, '.locks', repoFolderName(repo))
}

/** `<root>/.locks/models--a--b/<etag>.lock` */
export function lockPath(root: string, repo: RepoRef, etag: string): string {
  return below(locksFolder(root, repo), `${checkBlobName(etag)}.lock`)
}

/** `<root>/blobs/<2 hex>/<xet hash>`: the store that newer Python clients share between repositories. */
export function sharedBlobPath(root: string, xetHash: string): string {
  if (!/^[0-9a-f]{64}$/.test(xetHash)) {
    throw new HubError({
      code: 'HUB_UNSAFE_PATH',
      message: `${JSON.stringify(xetHash.slice(0, 80))} is no Xet hash`,
      hint: 'The listing of the repository is broken or masked.',
    })
  }
  return below(root, 'blobs', xetHash.slice(0, 2), xetHash)
}

/** `<root>/CACHEDIR.TAG`, by which backup tools know a cache. */
export function cacheTagPath(root: string): string {
  return below(root, 'CACHEDIR.TAG')
}

/** Segments of a repository path as they become folders: empty and `.` segments fall away. */
export function segmentsOf(path: string): readonly string[] {
  return checkRepoPath(path)
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
}

/** A repository path below a folder, refusing one that would leave it. */
export function joinInside(folder: string, path: string): string {
  return below(folder, ...segmentsOf(path))
}

/** Checked names below a folder. Nothing is left for `path.join` to normalise, and it would for each file of thousands. */
function below(folder: string, ...names: readonly string[]): string {
  const path = names.join(sep)
  return folder.endsWith(sep) ? folder + path : `${folder}${sep}${path}`
}
