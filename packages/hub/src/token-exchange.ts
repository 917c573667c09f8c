import type { Transport } from '@hfx/core'
import type { Http } from '@hfx/http'

/** How tokens are got and renewed: without a token, over connections that are opened when one is needed. */
export interface TokenExchange {
  readonly send: Transport['send']
  close(): Promise<void>
}

/**
 * Requests to the Hub and to the service that gives id tokens. Each origin has its own `Http`, which `open` makes for
 * it: secrets of a request go to the origin it names and to no other.
 */
export function createTokenExchange(open: (endpoint: string) => Http): TokenExchange {
  const opened = new Map<string, Http>()
  return {
    send(request, options) {
      const { origin } = new URL(request.url)
      const http = opened.get(origin) ?? open(origin)
      opened.set(origin, http)
      return http.transport.send(request, options)
    },
    async close() {
      await Promise.all(Array.from(opened.values(), (http) => http.close()))
    },
  }
}
