import type { FlowEvent, HubEvent } from '@hfx/core'
import { addSample, type RateWindow } from './rate-window.ts'

/** One file that is under way. */
export interface ActiveFile {
  readonly jobId: string
  readonly path: string
  readonly totalBytes: number
  readonly doneBytes: number
  readonly resumedBytes: number
  readonly hashedBytes: number
  readonly startedAtMs: number
  /** Why it does not move: no bytes come, an attempt failed, somebody else has the lock. */
  readonly trouble?: { readonly kind: 'stalled' | 'retry' | 'waiting'; readonly sinceMs: number }
}

/** One job, from its start until it ends. */
export interface ActiveJob {
  readonly jobId: string
  readonly name: string
  readonly phase: string
  /** Known after `job:plan`. */
  readonly plan?: {
    readonly files: number
    readonly cachedFiles: number
    readonly totalBytes: number
    readonly cachedBytes: number
  }
  /** Files that came to an end, cached ones not counted, and their bytes. */
  readonly endedFiles: number
  readonly endedBytes: number
  readonly startedAtMs: number
}

/** What a screen shows; made from events alone. */
export interface ProgressState {
  readonly jobs: ReadonlyMap<string, ActiveJob>
  readonly files: ReadonlyMap<string, ActiveFile>
  /** Bytes that came over the network since the first event, for the rate. */
  readonly arrivedBytes: number
  readonly window: RateWindow
  /** Requests are held back until then. */
  readonly heldBack?: { readonly host: string; readonly untilMs: number }
}

/** The state before the first event. */
export const emptyState: ProgressState = {
  jobs: new Map(),
  files: new Map(),
  arrivedBytes: 0,
  window: [],
}

/** The state after an event. Bytes never fall and never pass their total, whatever the events say. */
export function reduce(state: ProgressState, event: HubEvent): ProgressState {
  switch (event.type) {
    case 'job:start':
      return withJob(state, {
        jobId: event.jobId,
        name: event.repo.type === 'model' ? event.repo.id : `${event.repo.type}s/${event.repo.id}`,
        phase: 'resolve',
        endedFiles: 0,
        endedBytes: 0,
        startedAtMs: event.atMs,
      })
    case 'phase:start':
      return updateJob(state, event.jobId, () => ({ phase: event.phase }))
    case 'job:plan':
      return updateJob(state, event.jobId, () => ({
        plan: {
          files: event.files,
          cachedFiles: event.cachedFiles,
          totalBytes: event.totalBytes,
          cachedBytes: event.cachedBytes,
        },
      }))
    case 'job:end':
      return endJob(state, event.jobId)
    case 'request:wait':
      return event.reason === 'backoff'
        ? state
        : { ...state, heldBack: { host: event.host, untilMs: event.atMs + event.waitMs } }
    default:
      return reduceFile(state, event)
  }
}

/** Bytes of a job that are in place, in partials or on their way, never more than its total. */
export function doneBytesOf(state: ProgressState, job: ActiveJob): number {
  const active = Array.from(state.files.values()).filter((file) => file.jobId === job.jobId)
  const done =
    (job.plan?.cachedBytes ?? 0) + job.endedBytes + sum(active.map((file) => file.doneBytes))
  return Math.min(done, job.plan?.totalBytes ?? done)
}

function reduceFile(state: ProgressState, event: HubEvent): ProgressState {
  switch (event.type) {
    case 'file:start':
      return withFile(state, startFile(event))
    case 'file:progress':
      return advance(state, event)
    case 'file:stall':
      return updateFile(state, event, {
        trouble: { kind: 'stalled', sinceMs: event.atMs - event.silentMs },
      })
    case 'file:retry':
      return updateFile(state, event, { trouble: { kind: 'retry', sinceMs: event.atMs } })
    case 'file:wait':
      return updateFile(state, event, { trouble: { kind: 'waiting', sinceMs: event.atMs } })
    case 'file:end':
      return endFile(state, event)
    default:
      return state
  }
}

type EventOf<T extends FlowEvent['type']> = Extract<HubEvent, { readonly type: T }>

function startFile(event: EventOf<'file:start'>): ActiveFile {
  return {
    jobId: event.jobId,
    path: event.path,
    totalBytes: event.totalBytes,
    doneBytes: Math.min(event.resumedBytes, event.totalBytes),
    resumedBytes: event.resumedBytes,
    hashedBytes: 0,
    startedAtMs: event.atMs,
  }
}

function advance(state: ProgressState, event: EventOf<'file:progress'>): ProgressState {
  const file = state.files.get(keyOf(event))
  if (!file) return state
  const doneBytes = Math.min(Math.max(file.doneBytes, event.doneBytes), file.totalBytes)
  const hashedBytes = Math.min(Math.max(file.hashedBytes, event.hashedBytes), doneBytes)
  const { trouble: _over, ...going } = file
  const moved = doneBytes > file.doneBytes ? going : file
  const next = withFile(state, { ...moved, doneBytes, hashedBytes })
  return arrive(next, doneBytes - file.doneBytes, event.atMs)
}

function endFile(state: ProgressState, event: EventOf<'file:end'>): ProgressState {
  const file = state.files.get(keyOf(event))
  if (!file) return state
  const files = new Map(state.files)
  files.delete(keyOf(event))
  const ended =
    event.outcome === 'failed' || event.outcome === 'aborted' ? file.doneBytes : file.totalBytes
  const rest = event.outcome === 'downloaded' ? ended - file.doneBytes : 0
  const next = updateJob({ ...state, files }, event.jobId, (job) => ({
    endedFiles: job.endedFiles + 1,
    endedBytes: job.endedBytes + ended,
  }))
  return arrive(next, rest, event.atMs)
}

function endJob(state: ProgressState, jobId: string): ProgressState {
  const jobs = new Map(state.jobs)
  jobs.delete(jobId)
  const files = new Map(Array.from(state.files).filter(([, file]) => file.jobId !== jobId))
  return { ...state, jobs, files }
}

function arrive(state: ProgressState, bytes: number, atMs: number): ProgressState {
  const arrivedBytes = state.arrivedBytes + Math.max(0, bytes)
  return { ...state, arrivedBytes, window: addSample(state.window, atMs, arrivedBytes) }
}

function withJob(state: ProgressState, job: ActiveJob): ProgressState {
  return { ...state, jobs: new Map(state.jobs).set(job.jobId, job) }
}

function updateJob(
  state: ProgressState,
  jobId: string,
  change: (job: ActiveJob) => Partial<ActiveJob>,
): ProgressState {
  const job = state.jobs.get(jobId)
  return job ? withJob(state, { ...job, ...change(job) }) : state
}

function withFile(state: ProgressState, file: ActiveFile): ProgressState {
  return { ...state, files: new Map(state.files).set(keyOf(file), file) }
}

function updateFile(
  state: ProgressState,
  event: { readonly jobId: string; readonly path: string },
  change: Partial<ActiveFile>,
): ProgressState {
  const file = state.files.get(keyOf(event))
  return file ? withFile(state, { ...file, ...change }) : state
}

function keyOf(file: { readonly jobId: string; readonly path: string }): string {
  return `${file.jobId}\0${file.path}`
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
