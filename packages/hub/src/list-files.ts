import {
  type FileListing,
  listingOf,
  readWholeListing,
  type RepoFile,
  type RepoRef,
} from '@hfx/core'
import { collectListing } from './collect-listing.ts'
import { type FlowDeps, windowFiles } from './flow.ts'
import type { JobContext } from './job.ts'

/** A commit whose files are to be listed. */
export interface ListSubject {
  readonly repo: RepoRef
  readonly commit: string
  readonly context: JobContext
  /** Asks the Hub for the pages. */
  readonly ask: () => AsyncIterable<readonly RepoFile[]>
}

/**
 * The stored listing of a commit, or the Hub's, which is stored for the next time. One that is too large for the
 * memory goes to disk while it arrives and is read from there; where it cannot be stored, it is asked for again and
 * held after all.
 */
export async function listFiles(deps: FlowDeps, subject: ListSubject): Promise<FileListing> {
  const { repo, commit, ask } = subject
  const stored = await deps.store.openTree(repo, commit)
  if (stored) return stored
  const arriving = await readWindow(repo, ask())
  if (!arriving.rest) {
    await storeTree(deps, { ...subject, files: arriving.files })
    return listingOf(arriving.files)
  }
  const pages = watchPages(arriving.rest)
  await storeTree(deps, { ...subject, files: pages.all, rethrow: pages.rethrow })
  const reread = await deps.store.openTree(repo, commit)
  if (reread) return reread
  // A store that keeps nothing has not read them either.
  return listingOf(await readWholeListing({ pages: pages.begun() ? ask : () => pages.all }))
}

/** Reads pages until they end or fill a window; `rest` is then all of them, those that were read included. */
async function readWindow(
  repo: RepoRef,
  asked: AsyncIterable<readonly RepoFile[]>,
): Promise<{
  readonly files: readonly RepoFile[]
  readonly rest?: AsyncIterable<readonly RepoFile[]>
}> {
  const pages = asked[Symbol.asyncIterator]()
  const collected = collectListing(repo)
  while (collected.fileCount() <= windowFiles) {
    const next = await pages.next()
    if (next.done) return { files: collected.files() }
    collected.add(next.value)
  }
  const files = collected.files()
  return { files, rest: continuePages(files, pages) }
}

async function* continuePages(
  first: readonly RepoFile[],
  rest: AsyncIterator<readonly RepoFile[]>,
): AsyncGenerator<readonly RepoFile[]> {
  try {
    yield first
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}

/** A listing that cannot be stored costs a question next time; what the Hub says wrong on the way is an error. */
async function storeTree(
  deps: FlowDeps,
  { repo, commit, context, files, rethrow }: TreeToStore,
): Promise<void> {
  try {
    await deps.store.writeTree(repo, commit, files)
  } catch (error) {
    rethrow?.()
    deps.logger.warn('the listing could not be stored', { repo_id: repo.id, commit, error })
    context.emit({
      type: 'job:warning',
      code: 'TREE_NOT_WRITTEN',
      message: `the listing of ${repo.id} could not be stored; offline use cannot be proven complete`,
    })
  }
}

interface TreeToStore extends ListSubject {
  readonly files: readonly RepoFile[] | AsyncIterable<readonly RepoFile[]>
  /** @throws what the pages themselves failed with */
  readonly rethrow?: () => void
}

/** Pages that tell whether anybody has read them, and failures of their own from failures of the disk. */
function watchPages(pages: AsyncIterable<readonly RepoFile[]>): {
  readonly all: AsyncIterable<readonly RepoFile[]>
  begun(): boolean
  rethrow(): void
} {
  let begun = false
  let failure: { readonly error: unknown } | undefined
  async function* watch(): AsyncGenerator<readonly RepoFile[]> {
    begun = true
    try {
      yield* pages
    } catch (error) {
      failure = { error }
      throw error
    }
  }
  return {
    all: watch(),
    begun: () => begun,
    rethrow() {
      if (failure) throw failure.error
    },
  }
}
