import {
  formatBytes,
  formatBytesOf,
  formatCount,
  formatDuration,
  formatRate,
  percentOf,
} from './format.ts'
import type { ActiveJob } from './progress-state.ts'
import { rateOf } from './rate-window.ts'
import type { Draw } from './render-bars.ts'
import { cleanText, fitTo, widthOf } from './terminal.ts'

/** One line for a job: its name, and as many facts as fit, the most wanted first. */
export function renderJobLine(job: ActiveJob, draw: Draw & { readonly alone: boolean }): string {
  const facts = job.plan ? planFacts(job, job.plan, draw.nowMs) : earlyFacts(job, draw.nowMs)
  const [first = ''] = facts
  const own = cleanText(job.name)
  // A single job needs no name to be told apart where there is no room for one.
  const nameRoom = draw.width - widthOf(first) - 2
  const nameWidth = Math.min(widthOf(own), nameRoom, Math.max(10, Math.floor(draw.width / 3)))
  const isNamed = nameWidth >= 6 && !(draw.alone && draw.width < 36)
  if (!isNamed) return takeFitting(facts, draw.width)
  const name = fitTo(own, nameWidth)
  return `${draw.paint('bold', name)}  ${takeFitting(facts, draw.width - nameWidth - 2)}`.trimEnd()
}

/** Before the totals are known, and for events that have none. */
function earlyFacts(job: ActiveJob, nowMs: number): readonly string[] {
  const rate = settledRate(job, nowMs)
  if (job.doneBytes > 0)
    return [formatBytes(job.doneBytes), ...(rate > 0 ? [formatRate(rate)] : [])]
  const words = phaseWords[job.phase] ?? job.phase
  const waitedMs = nowMs - job.phaseSinceMs
  return [`${words}…`, ...(waitedMs >= 2000 ? [formatDuration(waitedMs)] : [])]
}

function planFacts(
  job: ActiveJob,
  plan: NonNullable<ActiveJob['plan']>,
  nowMs: number,
): readonly string[] {
  const rate = settledRate(job, nowMs)
  const leftBytes = plan.totalBytes - job.doneBytes
  const leftFiles = Math.max(0, plan.files - plan.cachedFiles - job.endedFiles)
  return [
    `${percentOf(job.doneBytes, plan.totalBytes)}%`,
    formatBytesOf(job.doneBytes, plan.totalBytes).trimStart(),
    ...(leftBytes === 0 ? ['verifying'] : []),
    ...(rate > 0 && leftBytes > 0
      ? [formatRate(rate), `${formatDuration((leftBytes / rate) * 1000)} left`]
      : []),
    ...(leftFiles > 0 ? [`${formatCount(leftFiles, 'file')} to go`] : []),
    ...(plan.resumeBytes > 0 ? [`${formatBytes(plan.resumeBytes)} resumed`] : []),
  ]
}

/** The first bytes of a job say nothing about the rest: a moment is waited before a rate is told. */
function settledRate({ window }: ActiveJob, nowMs: number): number {
  const firstMs = window[0]?.atMs ?? nowMs
  return nowMs - firstMs < 1000 ? 0 : rateOf(window, nowMs)
}

function takeFitting(facts: readonly string[], width: number): string {
  const taken: string[] = []
  for (const fact of facts) {
    if (widthOf([...taken, fact].join(' · ')) > width) break
    taken.push(fact)
  }
  return taken.length === 0 ? fitTo(facts[0] ?? '', width).trimEnd() : taken.join(' · ')
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
