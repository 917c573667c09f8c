import { HubError } from '@hfx/core'
import type { ClientParts } from './compose-parts.ts'
import type { FlowOptions } from './flow.ts'

/** @throws HubError `HUB_OFFLINE` where only the Hub could answer and must not be asked */
export function refuseOffline(parts: ClientParts): void {
  if (parts.config.settings.policy.kind !== 'cache-only') return
  throw new HubError({
    code: 'HUB_OFFLINE',
    message: 'this needs the Hub, and the network may not be asked',
    hint: 'Unset HF_HUB_OFFLINE, or drop local-files-only and the cache-only policy.',
  })
}

/** @throws HubError `HUB_INVALID_OPTION` where every byte is to be fetched again and the network may not be used */
export function refuseForcedOffline({
  force,
  policy,
}: Pick<FlowOptions, 'force' | 'policy'>): void {
  if (!force || policy.kind !== 'cache-only') return
  throw new HubError({
    code: 'HUB_INVALID_OPTION',
    message: 'force fetches everything again, and the policy cache-only forbids to fetch',
    hint: 'Drop force (--force-download), or unset HF_HUB_OFFLINE and drop local-files-only.',
  })
}
