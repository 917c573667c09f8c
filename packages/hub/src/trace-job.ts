import { channel } from 'node:diagnostics_channel'
import {
  channels,
  type Clock,
  type FlowEvent,
  type HubErrorCode,
  isHubError,
  requestIdOf,
  type JobEndMessage,
  type JobStartMessage,
  type Outcome,
  type RepoRef,
} from '@hfx/core'
import type { JobContext } from './job.ts'

const jobStart = channel(channels.jobStart)
const jobEnd = channel(channels.jobEnd)

export interface JobSubject {
  readonly kind: 'file' | 'snapshot' | 'plan'
  readonly repo: RepoRef
  readonly revision: string
}

/** Pairs `job:start` with one `job:end`, which tells what its files fetched. A job that fetched nothing ended `cached`. */
export async function traceJob<T>(
  deps: { readonly clock: Clock; readonly context: JobContext },
  subject: JobSubject,
  work: (context: JobContext) => Promise<T>,
): Promise<T> {
  const { context, clock } = deps
  const startedMs = clock.monotonic()
  const id = context.trace.jobId

  let fetchedBytes = 0

  function emit(event: FlowEvent): void {
    if (event.type === 'file:end') fetchedBytes += event.fetchedBytes
    context.emit(event)
  }

  function end(outcome: Outcome, error?: unknown): void {
    const code: HubErrorCode | undefined = isHubError(error) ? error.code : undefined
    const requestId = requestIdOf(error)
    const facts = {
      outcome,
      fetchedBytes,
      durationMs: clock.monotonic() - startedMs,
      ...(code === undefined ? {} : { code }),
    }
    emit({ type: 'job:end', ...facts, ...(requestId === undefined ? {} : { requestId }) })
    const message: JobEndMessage = { id, ...facts }
    if (jobEnd.hasSubscribers) jobEnd.publish(message)
  }

  emit({ type: 'job:start', ...subject })
  const message: JobStartMessage = {
    id,
    kind: subject.kind,
    repo: subject.repo.id,
    revision: subject.revision,
  }
  if (jobStart.hasSubscribers) jobStart.publish(message)
  try {
    const result = await work({ ...context, emit })
    end(fetchedBytes > 0 ? 'downloaded' : 'cached')
    return result
  } catch (error) {
    end(context.signal.aborted ? 'aborted' : 'failed', error)
    throw error
  }
}
