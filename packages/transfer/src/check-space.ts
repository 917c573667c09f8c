import { stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { InsufficientSpaceError } from '@hfx/core'
import { errnoOf } from './disk-error.ts'

/** Bytes that are still to be written below a folder. The folder need not exist yet. */
export interface SpaceDemand {
  readonly folder: string
  readonly bytes: number
}

/** Room on the volume of a folder. */
export interface VolumeSpace {
  /** The same for folders of one volume. */
  readonly id: string
  /** Free for this user; undefined where the system does not tell. */
  readonly freeBytes: number | undefined
}

/** Finds the room on the volume of a folder. Never rejects. */
export type ReadVolume = (folder: string) => Promise<VolumeSpace>

/** How strict the check for free space is. */
export interface CheckSpaceOptions {
  /** Bytes that must stay free on each volume. @default 67_108_864 (64 MiB) */
  readonly reserveBytes?: number
  /** Report what is too tight instead of throwing. @default false */
  readonly force?: boolean
  /** How the room of a folder's volume is found. @default the system's statfs */
  readonly readVolume?: ReadVolume
}

/** What the check found, one entry for each volume. */
export interface SpaceReport {
  readonly folder: string
  /** Demanded bytes, without the reserve. */
  readonly needBytes: number
  readonly freeBytes: number | undefined
  readonly verdict: 'enough' | 'too-little' | 'unknown'
}

const defaultReserveBytes = 64 * 1024 ** 2

/**
 * Holds the bytes that are to come against the free space of each real volume, before the first one is asked for.
 * @throws InsufficientSpaceError `HUB_NO_SPACE` for the first volume that is too small, unless `force`
 */
export async function checkSpace(
  demands: readonly SpaceDemand[],
  options: CheckSpaceOptions = {},
): Promise<readonly SpaceReport[]> {
  const {
    reserveBytes = defaultReserveBytes,
    force = false,
    readVolume = readSystemVolume,
  } = options
  const volumes = new Map<string, { folder: string; needBytes: number; space: VolumeSpace }>()
  for (const demand of demands) {
    const space = await readVolume(demand.folder)
    const volume = volumes.get(space.id) ?? { folder: demand.folder, needBytes: 0, space }
    volume.needBytes += demand.bytes
    volumes.set(space.id, volume)
  }
  return [...volumes.values()].map(({ folder, needBytes, space: { freeBytes } }) => {
    const verdict = judge(needBytes, reserveBytes, freeBytes)
    const report: SpaceReport = { folder, needBytes, freeBytes, verdict }
    if (verdict === 'too-little' && !force) throw describeTooLittle(report, reserveBytes)
    return report
  })
}

function judge(
  needBytes: number,
  reserveBytes: number,
  freeBytes: number | undefined,
): SpaceReport['verdict'] {
  if (needBytes === 0) return 'enough'
  if (freeBytes === undefined) return 'unknown'
  return needBytes + reserveBytes > freeBytes ? 'too-little' : 'enough'
}

function describeTooLittle(report: SpaceReport, reserveBytes: number): InsufficientSpaceError {
  const { folder, needBytes, freeBytes = 0 } = report
  return new InsufficientSpaceError({
    code: 'HUB_NO_SPACE',
    path: folder,
    needBytes,
    freeBytes,
    message: `${inMegabytes(needBytes)} are to come into ${folder}, and ${inMegabytes(freeBytes)} are free there (${inMegabytes(reserveBytes)} of them stay in reserve)`,
    hint: 'Free some space, choose another folder (--cache-dir, --local-dir), or go on all the same with --force-space (forceSpace).',
  })
}

/** `98.9 MB`: the numbers of one message in one unit, so that they can be compared at a glance. */
function inMegabytes(bytes: number): string {
  const format = { style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 } as const
  return new Intl.NumberFormat('en', format).format(bytes / 1e6)
}

/** `bavail`, not `bfree`: the rest is root's. A folder that does not exist yet stands on the volume of its nearest parent. */
export async function readSystemVolume(folder: string): Promise<VolumeSpace> {
  try {
    const [{ dev }, space] = await Promise.all([stat(folder), statfs(folder)])
    // Some network and FUSE volumes answer zero blocks for "I do not know".
    const freeBytes = space.blocks === 0 ? undefined : space.bavail * space.bsize
    return { id: String(dev), freeBytes }
  } catch (error) {
    const parent = dirname(folder)
    if (errnoOf(error) === 'ENOENT' && parent !== folder) return readSystemVolume(parent)
    return { id: folder, freeBytes: undefined }
  }
}
