import type { ResolvedCacheDeps } from './options.ts'
import { readNames } from './find-file.ts'

/** How long a listing of the root is good for, in milliseconds. */
const listingTtlMs = 5000

/** Names in the root: asked for once per large file, and the same for all files of a download. */
export function createRootListing(
  { clock }: Pick<ResolvedCacheDeps, 'clock'>,
  root: () => string,
): () => Promise<readonly string[]> {
  let known: { readonly names: Promise<readonly string[]>; readonly atMs: number } | undefined
  return () => {
    const atMs = clock.monotonic()
    if (known === undefined || atMs - known.atMs > listingTtlMs) {
      known = { names: readNames(root()), atMs }
    }
    return known.names
  }
}

/** Does the work at the first call; the others wait for it. */
export function createOnce(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => (done ??= work())
}
