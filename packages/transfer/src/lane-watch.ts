import type { Clock } from '@hfx/core'
import { medianSpeed } from './judge-lane.ts'
import type { LaneKind, LanePool } from './lane-pool.ts'
import type { PartRun } from './part-run.ts'

/** A file whose connections want watching. */
export interface WatchedFile {
  readonly kind: LaneKind
  readonly runs: ReadonlySet<PartRun>
  /** Looks at each connection: ends what is stalled or slow, splits what is last. */
  inspect(look: WatchLook): void
}

export interface WatchLook {
  readonly nowMs: number
  /** Time since the last look. */
  readonly spanMs: number
  /** Median speed of all connections of large files; undefined for fewer than two. */
  readonly peerSpeed: number | undefined
  /** The process stood still (sleep, stop, a busy loop): silence until now proves nothing. */
  readonly jumped: boolean
}

export interface LaneWatch {
  /** Watches a file; the returned function ends it. The watch runs only while it has files. */
  add(file: WatchedFile): () => void
}

/** A gap this much longer than the tick means that time passed without us. */
const jumpMs = 5_000

/** Looks at all connections every `tickMs`, on one timer. */
export function createLaneWatch(clock: Clock, pool: LanePool, tickMs: number): LaneWatch {
  const files = new Set<WatchedFile>()
  let running: AbortController | undefined

  async function run(signal: AbortSignal): Promise<void> {
    let lastMs = clock.monotonic()
    let lastWallMs = clock.now()
    while (!signal.aborted) {
      await clock.sleep(tickMs, signal)
      const nowMs = clock.monotonic()
      const wallMs = clock.now()
      // The monotonic clock stands still while a laptop sleeps, the other one does not.
      const jumped = Math.max(nowMs - lastMs, wallMs - lastWallMs) > tickMs + jumpMs
      look({ nowMs, spanMs: nowMs - lastMs, jumped })
      lastMs = nowMs
      lastWallMs = wallMs
    }
  }

  function look(seen: Omit<WatchLook, 'peerSpeed'>): void {
    const peerSpeed = medianSpeed(
      [...files].flatMap((file) => (file.kind === 'large' ? [...file.runs] : [])),
    )
    for (const file of files) file.inspect({ ...seen, peerSpeed })
    pool.tune(seen.nowMs)
  }

  return {
    add: (file) => {
      files.add(file)
      if (!running) {
        running = new AbortController()
        // The only way this loop ends is the abort below.
        run(running.signal).catch(ignoreEnd)
      }
      return () => {
        files.delete(file)
        if (files.size > 0) return
        running?.abort()
        running = undefined
      }
    },
  }
}

function ignoreEnd(): void {}
