import type { Clock, Logger, RandomSource, RangeReader, Transport } from '@hfx/core'

/** What `createHttp` can be given instead of the system's own. */
export interface HttpDeps {
  readonly clock?: Clock
  readonly random?: RandomSource
  readonly logger?: Logger
}

/** Both ways to the Hub, over the same connections and behind the same rate gate. */
export interface Http {
  readonly transport: Transport
  readonly rangeReader: RangeReader
  /** Ends every connection, running ones too. */
  close(): Promise<void>
}
