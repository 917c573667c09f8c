import { HubError } from '@hfx/core'
import type { ClientParts } from './compose-parts.ts'

/** @throws HubError `HUB_OFFLINE` where only the Hub could answer and must not be asked */
export function refuseOffline(parts: ClientParts): void {
  if (parts.config.settings.policy.kind !== 'cache-only') return
  throw new HubError({
    code: 'HUB_OFFLINE',
    message: 'this needs the Hub, and the network may not be asked',
    hint: 'Unset HF_HUB_OFFLINE, or drop local-files-only and the cache-only policy.',
  })
}
