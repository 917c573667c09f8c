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
  /** Why it does not move: no bytes come, an attempt failed, another process brings it. */
  readonly trouble?: Trouble
}

/** What keeps a file from moving, and since when. */
export interface Trouble {
  readonly kind: 'stalled' | 'retry' | 'waiting'
  readonly sinceMs: number
  /** How far the other process is, in bytes. */
  readonly otherBytes?: number
}

/** One job, from its start until it ends. */
export interface ActiveJob {
  readonly jobId: string
  readonly kind: 'file' | 'snapshot' | 'plan'
  readonly name: string
  readonly phase: string
  /** When the phase began. */
  readonly phaseSinceMs: number
  /** Known after `job:plan`. */
  readonly plan?: {
    readonly files: number
    readonly cachedFiles: number
    readonly totalBytes: number
    readonly cachedBytes: number
    readonly resumeBytes: number
  }
  /** Files that came to an end, cached ones not counted, and their bytes. */
  readonly endedFiles: number
  readonly endedBytes: number
  /** Bytes in place, in partials or on their way. Never falls, never passes the plan's total. */
  readonly doneBytes: number
  /** Bytes that came over the network, and when, for the rate. */
  readonly arrivedBytes: number
  readonly window: RateWindow
  /** True when a file's content could not be proven by a hash. */
  readonly unverified: boolean
  readonly startedAtMs: number
}

/** What a screen shows; made from events alone. */
export interface ProgressState {
  readonly jobs: ReadonlyMap<string, ActiveJob>
  readonly files: ReadonlyMap<string, ActiveFile>
  /** Requests are held back until then. */
  readonly heldBack?: { readonly host: string; readonly untilMs: number }
}

/** Before the first event. */
export const emptyState: ProgressState = { jobs: new Map(), files: new Map() }

/** The state after an event. Bytes never fall and never pass their total, whatever the events say. */
export function reduce(state: ProgressState, event: HubEvent): ProgressState {
  return event.type.startsWith('file:') ? reduceFile(state, event) : reduceJob(state, event)
}

function reduceJob(state: ProgressState, event: HubEvent): ProgressState {
  switch (event.type) {
    case 'job:start':
      return withJob(state, startJob(event))
    case 'phase:start':
      // A phase of one file says nothing about the job.
      return event.path === undefined
        ? updateJob(state, event, () => ({ phase: event.phase, phaseSinceMs: event.atMs }))
        : state
    case 'job:plan':
      return updateJob(state, event, (job) => {
        const { files, cachedFiles, totalBytes, cachedBytes, resumeBytes } = event
        const doneBytes = Math.min(Math.max(job.doneBytes, cachedBytes), totalBytes)
        return { plan: { files, cachedFiles, totalBytes, cachedBytes, resumeBytes }, doneBytes }
      })
    case 'job:warning':
      return event.code === 'UNVERIFIED'
        ? updateJob(state, event, () => ({ unverified: true }))
        : state
    case 'job:end':
      return endJob(state, event.jobId)
    case 'request:wait':
      return event.reason === 'backoff'
        ? state
        : { ...state, heldBack: { host: event.host, untilMs: event.atMs + event.waitMs } }
    default:
      return state
  }
}

function startJob(event: EventOf<'job:start'>): ActiveJob {
  const { jobId, kind, repo, atMs } = event
  return {
    jobId,
    kind,
    name: repo.type === 'model' ? repo.id : `${repo.type}s/${repo.id}`,
    phase: 'resolve',
    phaseSinceMs: atMs,
    endedFiles: 0,
    endedBytes: 0,
    doneBytes: 0,
    arrivedBytes: 0,
    window: [],
    unverified: false,
    startedAtMs: atMs,
  }
}

function reduceFile(state: ProgressState, event: HubEvent): ProgressState {
  const { atMs } = event
  switch (event.type) {
    case 'file:start':
      return tally(withFile(state, startFile(event, state.files.get(keyOf(event)))), event, 0)
    case 'file:progress':
      return advance(state, event)
    case 'file:stall':
      return trouble(state, event, { kind: 'stalled', sinceMs: atMs - event.silentMs })
    case 'file:retry':
      return trouble(state, event, { kind: 'retry', sinceMs: atMs })
    case 'file:wait':
      return trouble(state, event, {
        kind: 'waiting',
        sinceMs: atMs - event.waitedMs,
        otherBytes: event.doneBytes,
      })
    case 'file:end':
      return endFile(state, event)
    default:
      return state
  }
}

