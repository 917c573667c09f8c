import { channel } from 'node:diagnostics_channel'
import {
  channels,
  type Clock,
  type FileEndMessage,
  type FileStartMessage,
  type FileState,
  type HubErrorCode,
  isHubError,
  type Outcome,
  type PinnedFile,
} from '@hfx/core'
import type { DoneFile } from './bring-file.ts'
import type { JobContext } from './job.ts'

const fileStart = channel(channels.fileStart)
const fileEnd = channel(channels.fileEnd)

const outcomes: Record<DoneFile['source'], Outcome> = {
  cache: 'cached',
  link: 'linked',
  hub: 'downloaded',
}

/** Pairs every `file:start` with exactly one `file:end`, for listeners and for traces, also when the work throws. */
export async function traceFile(
  deps: { readonly clock: Clock },
  subject: { readonly file: PinnedFile; readonly state: FileState; readonly context: JobContext },
  work: (context: JobContext) => Promise<DoneFile>,
): Promise<DoneFile> {
  const { file, context } = subject
  const trace = { jobId: context.trace.jobId, path: file.path }
  const id = `${trace.jobId}/${file.path}`
  const totalBytes = file.sizeBytes
  const startedMs = deps.clock.monotonic()
  const resumedBytes = subject.state.kind === 'resume' ? subject.state.doneBytes : 0

  function end(outcome: Outcome, fetchedBytes: number, code?: HubErrorCode): void {
    const durationMs = deps.clock.monotonic() - startedMs
    const failure = code === undefined ? {} : { code }
    context.emit({
      type: 'file:end',
      path: file.path,
      outcome,
      totalBytes,
      fetchedBytes,
      durationMs,
      ...failure,
    })
    const message: FileEndMessage = { id, outcome, fetchedBytes, ...failure }
    if (fileEnd.hasSubscribers) fileEnd.publish(message)
  }

  context.emit({ type: 'file:start', path: file.path, totalBytes, resumedBytes })
  const message: FileStartMessage = { id, trace, path: file.path, totalBytes }
  if (fileStart.hasSubscribers) fileStart.publish(message)
  try {
    const done = await work({ ...context, trace })
    end(outcomes[done.source], done.fetchedBytes)
    return done
  } catch (error) {
    end(
      context.signal.aborted ? 'aborted' : 'failed',
      0,
      isHubError(error) ? error.code : undefined,
    )
    throw error
  }
}
