import { HubError } from '@hfx/core'
import type { LockedRepo, LockFile } from '@hfx/hub'
import { parseCachedRepo } from './cache-target.ts'

/**
 * The entries of a lock that are named; all of them without a name.
 * @throws HubError `HUB_LOCK_DRIFT` for one that the lock does not have
 */
export function chooseLocked(
  lock: LockFile,
  names: readonly string[],
  path: string,
): readonly LockedRepo[] {
  if (names.length === 0) return lock.repos
  return names.flatMap((name) => {
    const wanted = parseCachedRepo(name.replace(/:[\w-]+$/, ''))
    const found = lock.repos.filter(({ repo, type }) => repo === wanted.id && type === wanted.type)
    if (found.length > 0) return found
    throw new HubError({
      code: 'HUB_LOCK_DRIFT',
      message: `${name} is not in ${path}`,
      hint: `Add it with hfx lock ${name}; a frozen download takes what is locked and nothing else.`,
    })
  })
}
