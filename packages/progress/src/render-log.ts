import type { HubEvent, LogFields } from '@hfx/core'
import {
  formatBytes,
  formatBytesOf,
  formatCount,
  formatDuration,
  formatRate,
  percentOf,
} from './format.ts'
import {
  type EventOf,
  failureFields,
  fileEndFields,
  retryFields,
  speedOf,
  waitFields,
} from './log-fields.ts'
import { type ActiveFile, emptyState, type ProgressState, reduce } from './progress-state.ts'

/** One line of a log, in words and in fields. */
export interface LogRecord {
  readonly level: 'info' | 'warn' | 'error'
  readonly text: string
  readonly fields: LogFields
}

/** A file is told of again after this time, or when it has gained a tenth. */
const everyMs = 5_000
const everyPart = 0.1

interface Told {
  readonly atMs: number
  readonly bytes: number
}

/** Turns events into few records: a start, progress now and then, an end for each job; trouble as it comes. */
export function createLogRecords(): (event: HubEvent) => LogRecord | undefined {
  const told = new Map<string, Told>()
  let state: ProgressState = emptyState
  return (event) => {
    const before = state
    state = reduce(state, event)
    switch (event.type) {
      case 'file:progress':
        return progressRecord(event, { state, told })
      case 'file:end':
        told.delete(`${event.jobId}\0${event.path}`)
        return fileRecord(event)
      default:
        return jobRecord(event, before)
    }
  }
}

function progressRecord(
  event: EventOf<'file:progress'>,
  memory: { readonly state: ProgressState; readonly told: Map<string, Told> },
): LogRecord | undefined {
  const key = `${event.jobId}\0${event.path}`
  const file = memory.state.files.get(key)
  if (!file || file.doneBytes >= file.totalBytes) return undefined
  const last = memory.told.get(key) ?? { atMs: file.startedAtMs, bytes: file.resumedBytes }
  const gained = file.doneBytes - last.bytes
  const sinceMs = event.atMs - last.atMs
  if (gained < file.totalBytes * everyPart && sinceMs < everyMs) return undefined
  memory.told.set(key, { atMs: event.atMs, bytes: file.doneBytes })
  return describeProgress(file, { gained, sinceMs })
}

function describeProgress(
  file: ActiveFile,
  since: { readonly gained: number; readonly sinceMs: number },
): LogRecord {
  const speed = speedOf(since.gained, since.sinceMs)
  const etaMs = speed > 0 ? ((file.totalBytes - file.doneBytes) / speed) * 1000 : undefined
  const percent = percentOf(file.doneBytes, file.totalBytes)
  const eta = etaMs === undefined ? '' : `, ${formatDuration(etaMs)} left`
  return {
    level: 'info',
    text: `${file.path}: ${percent}%, ${formatBytesOf(file.doneBytes, file.totalBytes).trimStart()}, ${formatRate(speed)}${eta}`,
    fields: {
      filename: file.path,
      progress: percent,
      speed,
      downloaded: file.doneBytes,
      total: file.totalBytes,
      ...(etaMs === undefined ? {} : { eta: Math.round(etaMs / 1000) }),
    },
  }
}

function fileRecord(event: EventOf<'file:end'>): LogRecord | undefined {
  if (event.outcome !== 'downloaded' && event.outcome !== 'failed') return undefined
  const failed = event.outcome === 'failed'
  return {
    level: failed ? 'error' : 'info',
    text: failed
      ? `${event.path}: failed${event.code === undefined ? '' : ` (${event.code})`}`
      : `${event.path}: done, ${formatBytes(event.totalBytes)} in ${formatDuration(event.durationMs)}`,
    fields: { filename: event.path, ...fileEndFields(event) },
  }
}

function jobRecord(event: HubEvent, before: ProgressState): LogRecord | undefined {
  switch (event.type) {
    case 'job:plan':
      return {
        level: 'info',
        text: `${nameOf(before, event.jobId)}: ${formatCount(event.files, 'file')}, ${formatBytes(event.totalBytes)}, ${formatBytes(event.fetchBytes)} to fetch`,
        fields: {
          file_count: event.files,
          total_size: event.totalBytes,
          to_fetch: event.fetchBytes,
          commit: event.commit,
        },
      }
    case 'job:end':
      return {
        level: event.outcome === 'failed' ? 'error' : 'info',
        text: `${nameOf(before, event.jobId)}: ${event.outcome}, fetched ${formatBytes(event.fetchedBytes)} in ${formatDuration(event.durationMs)}`,
        fields: {
          outcome: event.outcome,
          fetched: event.fetchedBytes,
          duration_ms: Math.round(event.durationMs),
          ...failureFields(event),
        },
      }
    case 'job:warning':
      return { level: 'warn', text: event.message, fields: { code: event.code } }
    default:
      return troubleRecord(event)
  }
}

function troubleRecord(event: HubEvent): LogRecord | undefined {
  switch (event.type) {
    case 'file:retry':
      return {
        level: 'warn',
        text: `${event.path}: attempt ${event.attempt} of ${event.maxRetries + 1} failed (${event.code}), again in ${formatDuration(event.waitMs)}`,
        fields: { filename: event.path, ...retryFields(event) },
      }
    case 'file:stall':
      return {
        level: 'warn',
        text: `${event.path}: no byte for ${formatDuration(event.silentMs)}, asking again`,
        fields: { filename: event.path, silent_ms: event.silentMs },
      }
    case 'request:wait':
      return {
        level: 'warn',
        text: `${event.host}: waiting ${formatDuration(event.waitMs)} (${event.reason})`,
        fields: waitFields(event),
      }
    default:
      return undefined
  }
}

function nameOf(state: ProgressState, jobId: string): string {
  return state.jobs.get(jobId)?.name ?? jobId
}
