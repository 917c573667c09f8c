import type { EventSink, HubEvent, LogFields, Logger } from '@hfx/core'

/** How much {@link createEventLogger} tells. */
export interface EventLoggerOptions {
  /** A record for each file, retry and wait, not only for jobs. @default false */
  readonly detailed?: boolean
}

type EventOf<T extends HubEvent['type']> = Extract<HubEvent, { readonly type: T }>

/** What a job is called in its records. */
interface JobName {
  readonly operation: string
  readonly repo_id: string
  readonly commit?: string
  readonly file_count?: number
  readonly total_size?: number
}

/**
 * Writes what happens as structured records, for engineers: start, plan and end of each job and its warnings; with
 * `detailed` also each file, retry, stall and wait. Field names are those that operators know from the Go client.
 */
export function createEventLogger(logger: Logger, options: EventLoggerOptions = {}): EventSink {
  const jobs = new Map<string, JobName>()
  return (event) => {
    logJob(logger, jobs, event)
    if (options.detailed) logDetail(logger, event, { repo_id: jobs.get(event.jobId)?.repo_id })
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
    ...errorOf(event.code),
  }
  if (event.outcome === 'failed') logger.error('job failed', fields)
  else logger.info('job ended', fields)
}

function logDetail(
  logger: Logger,
  event: HubEvent,
  about: { readonly repo_id: string | undefined },
): void {
  switch (event.type) {
    case 'file:start':
      return logger.debug('file started', {
        ...about,
        filename: event.path,
        size: event.totalBytes,
        resume_size: event.resumedBytes,
      })
    case 'file:end':
      return logFileEnd(logger, event, about)
    case 'file:retry':
      return logger.warn('range failed, trying again', {
        ...about,
        filename: event.path,
        attempt: event.attempt,
        delay: event.waitMs,
        ...statusOf(event.status),
        ...errorOf(event.code),
      })
    case 'file:stall':
      return logger.warn('connection is silent', {
        ...about,
        filename: event.path,
        silent_ms: event.silentMs,
      })
    case 'request:wait':
      return logger.warn('requests are held back', {
        ...about,
        host: event.host,
        bucket: event.bucket,
        reason: event.reason,
        retry_after: event.waitMs / 1000,
        ...statusOf(event.status),
      })
    default:
  }
}

function logFileEnd(
  logger: Logger,
  event: EventOf<'file:end'>,
  about: { readonly repo_id: string | undefined },
): void {
  const fields: LogFields = {
    ...about,
    filename: event.path,
    outcome: event.outcome,
    size: event.totalBytes,
    duration_ms: Math.round(event.durationMs),
    speed_bps: speedOf(event.fetchedBytes, event.durationMs),
    ...errorOf(event.code),
  }
  if (event.outcome === 'failed') logger.error('file failed', fields)
  else logger.info('file ended', fields)
}

function speedOf(bytes: number, ms: number): number {
  return ms > 0 ? Math.round((bytes / ms) * 1000) : 0
}

function errorOf(code: string | undefined): LogFields {
  return code === undefined ? {} : { error: code }
}

function statusOf(status: number | undefined): LogFields {
  return status === undefined ? {} : { status_code: status }
}