type EventOf<T extends FlowEvent['type']> = Extract<HubEvent, { readonly type: T }>

function startFile(event: EventOf<'file:start'>, known: ActiveFile | undefined): ActiveFile {
  const { jobId, path, totalBytes, resumedBytes, atMs } = event
  const doneBytes = Math.min(Math.max(resumedBytes, known?.doneBytes ?? 0), totalBytes)
  return { jobId, path, totalBytes, doneBytes, resumedBytes, hashedBytes: 0, startedAtMs: atMs }
}

function advance(state: ProgressState, event: EventOf<'file:progress'>): ProgressState {
  const file = state.files.get(keyOf(event))
  if (!file) return state
  const doneBytes = Math.min(Math.max(file.doneBytes, event.doneBytes), file.totalBytes)
  const hashedBytes = Math.min(Math.max(file.hashedBytes, event.hashedBytes), doneBytes)
  const { trouble: _over, ...going } = file
  const moved = doneBytes > file.doneBytes ? going : file
  const next = withFile(state, { ...moved, doneBytes, hashedBytes })
  return tally(next, event, doneBytes - file.doneBytes)
}

function trouble(
  state: ProgressState,
  event: { readonly jobId: string; readonly path: string },
  why: Trouble,
): ProgressState {
  const file = state.files.get(keyOf(event))
  return file ? withFile(state, { ...file, trouble: why }) : state
}

function endFile(state: ProgressState, event: EventOf<'file:end'>): ProgressState {
  const file = state.files.get(keyOf(event))
  if (!file) return state
  const files = new Map(state.files)
  files.delete(keyOf(event))
  const ended = endedBytesOf(file, event)
  const rest = event.outcome === 'downloaded' ? ended - file.doneBytes : 0
  const next = updateJob({ ...state, files }, event, (job) => ({
    endedFiles: job.endedFiles + 1,
    endedBytes: job.endedBytes + ended,
  }))
  return tally(next, event, rest)
}

/** What is linked was on disk before: the plan has counted it as cached. */
function endedBytesOf(file: ActiveFile, { outcome }: EventOf<'file:end'>): number {
  if (outcome === 'failed' || outcome === 'aborted') return file.doneBytes
  return outcome === 'linked' ? 0 : file.totalBytes
}

function endJob(state: ProgressState, jobId: string): ProgressState {
  const jobs = new Map(state.jobs)
  jobs.delete(jobId)
  const files = new Map(Array.from(state.files).filter(([, file]) => file.jobId !== jobId))
  return { ...state, jobs, files }
}

/** Adds up the files of a job, and what has come for one of them. */
function tally(
  state: ProgressState,
  event: { readonly jobId: string; readonly atMs: number },
  cameBytes: number,
): ProgressState {
  return updateJob(state, event, (job) => {
    let sum = (job.plan?.cachedBytes ?? 0) + job.endedBytes
    for (const file of state.files.values()) if (file.jobId === job.jobId) sum += file.doneBytes
    const doneBytes = Math.min(Math.max(job.doneBytes, sum), job.plan?.totalBytes ?? Infinity)
    const arrivedBytes = job.arrivedBytes + Math.max(0, cameBytes)
    return { doneBytes, arrivedBytes, window: addSample(job.window, event.atMs, arrivedBytes) }
  })
}

function withJob(state: ProgressState, job: ActiveJob): ProgressState {
  return { ...state, jobs: new Map(state.jobs).set(job.jobId, job) }
}

function updateJob(
  state: ProgressState,
  { jobId }: { readonly jobId: string },
  change: (job: ActiveJob) => Partial<ActiveJob>,
): ProgressState {
  const job = state.jobs.get(jobId)
  return job ? withJob(state, { ...job, ...change(job) }) : state
}

function withFile(state: ProgressState, file: ActiveFile): ProgressState {
  return { ...state, files: new Map(state.files).set(keyOf(file), file) }
}

function keyOf(file: { readonly jobId: string; readonly path: string }): string {
  return `${file.jobId}\0${file.path}`
}
