import { type Clock, type EventSink, type Logger, redactText, systemClock } from '@hfx/core'
import { type BarsDeps, createBars } from './create-bars.ts'
import { chooseMode, type Environment, type ProgressMode, wantsColour } from './choose-mode.ts'
import { createLogRecords, type LogRecord } from './render-log.ts'
import { cleanText, type Terminal } from './terminal.ts'

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
  /** Calls again and again, for frames, until it is told to stop. @default a timer that keeps no process alive */
  readonly every?: (ms: number, tick: () => void) => () => void
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
      return { mode, ...createBars(barsDeps(deps, env)) }
    case 'log': {
      const log = createLog(deps)
      if (options.mode === 'bars') log.write({ level: 'warn', text: noBars, fields: {} })
      return { mode, sink: log.sink, close: log.close }
    }
    case 'json':
      return { mode, ...createJson(deps.terminal) }
    case 'none':
      return { mode, sink: () => undefined, close: () => undefined }
  }
}

/** Longest backlog, in characters, that an undrained stream may make us keep. */
const mostWaiting = 4 * 1024 ** 2

/** Each event as a line. While nobody reads, progress is dropped and the rest waits, within bounds. */
function createJson(terminal: Terminal): Pick<Renderer, 'sink' | 'close'> {
  let waiting = ''
  function flush(): void {
    if (waiting !== '') terminal.write(waiting)
    waiting = ''
  }
  return {
    sink(event) {
      if (!terminal.busy) {
        flush()
        terminal.write(`${JSON.stringify(event)}\n`)
      } else if (event.type !== 'file:progress' && waiting.length < mostWaiting) {
        waiting += `${JSON.stringify(event)}\n`
      }
    },
    close: flush,
  }
}

const noBars = 'HF_HUB_DISABLE_PROGRESS_BARS is set: log lines take the place of bars'

interface Log extends Pick<Renderer, 'sink' | 'close'> {
  write(record: LogRecord): void
}

function createLog({ logger, terminal }: RendererDeps): Log {
  const toRecord = createLogRecords()
  function write({ level, text, fields }: LogRecord): void {
    if (logger) logger[level](text, fields)
    else if (!terminal.busy) terminal.write(`${cleanText(redactText(text))}\n`)
  }
  return {
    write,
    sink(event) {
      const record = toRecord(event)
      if (record) write(record)
    },
    close: () => undefined,
  }
}

function barsDeps(deps: RendererDeps, env: Environment): BarsDeps {
  const { terminal, clock = systemClock, every = everyTimer } = deps
  return { terminal, clock, every, colour: wantsColour(env, terminal) }
}

function everyTimer(ms: number, tick: () => void): () => void {
  const timer = setInterval(tick, ms)
  if (holdsProcess(timer)) timer.unref()
  return () => clearInterval(timer)
}

/** A timer of Node keeps the process alive; one of a browser is a number. */
function holdsProcess(timer: unknown): timer is { unref(): unknown } {
  return typeof timer === 'object' && timer !== null && 'unref' in timer
}
