import type { EventSink, LoggerLike } from '@hfx/core'
import type { Environment, Settings, TokenOption } from '@hfx/config'

/** Everything a client may be told. What is left out comes from `HF_*` variables, then from defaults (`docs/config.md`). */
export interface HubClientOptions extends Partial<Settings> {
  /** Draw progress on stderr. A library draws nothing unless this is given. @default nothing is drawn */
  readonly progress?: Settings['progress']
  /** Access token, a function that is asked again after a 401, or `false` for none. @default HF_TOKEN, else the token file */
  readonly token?: TokenOption
  /** Never touch the network: the same as `policy: { kind: 'cache-only' }`. @default HF_HUB_OFFLINE */
  readonly offline?: boolean
  /** The same as `offline`, by the name that Python's client uses. @default false */
  readonly localFilesOnly?: boolean
  /** pino, winston, bunyan, `console` or your own, as it is; `logLevel` and `detailedLogs` say how much. @default says nothing */
  readonly logger?: LoggerLike
  /** Hears every event of every job. */
  readonly onEvent?: EventSink
  /** Where variables are read from, when a job first needs them. @default process.env */
  readonly env?: Environment
  /** Read `hfx.config.*` of this folder's project and of the user. @default false: libraries read no files unasked */
  readonly configFiles?: { readonly folder: string } | false
  /** Options from a command line: below `HubClientOptions`, above the environment. */
  readonly flags?: Readonly<Record<string, unknown>>
}
