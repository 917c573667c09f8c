import {
  formatBytes,
  formatBytesOf,
  formatCount,
  formatDuration,
  formatRate,
  percentOf,
} from './format.ts'
import {
  type ActiveFile,
  type ActiveJob,
  doneBytesOf,
  type ProgressState,
} from './progress-state.ts'
import { rateOf } from './rate-window.ts'
import { fitTo, widthOf } from './terminal.ts'

/** Room on the terminal. */
export interface FrameSize {
  readonly columns: number
  readonly rows: number
}

/** How a frame is drawn. */
export interface FrameStyle {
  readonly colour: boolean
  readonly nowMs: number
}

const colours = { done: 36, verified: 32, trouble: 33, faint: 2, bold: 1 } as const
type Colour = keyof typeof colours

/** The lines of one frame: a row for each file that moves, as many as fit, and one line for each job below them. */
export function renderBars(
  state: ProgressState,
  size: FrameSize,
  style: FrameStyle,
): readonly string[] {
  const width = Math.max(16, size.columns - 1)
  const paint = (colour: Colour, text: string): string =>
    style.colour && text !== '' ? `\u001B[${colours[colour]}m${text}\u001B[0m` : text
  const jobs = Array.from(state.jobs.values())
  const room = Math.max(0, Math.min(12, size.rows - jobs.length - 2))
  const files = Array.from(state.files.values())
    .toSorted((a, b) => b.totalBytes - a.totalBytes || a.startedAtMs - b.startedAtMs)
    .slice(0, room)
  const draw = { width, paint, nowMs: style.nowMs }
  return [
    ...files.map((file) => fileLine(file, draw)),
    ...jobs.map((job) => jobLine(state, job, draw)),
    ...heldBackLine(state, draw),
  ]
}

interface Draw {
  readonly width: number
  readonly nowMs: number
  readonly paint: (colour: Colour, text: string) => string
}

function fileLine(file: ActiveFile, draw: Draw): string {
  const percent = `${String(percentOf(file.doneBytes, file.totalBytes)).padStart(3)}%`
  const amount = formatBytesOf(file.doneBytes, file.totalBytes)
  const note = noteOf(file, draw.nowMs)
  const right = note === '' ? amount : `${amount}  ${note}`
  const wide = draw.width >= 60
  const facts = wide ? `${percent}  ${right}` : `${percent} ${note}`.trimEnd()
  const space = draw.width - 2 - widthOf(facts) - 2
  const barWidth = wide ? Math.min(24, Math.max(0, space - 20 - 2)) : 0
  const name = fitTo(file.path, Math.max(4, space - (barWidth > 0 ? barWidth + 2 : 0)))
  const bar = barWidth > 0 ? `  ${barOf(file, barWidth, draw)}` : ''
  const shown = wide
    ? `${percent}  ${amount}${note === '' ? '' : `  ${draw.paint('trouble', note)}`}`
    : facts
  return `  ${name}${bar}  ${shown}`
}

function noteOf(file: ActiveFile, nowMs: number): string {
  if (file.trouble?.kind === 'stalled')
    return `stalled ${formatDuration(nowMs - file.trouble.sinceMs)}`
  if (file.trouble?.kind === 'retry') return 'trying again'
  if (file.trouble?.kind === 'waiting') return 'another process has it'
  if (file.resumedBytes > 0) return `resumed at ${formatBytes(file.resumedBytes)}`
  return ''
}

/** Verified bytes, bytes that came, bytes that are missing: `━━━━╌╌╌╌────`. */
function barOf(file: ActiveFile, width: number, draw: Draw): string {
  const cells = (bytes: number): number =>
    file.totalBytes === 0 ? width : Math.floor((bytes / file.totalBytes) * width)
  const verified = cells(file.hashedBytes)
  const done = cells(file.doneBytes) - verified
  const missing = width - verified - done
  return (
    draw.paint('verified', '━'.repeat(verified)) +
    draw.paint('done', (file.trouble ? '┄' : '╌').repeat(done)) +
    draw.paint('faint', '─'.repeat(missing))
  )
}

function jobLine(state: ProgressState, job: ActiveJob, draw: Draw): string {
  if (!job.plan)
    return fitTo(`${job.name}  ${phaseWords[job.phase] ?? job.phase}…`, draw.width).trimEnd()
  const doneBytes = doneBytesOf(state, job)
  const rate = rateOf(state.window, draw.nowMs)
  const left = job.plan.totalBytes - doneBytes
  const facts = [
    `${String(percentOf(doneBytes, job.plan.totalBytes))}%`,
    formatBytesOf(doneBytes, job.plan.totalBytes).trimStart(),
    ...(rate > 0 ? [formatRate(rate)] : []),
    ...(rate > 0 && left > 0 ? [`${formatDuration((left / rate) * 1000)} left`] : []),
    `${formatCount(job.plan.files - endedFiles(state, job), 'file')} to go`,
  ]
  const fitting = takeFitting(facts, draw.width - 4)
  const name = fitTo(
    job.name,
    Math.min(widthOf(job.name), Math.max(0, draw.width - widthOf(fitting) - 2)),
  )
  return name === '' ? fitting : `${draw.paint('bold', name)}  ${fitting}`
}

/** Files that need nothing any more: those that ended, and those that were in place before. */
function endedFiles(state: ProgressState, job: ActiveJob): number {
  const cached = job.plan?.cachedFiles ?? 0
  return Math.min(job.plan?.files ?? 0, cached + job.endedFiles)
}

function takeFitting(facts: readonly string[], width: number): string {
  const taken: string[] = []
  for (const fact of facts) {
    if (widthOf([...taken, fact].join(' · ')) > width) break
    taken.push(fact)
  }
  return taken.join(' · ')
}

function heldBackLine(state: ProgressState, draw: Draw): readonly string[] {
  const { heldBack } = state
  if (!heldBack || heldBack.untilMs <= draw.nowMs) return []
  const text = `${heldBack.host} limits requests; going on in ${formatDuration(heldBack.untilMs - draw.nowMs)}`
  return [draw.paint('trouble', fitTo(text, draw.width).trimEnd())]
}

const phaseWords: Readonly<Record<string, string>> = {
  resolve: 'asking for the revision',
  list: 'listing files',
  plan: 'looking at what is here',
  wait: 'waiting',
  transfer: 'downloading',
  verify: 'verifying',
  commit: 'filing',
}
