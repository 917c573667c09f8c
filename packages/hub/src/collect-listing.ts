import { HubError, type RepoFile, type RepoRef } from '@hfx/core'

/** The files of a listing as its pages come. */
export interface CollectedListing {
  /** @throws HubError `HUB_BAD_RESPONSE` when a file is listed again as another one */
  add(page: readonly RepoFile[]): void
  fileCount(): number
  files(): readonly RepoFile[]
}

/**
 * Each file once. A mirror may send an entry again where two pages meet; a file that is listed as two different ones
 * would be published as whichever comes last.
 */
export function collectListing(repo: RepoRef): CollectedListing {
  const byPlace = new Map<string, RepoFile>()
  return {
    add(page) {
      for (const file of page) {
        const place = placeOf(file.path)
        const known = byPlace.get(place)
        if (known && !isSameFile(known, file)) throw contradiction(repo, file.path)
        if (!known) byPlace.set(place, file)
      }
    },
    fileCount: () => byPlace.size,
    files: () => [...byPlace.values()],
  }
}

/** `a//b` and `./a/b` come to lie where `a/b` does. */
function placeOf(path: string): string {
  if (!/^\.?\/|\/\.?(?:\/|$)|^\.$/.test(path)) return path
  return path
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
    .join('/')
}

function isSameFile(one: RepoFile, other: RepoFile): boolean {
  return (
    one.blobId === other.blobId &&
    one.sizeBytes === other.sizeBytes &&
    one.lfs?.sha256 === other.lfs?.sha256
  )
}

function contradiction(repo: RepoRef, path: string): HubError {
  return new HubError({
    code: 'HUB_BAD_RESPONSE',
    message: `the listing of ${repo.id} names ${JSON.stringify(path)} twice, as different files`,
    hint: 'The repository changed while it was listed, or the server is broken: run it again.',
  })
}
