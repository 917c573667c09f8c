import type { RepoRef } from './model/repo.ts'
import type { HubErrorCode } from './errors.ts'

/** Stages of a job, in the order of the flow. `wait` is time spent for a lock or the rate gate. */
export type Phase = 'resolve' | 'list' | 'plan' | 'wait' | 'transfer' | 'verify' | 'commit'

/** How a file or a job ended. */
export type Outcome = 'downloaded' | 'cached' | 'linked' | 'failed' | 'aborted'

/** Facts that a stage tells. Bytes are totals so far, so a lost event does no harm. */
export type FlowEvent =
  | {
      readonly type: 'job:start'
      readonly kind: 'file' | 'snapshot' | 'plan'
      readonly repo: RepoRef
      readonly revision: string
    }
  | {
      readonly type: 'job:end'
      readonly outcome: Outcome
      /** Over the network, whatever the outcome: files that failed are counted. */
      readonly fetchedBytes: number
      readonly durationMs: number
      readonly code?: HubErrorCode
      /** `X-Request-Id` of the answer that failed it. */
      readonly requestId?: string
    }
  | { readonly type: 'phase:start'; readonly phase: Phase; readonly path?: string }
  | { readonly type: 'phase:end'; readonly phase: Phase; readonly path?: string }
  | {
      /** Totals of the whole job, before byte one. */
      readonly type: 'job:plan'
      readonly commit: string
      readonly files: number
      /** Files that are in place already; they get no `file:start`. */
      readonly cachedFiles: number
      readonly totalBytes: number
      readonly cachedBytes: number
      readonly resumeBytes: number
      readonly fetchBytes: number
    }
  | {
      readonly type: 'file:start'
      readonly path: string
      readonly totalBytes: number
      /** Bytes that an earlier run left. */
      readonly resumedBytes: number
      /** Which of the files at once this is, from 0; absent where there is only one. */
      readonly worker?: number
    }
  | {
      readonly type: 'file:progress'
      readonly path: string
      /** Bytes on disk, resumed ones included. Never falls, never passes `totalBytes`. */
      readonly doneBytes: number
      readonly totalBytes: number
      /** Bytes whose hash has been computed. */
      readonly hashedBytes: number
    }
  | {
      readonly type: 'file:retry'
      readonly path: string
      /** Failures in a row at one range, from 1; bytes that arrive begin a new row. */
      readonly attempt: number
      /** Retries in a row that a range is given. */
      readonly maxRetries: number
      readonly waitMs: number
      readonly code: HubErrorCode
      readonly status?: number
      readonly requestId?: string
      /** The connection that failed, from 0. */
      readonly lane: number
    }
  | {
      /** Another process is bringing this file and this one waits for it. Bytes are the other's so far. */
      readonly type: 'file:wait'
      readonly path: string
      readonly doneBytes: number
      readonly totalBytes: number
      readonly waitedMs: number
    }
  | {
      /** No byte of this file arrived for `silentMs`. */
      readonly type: 'file:stall'
      readonly path: string
      readonly silentMs: number
    }
  | {
      readonly type: 'file:end'
      readonly path: string
      readonly outcome: Outcome
      readonly totalBytes: number
      /** Over the network, whatever the outcome. */
      readonly fetchedBytes: number
      readonly durationMs: number
      readonly code?: HubErrorCode
      /** `X-Request-Id` of the answer that failed it. */
      readonly requestId?: string
    }
  | {
      /** Requests to a host are held back: its rate limit, or a `Retry-After`. */
      readonly type: 'request:wait'
      readonly host: string
      readonly bucket: RequestBucket
      readonly waitMs: number
      readonly reason: 'rate-limit' | 'retry-after' | 'backoff'
      readonly status?: number
      /** Absent with `rate-limit`: nothing has failed. */
      readonly failure?: {
        /** Which retry the wait is for, from 1. */
        readonly attempt: number
        readonly maxRetries: number
        readonly code: HubErrorCode
        readonly requestId?: string
      }
    }
  | { readonly type: 'lanes:change'; readonly lanes: number; readonly reason: string }
  | {
      /** Something a person should know that did not stop the job. */
      readonly type: 'job:warning'
      readonly code: WarningCode
      readonly message: string
    }

/** The Hub counts requests in three buckets (docs: hub/rate-limits); a CDN is a fourth of ours. */
export type RequestBucket = 'api' | 'resolvers' | 'pages' | 'data'

/** What a `job:warning` is about. Described in `docs/events.md`. */
export type WarningCode =
  | 'STALE_COPY'
  | 'ANONYMOUS_RETRY'
  | 'LOCK_UNAVAILABLE'
  | 'UNVERIFIED'
  | 'SPACE_UNKNOWN'
  | 'REF_NOT_WRITTEN'
  | 'TREE_NOT_WRITTEN'
  | 'SERVER_NOTICE'

/** Version of the event format; it rises when a field changes its meaning or goes. */
export const eventVersion = 1

/** A fact with its stamp, as listeners, async iterators and NDJSON see it. */
export type HubEvent = FlowEvent & {
  readonly v: typeof eventVersion
  readonly jobId: string
  /** Milliseconds since the epoch. */
  readonly atMs: number
}

/** Takes facts as they happen. Synchronous; what it throws is the emitter's to contain. */
export type FlowSink = (event: FlowEvent) => void
/** Hears every event. Called synchronously; it must be quick and must not throw. */
export type EventSink = (event: HubEvent) => void

/** One sink that feeds many. A sink that throws does not keep the others from hearing. */
export function combineSinks(...sinks: readonly EventSink[]): EventSink {
  return (event) => {
    for (const sink of sinks) {
      try {
        sink(event)
      } catch {
        // A screen must not be able to hurt a transfer; the bus reports throwing listeners.
      }
    }
  }
}
