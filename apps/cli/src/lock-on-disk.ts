import { randomBytes } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { DiskError, HubError, type RepoFile } from '@hfx/core'
import {
  createLockedRepo,
  formatLockFile,
  type LockedRepo,
  type LockedSelection,
  type LockFile,
  parseLockFile,
} from '@hfx/hub'
import { createChoice } from './choose-files.ts'
import type { CliIo } from './io.ts'
import type { OpenHub } from './open-hub.ts'

/** The lock file that a command means. */
export function lockPath(io: CliIo, flags: { readonly lockFile?: string }): string {
  return resolve(io.cwd, flags.lockFile ?? 'hf.lock')
}

/** The lock, or undefined when there is no such file. @throws HubError `HUB_INVALID_CONFIG` */
export async function readLock(path: string): Promise<LockFile | undefined> {
  try {
    return parseLockFile(await readFile(path, 'utf8'), path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** @throws HubError `HUB_INVALID_OPTION` when there is no lock file */
export async function requireLock(path: string): Promise<LockFile> {
  const lock = await readLock(path)
  if (lock) return lock
  throw new HubError({
    code: 'HUB_INVALID_OPTION',
    message: `there is no lock file ${path}`,
    hint: 'Write one with hfx lock <repo>, or name it with --lock-file.',
  })
}

export async function writeLock(path: string, lock: LockFile): Promise<void> {
  const temp = `${path}.${randomBytes(4).toString('hex')}.tmp`
  try {
    await writeFile(temp, formatLockFile(lock), { flag: 'wx' })
    await rename(temp, path)
  } catch (error) {
    await rm(temp, { force: true }).catch(() => undefined)
    throw new DiskError({
      code: 'HUB_PERMISSION_DENIED',
      path,
      message: `cannot write ${path}`,
      hint: 'Correct the permissions of the folder, or name another file with --lock-file.',
      cause: error,
    })
  }
}

/** What an entry of a lock is to be made of. */
export interface WantedLock {
  readonly repo: string
  readonly type?: LockedRepo['type']
  readonly revision?: string
  readonly select: LockedSelection
}

/** Asks the Hub what a revision holds now and chooses of it: the entry of a lock. One listing, nothing downloaded. */
export async function lockOne(io: CliIo, hub: OpenHub, want: WantedLock): Promise<LockedRepo> {
  const { select } = want
  const choice = createChoice(
    { repo: want.repo, ...(select.quant === undefined ? {} : { quant: select.quant }) },
    select.weights === undefined ? {} : { weights: select.weights },
  )
  let files: readonly RepoFile[] = []
  const plan = await hub.client.plan(want.repo, {
    signal: io.signal,
    policy: { kind: 'network' },
    ...(want.type === undefined ? {} : { type: want.type }),
    ...(want.revision === undefined ? {} : { revision: want.revision }),
    ...(select.include ? { allowPatterns: select.include } : {}),
    ...(select.exclude ? { ignorePatterns: select.exclude } : {}),
    select(left) {
      files = choice.select ? choice.select(left) : left
      return files
    },
  })
  return createLockedRepo({
    repo: plan.repo,
    revision: plan.revision,
    commit: plan.commit,
    files,
    select,
  })
}
