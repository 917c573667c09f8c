import type { CachePolicy, Clock, FileStore, FileTransfer, HubApi, Logger } from '@hfx/core'
import type { JobContext } from './job.ts'

/** Everything the flows are composed from. `create-hub-client.ts` is where the roles get their players. */
export interface FlowDeps {
  readonly api: HubApi
  readonly store: FileStore
  readonly transfer: FileTransfer
  readonly checkSpace: CheckSpace
  readonly clock: Clock
  readonly logger: Logger
}

/** Rejects with `InsufficientSpaceError` when the volume of `folder` has no room for `needBytes` and a reserve. */
export type CheckSpace = (space: {
  readonly folder: string
  readonly needBytes: number
  readonly context: JobContext
}) => Promise<void>

/** What a flow was told, with every default filled in. */
export interface FlowOptions {
  readonly policy: CachePolicy
  /** Fetch every byte again. */
  readonly force: boolean
  /** Start although the volume seems too small. */
  readonly forceSpace: boolean
  /** Files under way at once; the lanes bound what is on the wire. */
  readonly filesAtOnce: number
  /** Bytes of a range, for the count of requests in a plan. */
  readonly partBytes: number
}

/** How long the Hub may take to answer when a complete local copy could be the answer. */
export const staleAfterMs = 2_500

/** Files that are held in memory at once. A larger repository is read window by window, as often as needed. */
export const windowFiles = 10_000
