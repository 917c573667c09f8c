export { chooseMode, type Environment, type ProgressMode, wantsColour } from './choose-mode.ts'
export {
  createRenderer,
  type Renderer,
  type RendererDeps,
  type RendererOptions,
} from './create-renderer.ts'
export {
  formatBytes,
  formatBytesOf,
  formatCount,
  formatDuration,
  formatRate,
  percentOf,
} from './format.ts'
export {
  type ActiveFile,
  type ActiveJob,
  emptyState,
  type ProgressState,
  reduce,
  type Trouble,
} from './progress-state.ts'
export { type FrameSize, type FrameStyle, renderBars } from './render-bars.ts'
export { createEventLogger, type EventLoggerOptions } from './log-events.ts'
export { createLogRecords, type LogRecord } from './render-log.ts'
export { createTerminal, fitTo, type Terminal, type TerminalStream, widthOf } from './terminal.ts'
