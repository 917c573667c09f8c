import type { Clock, FlowSink } from '@hfx/core'
import { sumRanges } from './file-ranges.ts'
import type { FileTotals } from './file-task.ts'

/** Ten a second and file are more than any screen draws. */
const leastGapMs = 100

export interface ProgressReport {
  /** Tells how far the file is, unless that was told a moment ago. */
  tell(): void
  /** Tells that everything is there. */
  finish(): void
}

/** Events of one file. Bytes never fall, also when a damaged file is fetched again. */
export function createProgressReport(
  deps: { readonly clock: Clock; readonly emit: FlowSink | undefined },
  file: { readonly path: string; readonly sizeBytes: number; readonly totals: FileTotals },
  hashedBytes: () => number,
): ProgressReport {
  const { clock, emit } = deps
  const { path, sizeBytes: totalBytes, totals } = file
  let toldMs = Number.NEGATIVE_INFINITY
  let most = 0
  let mostHashed = 0

  function send(): void {
    toldMs = clock.monotonic()
    emit?.({ type: 'file:progress', path, doneBytes: most, totalBytes, hashedBytes: mostHashed })
  }

  return {
    tell: () => {
      if (!emit || clock.monotonic() - toldMs < leastGapMs) return
      most = Math.max(most, sumRanges(totals.done))
      mostHashed = Math.max(mostHashed, hashedBytes())
      send()
    },
    finish: () => {
      most = totalBytes
      mostHashed = hashedBytes()
      send()
    },
  }
}
