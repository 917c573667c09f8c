import { type Clock, InsufficientSpaceError } from '@hfx/core'
import type { ReadVolume } from './check-space.ts'
import { errnoOf } from './disk-error.ts'

/** A file that is being written, as far as its volume is concerned. */
export interface SpaceUser {
  readonly folder: string
  /** Goes on however little room there is. */
  readonly force: boolean
  /** Bytes that are still to be written. */
  leftBytes(): number
  /** Ends the file; what it has stays. */
  stop(error: InsufficientSpaceError): void
}

/** Looks after the room on the volumes that are written to. */
export interface SpaceWatch {
  /** Watches a file's volume; the returned function ends it. The watch runs only while it has files. */
  add(user: SpaceUser): () => void
  /** A write was refused because the volume is full: all its files end. Resolves with what to tell the caller. */
  reportFull(folder: string, cause: unknown): Promise<InsufficientSpaceError>
}

export interface SpaceWatchDeps {
  readonly clock: Clock
  readonly readVolume: ReadVolume
}

interface UsedVolume {
  readonly folder: string
  readonly freeBytes: number | undefined
  readonly users: SpaceUser[]
}

/** Often enough to stop long before a disk is full, rarely enough to cost nothing. */
const lookMs = 2_000
/** Files of others come and go: room that is missing only for a moment ends nothing. */
const tightLooks = 2

/**
 * The room that was there before byte one may be taken by others. What is left to come is held against it again and
 * again, so that a download ends before the disk is full and not because of it.
 */
export function createSpaceWatch(deps: SpaceWatchDeps): SpaceWatch {
  const { clock } = deps
  const users = new Set<SpaceUser>()
  const tight = new Map<string, number>()
  let running: AbortController | undefined

  async function run(signal: AbortSignal): Promise<void> {
    for (;;) {
      await clock.sleep(lookMs, signal)
      for (const [id, volume] of await groupByVolume(deps, users)) look(id, volume)
    }
  }

  function look(id: string, volume: UsedVolume): void {
    const looks = isTooSmall(volume) ? (tight.get(id) ?? 0) + 1 : 0
    tight.set(id, looks)
    if (looks < tightLooks) return
    const error = describeShrunk(volume)
    for (const user of volume.users) if (!user.force) user.stop(error)
  }

  return {
    add: (user) => {
      users.add(user)
      if (!running) {
        running = new AbortController()
        // It ends by the abort below, or when a volume cannot be looked at any more: the writes will tell.
        run(running.signal).catch(ignoreEnd)
      }
      return () => {
        users.delete(user)
        if (users.size > 0) return
        running?.abort('over')
        running = undefined
        tight.clear()
      }
    },
    reportFull: async (folder, cause) => {
      const { id, freeBytes } = await deps.readVolume(folder)
      const volume = (await groupByVolume(deps, users)).get(id)
      const error = describeFull(volume ?? { folder, freeBytes, users: [] }, folder, cause)
      for (const user of volume?.users ?? []) user.stop(error)
      return error
    },
  }
}

async function groupByVolume(
  { readVolume }: SpaceWatchDeps,
  users: ReadonlySet<SpaceUser>,
): Promise<ReadonlyMap<string, UsedVolume>> {
  const folders = new Map<string, SpaceUser[]>()
  for (const user of users) folders.set(user.folder, [...(folders.get(user.folder) ?? []), user])
  const volumes = new Map<string, UsedVolume>()
  for (const [folder, its] of folders) {
    const { id, freeBytes } = await readVolume(folder)
    const volume = volumes.get(id) ?? { folder, freeBytes, users: [] }
    volume.users.push(...its)
    volumes.set(id, volume)
  }
  return volumes
}

function isTooSmall(volume: UsedVolume): boolean {
  return volume.freeBytes !== undefined && sumLeft(volume) > volume.freeBytes
}

function sumLeft({ users }: UsedVolume): number {
  return users.reduce((sum, user) => sum + user.leftBytes(), 0)
}

function describeShrunk(volume: UsedVolume): InsufficientSpaceError {
  const { folder, freeBytes = 0 } = volume
  return new InsufficientSpaceError({
    code: 'HUB_NO_SPACE',
    path: folder,
    needBytes: sumLeft(volume),
    freeBytes,
    message: `${sumLeft(volume)} bytes are still to come into ${folder}, and only ${freeBytes} are free there by now`,
    hint: 'Free some space and run it again: what has arrived is kept. --force-space (forceSpace) goes on all the same.',
  })
}

/** Of a quota statfs knows nothing: used up means that nothing is free for this user. */
function describeFull(volume: UsedVolume, path: string, cause: unknown): InsufficientSpaceError {
  const isQuota = errnoOf(cause instanceof Error ? cause.cause : cause) === 'EDQUOT'
  const what = isQuota ? 'your quota on this volume is used up' : 'the volume is full'
  return new InsufficientSpaceError({
    code: 'HUB_NO_SPACE',
    path,
    needBytes: sumLeft(volume),
    freeBytes: isQuota ? 0 : (volume.freeBytes ?? 0),
    message: `cannot write to ${path}: ${what}; ${sumLeft(volume)} bytes are still to come`,
    hint: 'Free some space and run it again: what has arrived is kept.',
    cause,
  })
}

function ignoreEnd(): void {}
