import type { HubErrorCode } from './errors.ts'
import type { RequestBucket } from './events.ts'

/** To which job and file a piece of work belongs; travels down with the step's options. */
export interface TraceContext {
  readonly jobId: string
  /** Repository path, when the work is for one file. */
  readonly path?: string
}

/**
 * Names of the `node:diagnostics_channel` channels that the packages publish to, whoever listens.
 * Each pair shares an `id`; nothing is built when nobody subscribes.
 */
export const channels = {
  requestStart: 'hfx.request.start',
  requestEnd: 'hfx.request.end',
  partStart: 'hfx.part.start',
  partEnd: 'hfx.part.end',
  fileStart: 'hfx.file.start',
  fileEnd: 'hfx.file.end',
  jobStart: 'hfx.job.start',
  jobEnd: 'hfx.job.end',
  /** Every `HubEvent` of every client of the process, as listeners hear it. */
  event: 'hfx.event',
} as const

/** Published by http for each request on the wire, redirects and retries counted singly. */
export interface RequestStartMessage {
  readonly id: string
  readonly trace?: TraceContext
  readonly method: string
  /** Redacted. */
  readonly url: string
  readonly bucket: RequestBucket
  readonly attempt: number
}

/** Published when a request has been answered, or never will be. */
export interface RequestEndMessage {
  readonly id: string
  readonly status?: number
  readonly requestId?: string
  readonly receivedBytes: number
  readonly code?: HubErrorCode
}

/** Published by transfer for each range that a lane takes. */
export interface PartStartMessage {
  readonly id: string
  readonly trace?: TraceContext
  readonly path: string
  readonly start: number
  readonly end: number
  readonly lane: number
}

/** Published when a lane is done with a range, however it ended. */
export interface PartEndMessage {
  readonly id: string
  readonly receivedBytes: number
  readonly code?: HubErrorCode
}

/** Published by hub. */
export interface FileStartMessage {
  readonly id: string
  readonly trace: TraceContext
  readonly path: string
  readonly totalBytes: number
}

/** Published when a file is in place, or has failed. */
export interface FileEndMessage {
  readonly id: string
  readonly outcome: string
  readonly fetchedBytes: number
  readonly code?: HubErrorCode
}

/** Published when a job begins. */
export interface JobStartMessage {
  readonly id: string
  readonly kind: string
  readonly repo: string
  readonly revision: string
}

/** Published when a job has ended, however it ended. */
export interface JobEndMessage {
  readonly id: string
  readonly outcome: string
  readonly fetchedBytes: number
  readonly durationMs: number
  readonly code?: HubErrorCode
}
