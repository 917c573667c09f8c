import { channel } from 'node:diagnostics_channel'
import {
  channels,
  type Clock,
  type FileEndMessage,
  type FileStartMessage,
  type FileState,
  isHubError,
  requestIdOf,
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

export interface FileSubject {
  readonly file: PinnedFile
  readonly state: FileState
  readonly context: JobContext
  /** Which of the files at once it is. */
  readonly worker?: number
}

/** What the work is given: it tells what it has fetched when it ends, also when it fails. */
export interface TracedContext extends JobContext {
  readonly onEnd: (fetchedBytes: number) => void
}

/** Pairs every `file:start` with exactly one `file:end`, for listeners and for traces, also when the work throws. */
export async function traceFile(
  deps: { readonly clock: Clock },
  subject: FileSubject,
  work: (context: TracedContext) => Promise<DoneFile>,
): Promise<DoneFile> {
  const { file, context, worker } = subject
  const numbered = worker === undefined ? {} : { worker }
  const trace = { jobId: context.trace.jobId, path: file.path }
  const id = `${trace.jobId}/${file.path}`
  const totalBytes = file.sizeBytes
  const startedMs = deps.clock.monotonic()
  const resumedBytes = subject.state.kind === 'resume' ? subject.state.doneBytes : 0

  let fetchedBytes = 0

  function end(outcome: Outcome, error?: unknown): void {
    const durationMs = deps.clock.monotonic() - startedMs
    const failure: Pick<FileEndMessage, 'code'> = isHubError(error) ? { code: error.code } : {}
    const requestId = requestIdOf(error)
    context.emit({
      type: 'file:end',
      path: file.path,
      outcome,
      totalBytes,
      fetchedBytes,
      durationMs,
      ...failure,
      ...(requestId === undefined ? {} : { requestId }),
    })
    const message: FileEndMessage = { id, outcome, fetchedBytes, ...failure }
    if (fileEnd.hasSubscribers) fileEnd.publish(message)
  }

  context.emit({ type: 'file:start', path: file.path, totalBytes, resumedBytes, ...numbered })
  const message: FileStartMessage = { id, trace, path: file.path, totalBytes }
  if (fileStart.hasSubscribers) fileStart.publish(message)
  try {
    const onEnd = (bytes: number): void => void (fetchedBytes = bytes)
    const done = await work({ ...context, trace, onEnd })
    end(outcomes[done.source])
    return done
  } catch (error) {
    end(context.signal.aborted ? 'aborted' : 'failed', error)
    throw error
  }
}
