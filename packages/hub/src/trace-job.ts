import { channel } from 'node:diagnostics_channel'
import {
  channels,
  type Clock,
  type HubErrorCode,
  isHubError,
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

/** Pairs `job:start` with one `job:end`. A job that fetched nothing ended `cached`. */
export async function traceJob<T extends { readonly fetchedBytes: number }>(
  deps: { readonly clock: Clock; readonly context: JobContext },
  subject: JobSubject,
  work: () => Promise<T>,
): Promise<T> {
  const { context, clock } = deps
  const startedMs = clock.monotonic()
  const id = context.trace.jobId

  function end(outcome: Outcome, fetchedBytes: number, code?: HubErrorCode): void {
    const facts = {
      outcome,
      fetchedBytes,
      durationMs: clock.monotonic() - startedMs,
      ...(code === undefined ? {} : { code }),
    }
    context.emit({ type: 'job:end', ...facts })
    const message: JobEndMessage = { id, ...facts }
    if (jobEnd.hasSubscribers) jobEnd.publish(message)
  }

  context.emit({ type: 'job:start', ...subject })
  const message: JobStartMessage = {
    id,
    kind: subject.kind,
    repo: subject.repo.id,
    revision: subject.revision,
  }
  if (jobStart.hasSubscribers) jobStart.publish(message)
  try {
    const result = await work()
    end(result.fetchedBytes > 0 ? 'downloaded' : 'cached', result.fetchedBytes)
    return result
  } catch (error) {
    end(
      context.signal.aborted ? 'aborted' : 'failed',
      0,
      isHubError(error) ? error.code : undefined,
    )
    throw error
  }
}
