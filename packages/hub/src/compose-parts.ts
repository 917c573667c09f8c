import type { ResolvedConfig } from '@hfx/config'
import type { FileStore, FileTransfer, HubApi, Logger, RepoRef } from '@hfx/core'
import type { CheckSpace } from './flow.ts'

/** The players of every role, for one set of options. */
export interface ClientParts {
  readonly config: ResolvedConfig
  readonly api: HubApi
  readonly transfer: TunableTransfer
  readonly checkSpace: CheckSpace
  readonly logger: Logger
  /** Reads an `hf://` URI or a Hub URL; undefined for what is neither. */
  readonly parseTarget: ParseTarget
  /** The shared cache, or a plain folder that takes files from it where it can. */
  readonly openStore: (localDir: string | undefined) => FileStore
  close(): Promise<void>
}

/** A transfer whose speed limit can be changed while it runs. */
export interface TunableTransfer extends FileTransfer {
  setRateLimit(bytesPerSecond: number | undefined): void
}

/** Reads a URI or a pasted address; undefined when the text is neither. */
export type ParseTarget = (text: string) =>
  | {
      readonly repo: RepoRef
      readonly revision?: string
      readonly path?: string
    }
  | undefined
