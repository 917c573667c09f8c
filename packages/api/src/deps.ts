import type { Transport } from '@hfx/core'
import type { HubUrls } from './hub-url.ts'
import type { ResolvedHubApiOptions } from './options.ts'

/** What every question to the Hub needs. */
export interface AskDeps {
  readonly transport: Transport
  readonly urls: HubUrls
  readonly options: ResolvedHubApiOptions
}
