import { HubError, isHubError } from '@hfx/core'
import { listLockedFiles, type LockedRepo } from '@hfx/hub'
import { chooseLocked } from './choose-locked.ts'
import type { CliIo } from './io.ts'
import { lockPath, requireLock } from './lock-on-disk.ts'
import type { OpenHub } from './open-hub.ts'
import { type Downloaded, describeSnapshot } from './output/print-download.ts'
import type { DownloadRequest } from './read-wanted.ts'
import { verifyCached } from './verify-cached.ts'

/**
 * The repositories of the lock that a command names, all without a name.
 * @throws HubError `HUB_INVALID_OPTION` for flags that would choose something else
 */
export async function readFrozen(
  io: CliIo,
  request: DownloadRequest,
): Promise<readonly LockedRepo[]> {
  const { flags, repo, files } = request
  const chooser = (
    ['revision', 'include', 'exclude', 'weights', 'from', 'dryRun', 'plan', 'repoType'] as const
  ).find((name) => flags[name] !== undefined)
  if (chooser !== undefined) {
    throw new HubError({
      code: 'HUB_INVALID_OPTION',
      message: `--frozen and --${chooser.replace(/[A-Z]/g, (char) => `-${char.toLowerCase()}`)} exclude each other`,
      hint: 'The lock says which files of which commit; change it with hfx lock.',
    })
  }
  const path = lockPath(io, flags)
  return chooseLocked(await requireLock(path), repo === undefined ? [] : [repo, ...files], path)
}

/** The files of an entry, without asking the Hub what there is. */
export async function downloadFrozen(
  io: CliIo,
  hub: OpenHub,
  job: { readonly entry: LockedRepo; readonly request: DownloadRequest },
): Promise<Downloaded> {
  const { entry, request } = job
  const { verify, forceDownload } = request.flags
  try {
    const result = await hub.client.snapshot(
      { id: entry.repo, type: entry.type },
      {
        signal: io.signal,
        revision: entry.commit,
        files: listLockedFiles(entry),
        ...(forceDownload === undefined ? {} : { force: forceDownload }),
      },
    )
    if (verify) await verifyCached(io, hub, result)
    return describeSnapshot(result, [])
  } catch (error) {
    throw isGone(error) ? drift(entry, error) : error
  }
}

function isGone(error: unknown): boolean {
  const cause =
    isHubError(error, 'HUB_SNAPSHOT_FAILED') && 'failures' in error
      ? firstOf(error.failures)
      : error
  return isHubError(cause, 'HUB_ENTRY_NOT_FOUND') || isHubError(cause, 'HUB_REVISION_NOT_FOUND')
}

function firstOf(failures: unknown): unknown {
  const first: unknown = Array.isArray(failures) ? failures[0] : undefined
  return typeof first === 'object' && first !== null && 'error' in first ? first.error : undefined
}

function drift(entry: LockedRepo, cause: unknown): HubError {
  return new HubError({
    code: 'HUB_LOCK_DRIFT',
    message: `the Hub no longer has ${entry.repo} as it is locked (${entry.commit.slice(0, 12)})`,
    hint: 'See what changed with hfx verify, and take it over with hfx update.',
    cause,
  })
}
