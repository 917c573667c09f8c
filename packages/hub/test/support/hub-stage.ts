import { join } from 'node:path'
import type { HubEvent } from '@hfx/core'
import { type FakeHub, type FakeHubOptions, startFakeHub } from '@hfx/fake-hub'
import { useTempDir } from '@hfx/testing'
import { onTestFinished } from 'vitest'
import { createHubClient, type HubClient, type HubClientOptions } from '../../src/index.ts'

/** A Hub and a cache of the test's own. */
export interface HubStage {
  readonly hub: FakeHub
  readonly cacheDir: string
  /** Every event of every client that `open` gave. */
  readonly seen: HubEvent[]
  /** A client of this Hub; it ends with the test. */
  open(options?: HubClientOptions): HubClient
}

/** Starts a Hub; its clients have no environment, no token and no patience between retries, unless `base` says otherwise. */
export async function openStage(
  hubOptions: FakeHubOptions,
  base: HubClientOptions = {},
): Promise<HubStage> {
  const cacheDir = join(await useTempDir(), 'hub')
  const seen: HubEvent[] = []
  const hub = await startFakeHub(hubOptions)
  onTestFinished(() => hub.close())
  return {
    hub,
    cacheDir,
    seen,
    open(options = {}) {
      const client = createHubClient({
        env: {},
        token: false,
        endpoint: hub.url,
        cacheDir,
        retryIntervalMs: 1,
        onEvent: (event) => void seen.push(event),
        ...base,
        ...options,
      })
      onTestFinished(() => client.close())
      return client
    },
  }
}
