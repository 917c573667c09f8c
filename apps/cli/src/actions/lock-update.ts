import { mapConcurrent, visible } from '@hfx/core'
import { compareLockedFiles, type LockChange, type LockedRepo, withLockedRepo } from '@hfx/hub'
import type { OutdatedFlags, UpdateFlags } from '../commands/lock.ts'
import { exitCodes } from '../exit-code.ts'
import { ExitError } from '../exit-error.ts'
import type { CliIo } from '../io.ts'
import { lockOne, lockPath, requireLock, writeLock } from '../lock-on-disk.ts'
import { type OpenHub, withHub } from '../open-hub.ts'
import { print, readFormat } from '../output/format.ts'
import { renderTable } from '../output/table.ts'
import { chooseLocked } from '../choose-locked.ts'

/** How many repositories are asked about at once. */
const reposAtOnce = 8

export async function runOutdated(io: CliIo, flags: OutdatedFlags): Promise<void> {
  const format = readFormat(flags)
  const lock = await requireLock(lockPath(io, flags))
  const rows = await withHub(io, { flags: { ...flags, progress: 'none' } }, ({ client }) =>
    mapConcurrent(lock.repos, reposAtOnce, async ({ repo, type, revision, commit }) => {
      const info = await client.repoInfo({ id: repo, type }, { revision, signal: io.signal })
      return { repo, type, revision, locked: commit, current: info.commit }
    }),
  )
  const outdated = rows.filter(({ locked, current }) => locked !== current)
  print(io, format, {
    human: (width) =>
      outdated.length === 0
        ? ''
        : renderTable(
            [
              { title: 'REPOSITORY', cut: 'start' },
              { title: 'REVISION' },
              { title: 'LOCKED' },
              { title: 'NOW' },
            ],
            outdated.map((row) => [
              row.repo,
              row.revision,
              row.locked.slice(0, 12),
              row.current.slice(0, 12),
            ]),
            width,
          ),
    json: () => outdated,
    quiet: () => outdated.map(({ repo }) => repo),
  })
  if (format === 'human' && outdated.length === 0) io.err('Nothing is outdated.\n')
  if (flags.exitCode && outdated.length > 0) throw new ExitError(exitCodes.unexpected)
}

interface Update {
  readonly before: LockedRepo
  readonly after: LockedRepo
  readonly changes: readonly LockChange[]
}

export async function runUpdate(
  io: CliIo,
  names: readonly string[],
  flags: UpdateFlags,
): Promise<void> {
  const format = readFormat(flags)
  const path = lockPath(io, flags)
  let lock = await requireLock(path)
  const chosen = chooseLocked(lock, names, path)
  const updates = await withHub(io, { flags: { ...flags, progress: 'none' } }, (hub) =>
    mapConcurrent(chosen, reposAtOnce, (entry) => updateOne(io, hub, entry)),
  )
  const changed = updates.filter(({ before, after }) => before.commit !== after.commit)
  for (const { after } of changed) lock = withLockedRepo(lock, after)
  if (!flags.dryRun && changed.length > 0) await writeLock(path, lock)
  print(io, format, {
    human: () => changed.map(renderUpdate).join('\n'),
    json: () =>
      changed.map(({ before, after, changes }) => ({
        repo: after.repo,
        type: after.type,
        revision: after.revision,
        from: before.commit,
        to: after.commit,
        changes,
      })),
    quiet: () => changed.map(({ after }) => after.repo),
  })
  if (format === 'human' && changed.length === 0) io.err('Nothing to update.\n')
}

async function updateOne(io: CliIo, hub: OpenHub, before: LockedRepo): Promise<Update> {
  const { repo, type, revision, select = {} } = before
  const after = await lockOne(io, hub, { repo, type, revision, select })
  return { before, after, changes: compareLockedFiles(before.files, after.files) }
}

function renderUpdate({ before, after, changes }: Update): string {
  const marks = { added: '+', removed: '-', changed: '~' } as const
  return [
    `${after.repo}: ${before.commit.slice(0, 12)} → ${after.commit.slice(0, 12)}`,
    ...changes.map(({ kind, path }) => `  ${marks[kind]} ${visible(path)}`),
  ].join('\n')
}
