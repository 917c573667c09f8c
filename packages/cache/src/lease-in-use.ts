import type { RepoRef } from '@hfx/core'
import { type Lease, leaseRevision } from './lease.ts'
import type { ResolvedCacheDeps } from './options.ts'

/** Runs work on a revision's files, which nobody cleans away meanwhile. */
export type WithRevisionLease = <T>(
  at: { readonly repo: RepoRef; readonly commit: string },
  work: () => Promise<T>,
) => Promise<T>

/**
 * Leases a revision as long as at least one of its files is worked on. A download writes its ref last, so until then
 * its finished files look like a revision that nobody wants. A cache that takes no lease is used without.
 */
export function createRevisionLeases(
  deps: ResolvedCacheDeps,
  root: () => string,
): WithRevisionLease {
  const used = new Map<string, { users: number; readonly lease: Promise<Lease | undefined> }>()
  return async (at, work) => {
    const key = `${at.repo.type}/${at.repo.id}@${at.commit}`
    const use = used.get(key) ?? { users: 0, lease: openLease(deps, { ...at, root: root() }) }
    used.set(key, use)
    use.users += 1
    try {
      await use.lease
      return await work()
    } finally {
      use.users -= 1
      if (use.users === 0) {
        used.delete(key)
        await (await use.lease)?.release().catch(() => {})
      }
    }
  }
}

async function openLease(
  deps: ResolvedCacheDeps,
  {
    root,
    repo,
    commit,
  }: { readonly root: string; readonly repo: RepoRef; readonly commit: string },
): Promise<Lease | undefined> {
  try {
    return await leaseRevision(deps, { root, repo, commit })
  } catch (error) {
    deps.logger.debug('no lease could be taken', { repo_id: repo.id, commit, error })
    return undefined
  }
}
