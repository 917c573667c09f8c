import {
  type FileListing,
  HubError,
  IncompleteError,
  isCommitHash,
  isHubError,
  listingOf,
  pinFile,
  type RepoFile,
  type SnapshotRequest,
} from '@hfx/core'
import type { FlowDeps } from './flow.ts'
import { selectFiles } from './select-files.ts'

/** A commit and its files, as some source knows them. */
export interface Listing {
  readonly commit: string
  readonly files: FileListing
  /** Where it comes from: asked just now, or the local copy (`stale` when the Hub was asked in vain). */
  readonly source: 'hub' | 'local' | 'stale'
  /** `unknown`: made from the folder itself because no listing was stored. */
  readonly completeness: 'proven' | 'unknown'
}

export interface LocalListing extends Listing {
  /** When the revision was last confirmed, milliseconds since the epoch; 0 for a commit, which cannot change. */
  readonly checkedAtMs: number
}

/** What is known of a revision without asking anybody. */
export async function findLocalListing(
  deps: Pick<FlowDeps, 'store'>,
  request: SnapshotRequest,
): Promise<LocalListing | undefined> {
  const { repo, revision } = request
  const known = isCommitHash(revision)
    ? { commit: revision, checkedAtMs: 0 }
    : await deps.store.readRevision(repo, revision)
  if (!known) return undefined
  const tree = await deps.store.openTree(repo, known.commit)
  if (tree) return { ...known, files: tree, source: 'local', completeness: 'proven' }
  const paths = await deps.store.listSnapshot(repo, known.commit)
  if (paths.length === 0) return undefined
  const files = listingOf(paths.map(unlistedFile))
  return { ...known, files, source: 'local', completeness: 'unknown' }
}

/** Repository paths of the request that are not on disk. @throws HubError when the listing has nothing that it names */
export async function listMissing(
  deps: Pick<FlowDeps, 'store'>,
  request: SnapshotRequest,
  have: { readonly listing: Listing; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const { listing, signal } = have
  const selected = await selectFiles(listing.files, request)
  if (listing.completeness === 'unknown') return []
  const missing: string[] = []
  for await (const page of selected.pages()) {
    for (const file of page) {
      signal.throwIfAborted()
      const state = await deps.store.findFile(pinFile(request.repo, listing.commit, file))
      if (state.kind !== 'cached' && state.kind !== 'link') missing.push(file.path)
    }
  }
  return missing
}

/** The same, and undefined when the listing has nothing that the request names: the Hub's of today may. */
export async function findMissing(
  ...question: Parameters<typeof listMissing>
): Promise<readonly string[] | undefined> {
  try {
    return await listMissing(...question)
  } catch (error) {
    if (isHubError(error, 'HUB_NO_MATCH') || isHubError(error, 'HUB_ENTRY_NOT_FOUND'))
      return undefined
    throw error
  }
}

/** The error of a request that nothing on disk can answer. */
export function offlineMiss(
  deps: Pick<FlowDeps, 'store'>,
  request: SnapshotRequest,
  what: string,
): HubError {
  return new HubError({
    code: 'HUB_OFFLINE_MISS',
    message: `${what} of ${request.repo.id} at ${request.revision} is not in ${deps.store.root}, and the network may not be asked`,
    hint: 'Unset HF_HUB_OFFLINE (or drop local-files-only / the cache-only policy) and run it again.',
  })
}

/** The error of a local copy that lacks files. */
export function incompleteCopy(
  deps: Pick<FlowDeps, 'store'>,
  request: SnapshotRequest,
  gap: { readonly commit: string; readonly missing: readonly string[]; readonly cause?: unknown },
): IncompleteError {
  const shown = gap.missing.slice(0, 3).join(', ')
  const more = gap.missing.length > 3 ? ` and ${gap.missing.length - 3} more` : ''
  return new IncompleteError({
    code: 'HUB_INCOMPLETE_SNAPSHOT',
    message: `the local copy of ${request.repo.id} at ${request.revision} lacks ${gap.missing.length} files: ${shown}${more}`,
    hint: 'Run the download with the network on; what is there is kept.',
    folder: deps.store.snapshotFolder(request.repo, gap.commit),
    missing: gap.missing,
    ...(gap.cause === undefined ? {} : { cause: gap.cause }),
  })
}

/** A file of which only the name is known. Its state is asked of the folder, never of the Hub. */
function unlistedFile(path: string): RepoFile {
  return { path, sizeBytes: 0, blobId: '' }
}
