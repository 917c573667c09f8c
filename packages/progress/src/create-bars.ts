import { type Clock, type HubEvent, redactText } from '@hfx/core'
import { formatBytes, formatCount, formatDuration, formatRate } from './format.ts'
import { type Paint, paintColour, paintPlain } from './paint.ts'
import { emptyState, type ProgressState, reduce } from './progress-state.ts'
import { renderBars } from './render-bars.ts'
import { createScreen } from './screen.ts'
import { cleanText, type Terminal } from './terminal.ts'

/** What bars are drawn with. */
export interface BarsDeps {
  readonly terminal: Terminal
  readonly clock: Clock
  readonly colour: boolean
  /** Calls again and again until it is told to stop. */
  readonly every: (ms: number, tick: () => void) => () => void
}

/** Ten frames a second at most. */
const frameMs = 100
/** Lines that wait for a terminal that nobody reads; older ones go. */
const mostPending = 200

/** Bars at the bottom of a terminal, one write for each frame that differs from the one before. */
export function createBars(deps: BarsDeps): {
  readonly sink: (event: HubEvent) => void
  close(): void
} {
  const { terminal, clock, colour } = deps
  const screen = createScreen(terminal)
  const paint = colour ? paintColour : paintPlain
  let state: ProgressState = emptyState
  let pending: readonly string[] = []
  let stop: (() => void) | undefined

  function draw(): void {
    if (terminal.busy) return
    screen.show(pending, renderBars(state, terminal, { colour, nowMs: clock.now() }))
    pending = []
  }

  function halt(): void {
    stop?.()
    stop = undefined
  }

  return {
    sink(event) {
      const line = permanentLine(state, event, paint)
      state = reduce(state, event)
      if (line !== undefined) pending = [...pending, line].slice(-mostPending)
      if (state.jobs.size > 0) {
        stop ??= deps.every(frameMs, draw)
        return
      }
      halt()
      draw()
    },
    close() {
      halt()
      screen.show(pending, [])
      pending = []
      state = emptyState
    },
  }
}

/** What stays on the screen above the bars: warnings, and how each job ended. Failures are told by who asked. */
function permanentLine(state: ProgressState, event: HubEvent, paint: Paint): string | undefined {
  if (event.type === 'job:warning')
    return `${paint('trouble', '!')} ${cleanText(redactText(event.message))}`
  if (event.type !== 'job:end') return undefined
  const job = state.jobs.get(event.jobId)
  if (!job?.plan || job.kind === 'plan') return undefined
  if (event.outcome === 'failed' || event.outcome === 'aborted') return undefined
  const { files, totalBytes } = job.plan
  const what = `${paint('verified', '✓')} ${cleanText(job.name)}  ${formatCount(files, 'file')}, ${formatBytes(totalBytes)}`
  if (event.fetchedBytes === 0) return `${what}, all here already`
  const rate = formatRate((event.fetchedBytes / Math.max(1, event.durationMs)) * 1000)
  const how = `${formatBytes(event.fetchedBytes)} fetched in ${formatDuration(event.durationMs)} (${rate})`
  return `${what}; ${how}${job.unverified ? '' : ', verified'}`
}
