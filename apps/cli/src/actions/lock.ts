import { type LockedSelection, withLockedRepo } from '@hfx/hub'
import { formatBytes, formatCount } from '@hfx/progress'
import type { LockFlags } from '../commands/lock.ts'
import type { CliIo } from '../io.ts'
import { lockOne, lockPath, readLock, type WantedLock, writeLock } from '../lock-on-disk.ts'
import { withHub } from '../open-hub.ts'
import { print, readFormat } from '../output/format.ts'
import { parseRepoArgument } from '../read-repo.ts'

/** Adds repositories to the lock, or renews their entries. */
export async function runLock(
  io: CliIo,
  repos: readonly string[],
  flags: LockFlags,
): Promise<void> {
  const format = readFormat(flags)
  const path = lockPath(io, flags)
  let lock = await readLock(path)
  // Every name is read before anything is asked: what has begun for the first could not be waited for.
  const wanted = repos.map((text) => describeWanted(text, flags))
  const entries = await withHub(io, { flags: { ...flags, progress: 'none' } }, (hub) =>
    Promise.all(wanted.map((each) => lockOne(io, hub, each))),
  )
  for (const entry of entries) lock = withLockedRepo(lock, entry)
  if (lock) await writeLock(path, lock)
  print(io, format, {
    human: () => path,
    json: () => ({
      lockFile: path,
      locked: entries.map(({ files, ...rest }) => ({ ...rest, files: files.length })),
    }),
    quiet: () => path,
  })
  if (format !== 'human') return
  for (const { repo, commit, files } of entries) {
    const bytes = files.reduce((sum, file) => sum + file.sizeBytes, 0)
    io.err(
      `${repo} at ${commit.slice(0, 12)}: ${formatCount(files.length, 'file')}, ${formatBytes(bytes)}\n`,
    )
  }
}

function describeWanted(text: string, flags: LockFlags): WantedLock {
  const { repo, quant } = parseRepoArgument(text)
  return {
    repo,
    ...(flags.repoType === undefined ? {} : { type: flags.repoType }),
    ...(flags.revision === undefined ? {} : { revision: flags.revision }),
    select: readSelection(flags, quant),
  }
}

function readSelection(flags: LockFlags, quant: string | undefined): LockedSelection {
  return {
    ...(flags.include ? { include: flags.include } : {}),
    ...(flags.exclude ? { exclude: flags.exclude } : {}),
    ...(flags.weights === 'auto' ? { weights: 'auto' } : {}),
    ...(quant === undefined ? {} : { quant }),
  }
}
