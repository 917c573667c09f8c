import {
  type Clock,
  type EventSink,
  type HubEvent,
  type Logger,
  redactText,
  systemClock,
} from '@hfx/core'
import { chooseMode, type Environment, type ProgressMode, wantsColour } from './choose-mode.ts'
import { formatBytes, formatDuration, formatRate } from './format.ts'
import { emptyState, type ProgressState, reduce } from './progress-state.ts'
import { renderBars } from './render-bars.ts'
import { createLogRecords } from './render-log.ts'
import type { Terminal } from './terminal.ts'

/** Where a renderer draws. */
export interface RendererDeps {
  /** Where it draws: `createTerminal(process.stderr)`. */
  readonly terminal: Terminal
  /** Variables that choose mode and colour. @default none */
  readonly env?: Environment
  /** @default the system's clock */
  readonly clock?: Clock
  /** Gets the records of mode `log` instead of the terminal. @default none */
  readonly logger?: Logger
}

/** How a renderer draws. */
export interface RendererOptions {
  /** @default 'auto' */
  readonly mode?: ProgressMode
}

/** Draws what its sink hears. */
export interface Renderer {
  /** Give it to a client (`onEvent`, `onAny`) or call it with events of your own. */
  readonly sink: EventSink
  readonly mode: Exclude<ProgressMode, 'auto'>
  /** Clears what moves and leaves the terminal as it was. */
  close(): void
}

/** Draws events of any source: bars, log lines, NDJSON or nothing. It never waits for its reader. */
export function createRenderer(deps: RendererDeps, options: RendererOptions = {}): Renderer {
  const env = deps.env ?? {}
  const mode = chooseMode(options.mode ?? 'auto', env, deps.terminal)
  switch (mode) {
    case 'bars':
      return createBars(deps, env)
    case 'log':
      return { mode, ...createLog(deps) }
    case 'json':
      return { mode, sink: (event) => writeJson(deps.terminal, event), close: () => undefined }
    case 'none':
      return { mode, sink: () => undefined, close: () => undefined }
  }
}

/** Longest backlog, in bytes of text, that an undrained stream may hold before progress is dropped. */
function writeJson(terminal: Terminal, event: HubEvent): void {
  if (terminal.busy && event.type === 'file:progress') return
  terminal.write(`${JSON.stringify(event)}\n`)
}

function createLog(deps: RendererDeps): Pick<Renderer, 'sink' | 'close'> {
  const toRecord = createLogRecords()
  return {
    sink(event) {
      const record = toRecord(event)
      if (!record) return
      if (deps.logger) deps.logger[record.level](record.text, record.fields)
      else if (!deps.terminal.busy) deps.terminal.write(`${redactText(record.text)}\n`)
    },
    close: () => undefined,
  }
}

/** At most this many frames a second. */
const framesPerSecond = 10

function createBars(deps: RendererDeps, env: Environment): Renderer {
  const { terminal, clock = systemClock } = deps
  const colour = wantsColour(env, terminal)
  let state: ProgressState = emptyState
  let drawnLines = 0
  let timer: NodeJS.Timeout | undefined
  const pending: string[] = []

  function draw(): void {
    if (terminal.busy) return
    const lines = renderBars(state, terminal, { colour, nowMs: clock.now() })
    terminal.write(
      erase() +
        pending.map((line) => `${line}\n`).join('') +
        lines.map((line) => `${line}\n`).join(''),
    )
    pending.length = 0
    drawnLines = lines.length
  }

  /** Up to the first drawn line, and everything from there gone: one write for a frame. */
  function erase(): string {
    return drawnLines > 0 ? `\u001B[${drawnLines}A\r\u001B[J` : ''
  }

  function stop(): void {
    clearInterval(timer)
    timer = undefined
  }

  function sink(event: HubEvent): void {
    const line = permanentLine(state, event, colour)
    state = reduce(state, event)
    if (line !== undefined) pending.push(redactText(line))
    if (state.jobs.size === 0) {
      draw()
      return stop()
    }
    timer ??= setInterval(draw, 1000 / framesPerSecond).unref()
  }

  return {
    mode: 'bars',
    sink,
    close() {
      stop()
      const rest = pending.map((line) => `${line}\n`).join('')
      if (drawnLines > 0 || rest !== '') terminal.write(erase() + rest)
      drawnLines = 0
      pending.length = 0
    },
  }
}

/** What stays on the screen above the bars: warnings, failures, and how each job ended. */
function permanentLine(state: ProgressState, event: HubEvent, colour: boolean): string | undefined {
  const paint = (code: number, text: string): string =>
    colour ? `\u001B[${code}m${text}\u001B[0m` : text
  if (event.type === 'job:warning') return `${paint(33, '!')} ${event.message}`
  if (event.type !== 'job:end') return undefined
  const job = state.jobs.get(event.jobId)
  if (!job?.plan || event.outcome === 'failed' || event.outcome === 'aborted') return undefined
  const files = `${job.plan.files} files, ${formatBytes(job.plan.totalBytes)}`
  if (event.fetchedBytes === 0) return `${paint(32, '✓')} ${job.name}: ${files}, all here already`
  const rate = formatRate((event.fetchedBytes / Math.max(1, event.durationMs)) * 1000)
  return `${paint(32, '✓')} ${job.name}: ${files}; fetched ${formatBytes(event.fetchedBytes)} in ${formatDuration(event.durationMs)} (${rate}), verified`
}
