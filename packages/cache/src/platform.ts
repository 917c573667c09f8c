import { renameSync, symlinkSync } from 'node:fs'
import { constants, copyFile, link, lstat, open, rename, symlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { errnoOf } from './disk-error.ts'
import type { OnTheSpot } from './on-the-spot.ts'

/** What the operating system and the volume can do. Tests replace single entries to stand on another system. */
export interface Platform {
  /** `process.platform`. */
  readonly os: string
  readonly hostname: string
  readonly pid: number
  symlink(target: string, path: string): Promise<void>
  hardlink(from: string, to: string): Promise<void>
  /** A copy that shares its blocks until one side changes. Rejects where the volume cannot. */
  reflink(from: string, to: string): Promise<void>
  /** A whole copy; the kernel shares blocks where it can. */
  copy(from: string, to: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** Brings a file or folder from the system's memory to the device. */
  flush(path: string): Promise<void>
  /** True when a process of this host runs. */
  isAlive(pid: number): boolean
  /** True when `A` and `a` are one file below this folder, which exists. */
  foldsCase(folder: string): Promise<boolean>
}

/** The system we run on. */
export const nodePlatform: Platform = {
  os: process.platform,
  hostname: hostname(),
  pid: process.pid,
  symlink: (target, path) => symlink(target, path),
  hardlink: (from, to) => link(from, to),
  reflink: (from, to) =>
    copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE),
  copy: (from, to) => copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE),
  rename: (from, to) => rename(from, to),
  flush,
  isAlive,
  foldsCase,
}

/** The given abilities, and this system's for the rest: names are changed on the spot where the disk is quick. */
export function resolvePlatform(
  platform: Partial<Platform> = {},
  onTheSpot: OnTheSpot = (_now, pooled) => pooled(),
): Platform {
  return {
    ...nodePlatform,
    symlink: (target, path) =>
      onTheSpot(
        () => symlinkSync(target, path),
        () => nodePlatform.symlink(target, path),
      ),
    rename: (from, to) =>
      onTheSpot(
        () => renameSync(from, to),
        () => nodePlatform.rename(from, to),
      ),
    ...platform,
  }
}

async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errnoOf(error) !== 'ESRCH'
  }
}

/** Looks a folder up under its name in the other letter case. Writes nothing. */
async function foldsCase(folder: string): Promise<boolean> {
  const name = basename(folder)
  const other = name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase()
  if (name === '' || dirname(folder) === folder) return false
  if (other === name) return foldsCase(dirname(folder))
  try {
    const [here, there] = await Promise.all([lstat(folder), lstat(join(dirname(folder), other))])
    return here.ino === there.ino && here.dev === there.dev
  } catch {
    return false
  }
}
