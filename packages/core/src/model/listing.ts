import type { RepoFile } from './file.ts'

/** The files of a commit, read some thousands at a time, as often as needed: they may be too many for the memory. */
export interface FileListing<F = RepoFile> {
  readonly fileCount: number
  /** From the first file to the last; each call begins anew. */
  pages(): AsyncIterable<readonly F[]>
}

/** A listing of files that are in memory. */
export function listingOf<F = RepoFile>(files: readonly F[]): FileListing<F> {
  return {
    fileCount: files.length,
    async *pages() {
      if (files.length > 0) yield files
    },
  }
}

/** All files of a listing at once, for whoever has to see them together. */
export async function readWholeListing(
  listing: Pick<FileListing, 'pages'>,
): Promise<readonly RepoFile[]> {
  const files: RepoFile[] = []
  // One by one: a page may hold everything, and arguments have to fit the stack.
  for await (const page of listing.pages()) for (const file of page) files.push(file)
  return files
}
