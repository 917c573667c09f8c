import type { EventSink, HubEvent, LogFields, Logger } from '@hfx/core'
import {
  type EventOf,
  failureFields,
  fileEndFields,
  retryFields,
  speedOf,
  waitFields,
} from './log-fields.ts'

/** How much {@link createEventLogger} tells. */
export interface EventLoggerOptions {
  /** A record for each file, retry and wait, not only for jobs. @default false */
  readonly detailed?: boolean
}

/** What a job is called in its records. */
interface JobName {
  readonly operation: string
  readonly repo_id: string
  readonly commit?: string
  readonly file_count?: number
  readonly total_size?: number
}

/** What a file's records begin with. */
interface FileName {
  readonly repo_id?: string
  readonly commit?: string
  readonly filename?: string
  readonly worker_id?: number
}

/**
 * Writes what happens as structured records, for engineers: start, plan and end of each job and its warnings; with
 * `detailed` also each file, retry, stall and wait. Field names are those that operators know from the Go client.
 */
export function createEventLogger(logger: Logger, options: EventLoggerOptions = {}): EventSink {
  const jobs = new Map<string, JobName>()
  const nameFile = createFileNames(jobs)
  return (event) => {
    if (options.detailed) logDetail(logger, event, nameFile(event))
    logJob(logger, jobs, event)
  }
}

/** Remembers which worker has which file, from its start to its end. */
function createFileNames(jobs: ReadonlyMap<string, JobName>): (event: HubEvent) => FileName {
  const workers = new Map<string, number>()
  return (event) => {
    const job = jobs.get(event.jobId)
    const named = {
      ...(job && { repo_id: job.repo_id }),
      ...(job?.commit !== undefined && { commit: job.commit }),
    }
    if (!('path' in event) || event.path === undefined) return named
    const key = `${event.jobId}\0${event.path}`
    if (event.type === 'file:start' && event.worker !== undefined) workers.set(key, event.worker)
    const worker = workers.get(key)
    if (event.type === 'file:end') workers.delete(key)
    return { ...named, filename: event.path, ...(worker !== undefined && { worker_id: worker }) }
  }
}

function logJob(logger: Logger, jobs: Map<string, JobName>, event: HubEvent): void {
  const name = jobs.get(event.jobId)
  switch (event.type) {
    case 'job:start': {
      const started = { operation: event.kind, repo_id: event.repo.id }
      jobs.set(event.jobId, started)
      logger.info('job started', {
        ...started,
        repo_type: event.repo.type,
        revision: event.revision,
      })
      return
    }
    case 'job:plan': {
      if (!name) return
      const { commit, files, totalBytes } = event
      const planned = { ...name, commit, file_count: files, total_size: totalBytes }
      jobs.set(event.jobId, planned)
      logger.info('job planned', {
        ...planned,
        cached_size: event.cachedBytes,
        resume_size: event.resumeBytes,
      })
      return
    }
    case 'job:end':
      jobs.delete(event.jobId)
      return logJobEnd(logger, event, name)
    case 'job:warning':
      return logger.warn(event.message, { ...name, warning: event.code })
    default:
  }
}

function logJobEnd(logger: Logger, event: EventOf<'job:end'>, name: JobName | undefined): void {
  const fields: LogFields = {
    ...name,
    outcome: event.outcome,
    size: event.fetchedBytes,
    duration_ms: Math.round(event.durationMs),
    avg_speed: speedOf(event.fetchedBytes, event.durationMs),
    ...failureFields(event),
  }
  if (event.outcome === 'failed') logger.error('job failed', fields)
  else logger.info('job ended', fields)
}

function logDetail(logger: Logger, event: HubEvent, about: FileName): void {
  switch (event.type) {
    case 'file:start':
      return logger.debug('file started', {
        ...about,
        size: event.totalBytes,
        resume_size: event.resumedBytes,
      })
    case 'file:end': {
      const fields = { ...about, ...fileEndFields(event) }
      if (event.outcome === 'failed') return logger.error('file failed', fields)
      return logger.info('file ended', fields)
    }
    case 'file:retry':
      return logger.warn('range failed, trying again', { ...about, ...retryFields(event) })
    case 'file:wait':
      return logger.debug('another process brings the file', {
        ...about,
        downloaded: event.doneBytes,
        total: event.totalBytes,
        waited_ms: event.waitedMs,
      })
    case 'file:stall':
      return logger.warn('connection is silent', { ...about, silent_ms: event.silentMs })
    case 'request:wait':
      return logger.warn('requests are held back', { ...about, ...waitFields(event) })
    default:
  }
}
