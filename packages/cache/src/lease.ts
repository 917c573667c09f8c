import { rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkCommit, type RepoRef } from '@hfx/core'
import { onDisk } from './disk-error.ts'
import { locksFolder } from './layout.ts'
import { makeFolder } from './make-folder.ts'
import { type CacheDeps, resolveCacheDeps, type ResolvedCacheDeps } from './options.ts'
import { readSmallFile } from './read-small-file.ts'
import { createRealRoot } from './real-root.ts'
import { parseLockOwner } from './soft-lock.ts'
import { randomHex } from './temp-name.ts'
import { readEntries } from './walk-files.ts'

/** A lease of another host counts this long after its last sign of life. */
export const leaseTtlMs = 600_000
const heartbeatMs = 60_000
const maxLeaseBytes = 4096

/** The revision that a {@link Lease} is for. */
export interface LeaseSubject {
  readonly root: string
  readonly repo: RepoRef
  readonly commit: string
}

/** Held while someone works with a revision's files. */
export interface Lease {
  /** Ends the lease. Safe to call twice. */
  release(): Promise<void>
}

/**
 * Keeps a revision from being removed by `remove`, `prune` and `gc` while someone works with its files, in this
 * process or another. Ends with the process; a lease of another host ends ten minutes after its last sign of life.
 */
export async function leaseRevision(deps: CacheDeps, subject: LeaseSubject): Promise<Lease> {
  const resolved = resolveCacheDeps(deps)
  const folder = locksFolder(createRealRoot(subject.root)(), subject.repo)
  const name = `${checkCommit(subject.commit)}.${randomHex(deps.random)}.lease`
  const path = join(folder, name)
  await onDisk(path, 'write', async () => {
    await makeFolder(folder, 'user')
    const { pid, hostname } = resolved.platform
    await writeFile(path, `${pid}\n${hostname}\n`, { flag: 'wx' })
    await touch(path, resolved)
  })
  const stop = new AbortController()
  const beating = beat(path, resolved, stop.signal)
  return {
    async release() {
      stop.abort()
      await beating
      await rm(path, { force: true })
    },
  }
}

/** Commits of a repository that someone works with right now. */
export async function listLeased(
  deps: ResolvedCacheDeps,
  root: string,
  repo: RepoRef,
): Promise<ReadonlySet<string>> {
  const leased = new Set<string>()
  const folder = locksFolder(root, repo)
  for await (const entry of readEntries(folder)) {
    const commit = /^([0-9a-f]{40})\.[0-9a-f]{8}\.lease$/.exec(entry.name)?.[1]
    if (commit !== undefined && (await isLive(deps, join(folder, entry.name)))) leased.add(commit)
  }
  return leased
}

async function isLive({ platform, clock }: ResolvedCacheDeps, path: string): Promise<boolean> {
  const file = await readSmallFile(path, maxLeaseBytes).catch(() => undefined)
  if (!file) return false
  const owner = parseLockOwner(file.text)
  if (owner?.hostname === platform.hostname) return platform.isAlive(owner.pid)
  return clock.now() - file.mtimeMs < leaseTtlMs
}

async function beat(path: string, deps: ResolvedCacheDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await deps.clock.sleep(heartbeatMs, signal)
      await touch(path, deps)
    } catch {
      // Released, or the file is gone: a lease that cannot be renewed runs out by itself.
      if (!signal.aborted) deps.logger.warn('a lease could not be renewed', { path })
    }
  }
}

async function touch(path: string, { clock }: ResolvedCacheDeps): Promise<void> {
  const now = clock.now() / 1000
  await utimes(path, now, now)
}
