import type { Secret } from '@hfx/core'

/** A proxy, and how to speak to it. */
export interface ProxySpec {
  readonly protocol: 'http:' | 'https:'
  readonly hostname: string
  readonly port: number
  /** Value of `Proxy-Authorization`. */
  readonly authorization?: Secret
}
