import { stat } from 'node:fs/promises'
import { type FileHasher, type FileStore, HubError, isHubError, visible } from '@hfx/core'
import { compareLockedFiles, type LockedFile, type LockedRepo } from '@hfx/hub'
import { formatCount } from '@hfx/progress'
import type { VerifyFlags } from '../commands/lock.ts'
import { exitCodes } from '../exit-code.ts'
import { ExitError } from '../exit-error.ts'
import type { CliIo } from '../io.ts'
import { lockOne, lockPath, requireLock } from '../lock-on-disk.ts'
import { readConfig, withHub } from '../open-hub.ts'
import { withStore } from '../open-store.ts'
import { print, readFormat } from '../output/format.ts'

interface Fault {
  readonly repo: string
  readonly path: string
  readonly kind: 'missing' | 'damaged' | 'drifted'
}

/** Every locked file against this machine, and, unless offline, the lock against the Hub. */
export async function runVerify(io: CliIo, flags: VerifyFlags): Promise<void> {
  const format = readFormat(flags)
  if (flags.localDir !== undefined && flags.cacheDir !== undefined) {
    throw new HubError({
      code: 'HUB_INVALID_OPTION',
      message: '--local-dir and --cache-dir exclude each other',
      hint: 'Give one of them.',
    })
  }
  const path = lockPath(io, flags)
  const lock = await requireLock(path)
  const config = await readConfig(io, flags)
  const onDisk = await withStore(config, flags.localDir, async ({ store, hasher }) => {
    const faults: Fault[] = []
    for (const entry of lock.repos) faults.push(...(await checkDisk(io, { entry, store, hasher })))
    return faults
  })
  const drifted = flags.offline ? [] : await checkHub(io, flags, lock.repos)
  const faults = [...onDisk, ...drifted]
  const checked = lock.repos.reduce((sum, { files }) => sum + files.length, 0)
  print(io, format, {
    human: () =>
      faults
        .map((fault) => `${fault.kind.padEnd(8)} ${fault.repo} ${visible(fault.path)}`)
        .join('\n'),
    json: () => ({ lockFile: path, ok: faults.length === 0, checked, faults }),
    quiet: () => faults.map((fault) => fault.path),
  })
  if (faults.length > 0)
    throw new ExitError(
      exitCodes.integrity,
      `${formatCount(faults.length, 'file')} of ${path} are not as locked`,
    )
  if (format === 'human') io.err(`${formatCount(checked, 'file')} are as locked\n`)
}

async function checkDisk(
  io: CliIo,
  what: { readonly entry: LockedRepo; readonly store: FileStore; readonly hasher: FileHasher },
): Promise<readonly Fault[]> {
  const { entry, store, hasher } = what
  const faults: Fault[] = []
  for (const file of entry.files) {
    io.signal.throwIfAborted()
    const found = await store.findSnapshotFile(
      { id: entry.repo, type: entry.type },
      entry.commit,
      file.path,
    )
    const kind = found
      ? await checkFile(found.path, { file, hasher, signal: io.signal })
      : 'missing'
    if (kind !== 'ok') faults.push({ repo: entry.repo, path: file.path, kind })
  }
  return faults
}

async function checkFile(
  path: string,
  how: { readonly file: LockedFile; readonly hasher: FileHasher; readonly signal: AbortSignal },
): Promise<'ok' | 'damaged'> {
  const { file, hasher, signal } = how
  if ((await stat(path)).size !== file.sizeBytes) return 'damaged'
  const algorithm = file.sha256 === undefined ? 'git-sha1' : 'sha256'
  const digest = await hasher.hashFile(path, algorithm, { signal })
  return digest === (file.sha256 ?? file.gitSha1) ? 'ok' : 'damaged'
}

/** The locked commit must still hold the locked files. */
async function checkHub(
  io: CliIo,
  flags: VerifyFlags,
  entries: readonly LockedRepo[],
): Promise<readonly Fault[]> {
  return withHub(io, { flags: { ...flags, progress: 'none' } }, async (hub) => {
    const faults: Fault[] = []
    for (const entry of entries) {
      const { repo, type, commit, select = {} } = entry
      try {
        const now = await lockOne(io, hub, { repo, type, revision: commit, select })
        faults.push(
          ...compareLockedFiles(entry.files, now.files).map(({ path }) => ({
            repo,
            path,
            kind: 'drifted' as const,
          })),
        )
      } catch (error) {
        if (!isHubError(error, 'HUB_REVISION_NOT_FOUND')) throw error
        faults.push({ repo, path: commit, kind: 'drifted' })
      }
    }
    return faults
  })
}
