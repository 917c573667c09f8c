import { type FileRequest, isCommitHash } from '@hfx/core'
import type { FlowDeps } from './flow.ts'

/** A file that is on disk under the commit that its revision meant last. */
export interface LocalFile {
  readonly commit: string
  readonly localPath: string
  readonly sizeBytes: number
  /** False in a local folder where nothing tells that it is the file of this commit. */
  readonly isOfCommit: boolean
  /** When the revision was last confirmed, milliseconds since the epoch; 0 for a commit. */
  readonly checkedAtMs: number
}

/** The file as it is on disk, without asking anybody. */
export async function findLocalFile(
  deps: Pick<FlowDeps, 'store'>,
  request: FileRequest,
): Promise<LocalFile | undefined> {
  const known = await findLocalRevision(deps, request)
  if (!known) return undefined
  const found = await deps.store.findSnapshotFile(request.repo, known.commit, request.path)
  if (!found) return undefined
  const { path: localPath, sizeBytes, isOfCommit } = found
  return { ...known, localPath, sizeBytes, isOfCommit }
}

/** True when the Hub once said that this path does not exist at the commit that the revision means here. */
export async function isKnownMissing(
  deps: Pick<FlowDeps, 'store'>,
  request: FileRequest,
): Promise<boolean> {
  const known = await findLocalRevision(deps, request)
  return known ? deps.store.isKnownMissing(request.repo, known.commit, request.path) : false
}

async function findLocalRevision(
  deps: Pick<FlowDeps, 'store'>,
  request: FileRequest,
): Promise<{ readonly commit: string; readonly checkedAtMs: number } | undefined> {
  if (isCommitHash(request.revision)) return { commit: request.revision, checkedAtMs: 0 }
  return deps.store.readRevision(request.repo, request.revision)
}
