import type { RequestBucket } from '@hfx/core'
import type { Hop } from './follow.ts'
import type { Sending } from './send-hops.ts'
import type { BodyTaker, WireHead } from './wire.ts'

/** One request, as the diagnostics channels are told of it. */
export interface Report {
  onHead(head: WireHead): void
  count(take: BodyTaker): BodyTaker
  end(error?: unknown): void
}

export interface ReportedRequest {
  readonly sending: Sending
  readonly hop: Hop
  readonly bucket: RequestBucket
}

/** Undefined when nobody listens. */
export type StartReport = (request: ReportedRequest) => Report | undefined
