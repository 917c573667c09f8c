import { chooseColumns, type Columns } from './bar-columns.ts'
import { formatBytesOf, formatDuration, percentOf } from './format.ts'
import { type Paint, paintPlain, paintColour } from './paint.ts'
import type { ActiveFile, ProgressState } from './progress-state.ts'
import { renderJobLine } from './render-job-line.ts'
import { cleanText, fitTo, plainName } from './terminal.ts'

/** Columns and rows of a terminal. */
export interface FrameSize {
  readonly columns: number
  readonly rows: number
}

/** How a frame is drawn. */
export interface FrameStyle {
  readonly colour: boolean
  readonly nowMs: number
}

/** What ends sooner than this would only flicker. */
const calmMs = 300
const mostFiles = 10
/** Below it there is no room for a name. */
const leastWidth = 15

/**
 * The lines of one frame: a row for each file that is under way, the largest first and as many as fit, and below them
 * a line for each job. Nothing is wider than the terminal, and columns do not move while numbers do.
 */
export function renderBars(
  state: ProgressState,
  size: FrameSize,
  style: FrameStyle,
): readonly string[] {
  // The last column stays free: some terminals wrap when it is written.
  const width = Math.max(8, size.columns - 1)
  const draw: Draw = { width, paint: style.colour ? paintColour : paintPlain, nowMs: style.nowMs }
  const room = Math.max(1, size.rows - 2)
  const jobs = Array.from(state.jobs.values()).slice(-room)
  const files = chooseFiles(state, style.nowMs)
  const rows = width < leastWidth ? 0 : Math.min(mostFiles, Math.max(0, room - jobs.length))
  const shown = files.length > rows ? files.slice(0, Math.max(0, rows - 1)) : files
  return [
    ...shown.map((file) => fileLine(file, draw)),
    ...moreLine(rows > 0 ? files.length - shown.length : 0, draw),
    ...jobs.map((job) => renderJobLine(job, { ...draw, alone: jobs.length === 1 })),
    ...heldBackLine(state, draw),
  ]
}

/** What a line is drawn with. */
export interface Draw {
  readonly width: number
  readonly nowMs: number
  readonly paint: Paint
}

function chooseFiles(state: ProgressState, nowMs: number): readonly ActiveFile[] {
  return Array.from(state.files.values())
    .filter((file) => nowMs - file.startedAtMs >= calmMs)
    .toSorted((a, b) => b.totalBytes - a.totalBytes || a.startedAtMs - b.startedAtMs)
}

function moreLine(count: number, { paint, width }: Draw): readonly string[] {
  return count === 0 ? [] : [paint('faint', fitTo(`  and ${count} more`, width).trimEnd())]
}

function fileLine(file: ActiveFile, draw: Draw): string {
  const columns = chooseColumns(draw.width)
  const name = fitTo(plainName(file.path), columns.name)
  const bar = columns.bar > 0 ? `${barOf(file, columns.bar, draw)}  ` : ''
  const percent = `${String(percentOf(file.doneBytes, file.totalBytes)).padStart(3)}%`
  return `  ${name}  ${bar}${percent}${factOf(file, columns, draw)}`.trimEnd()
}

/** The amount, or why there is no more of it. */
function factOf(file: ActiveFile, columns: Columns, draw: Draw): string {
  if (columns.fact === 0) return file.trouble ? draw.paint('trouble', ' !') : ''
  const note = file.trouble ? describeTrouble(file, draw.nowMs) : ''
  if (note !== '') return `  ${draw.paint('trouble', fitTo(note, columns.fact).trimEnd())}`
  return `  ${formatBytesOf(file.doneBytes, file.totalBytes)}`
}

function describeTrouble({ trouble, totalBytes }: ActiveFile, nowMs: number): string {
  switch (trouble?.kind) {
    case 'stalled':
      return `stalled ${formatDuration(nowMs - trouble.sinceMs)}`
    case 'retry':
      return 'trying again'
    case 'waiting':
      return `another has ${percentOf(trouble.otherBytes ?? 0, totalBytes)}%`
    case undefined:
      return ''
  }
}

/** Bytes that are hashed, bytes that came, bytes that are missing: `━━━━╌╌╌╌────`. */
function barOf(file: ActiveFile, width: number, draw: Draw): string {
  const cells = (bytes: number): number =>
    file.totalBytes === 0 ? width : Math.floor((bytes / file.totalBytes) * width)
  const verified = cells(file.hashedBytes)
  const done = cells(file.doneBytes) - verified
  return (
    draw.paint('verified', '━'.repeat(verified)) +
    draw.paint(file.trouble ? 'trouble' : 'done', '╌'.repeat(done)) +
    draw.paint('faint', '─'.repeat(width - verified - done))
  )
}

function heldBackLine({ heldBack }: ProgressState, draw: Draw): readonly string[] {
  if (!heldBack || heldBack.untilMs <= draw.nowMs) return []
  const rest = formatDuration(heldBack.untilMs - draw.nowMs)
  const text = `${cleanText(heldBack.host)} limits requests; going on in ${rest}`
  return [draw.paint('trouble', fitTo(text, draw.width).trimEnd())]
}
