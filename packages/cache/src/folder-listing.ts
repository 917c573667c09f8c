import type { ResolvedCacheDeps } from './options.ts'
import { readNames } from './find-file.ts'

/** How long a listing of the root is good for, in milliseconds. */
const listingTtlMs = 5000

/** Folders whose names are remembered; a download asks for two. */
const maxFolders = 100

/** Names in a folder: asked for once for all files of a download. */
export function createFolderListing({
  clock,
}: Pick<ResolvedCacheDeps, 'clock'>): (folder: string) => Promise<readonly string[]> {
  const known = new Map<
    string,
    { readonly names: Promise<readonly string[]>; readonly atMs: number }
  >()
  return (folder) => {
    const atMs = clock.monotonic()
    const last = known.get(folder)
    if (last && atMs - last.atMs <= listingTtlMs) return last.names
    if (known.size >= maxFolders) known.clear()
    const names = readNames(folder)
    known.set(folder, { names, atMs })
    return names
  }
}

/** Does the work at the first call; the others wait for it. */
export function createOnce(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => (done ??= work())
}
