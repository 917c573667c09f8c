import { nameNetworkError } from './error-from-network.ts'
import { findIssuer } from './find-issuer.ts'
import { createLeanPool, type LeanPool } from './lean-pool.ts'
import { createSocketShare } from './open-socket.ts'
import type { ResolvedHttpOptions } from './options.ts'
import { createFindProxy } from './proxy.ts'
import type { BodyTaker, Wire, WireHead, WireRequest } from './wire.ts'

/**
 * The wire over our own sockets: HTTP/1.1 read straight into large buffers, for about half the processor time.
 * What goes through a proxy is left to the other wire.
 */
export function createLeanWire(options: ResolvedHttpOptions, proxied: Wire): Wire {
  const findProxy = createFindProxy(options)
  const pool = createLeanPool(options, createSocketShare(options))
  return {
    async exchange(request, onHead) {
      if (findProxy(request.url)) return proxied.exchange(request, onHead)
      try {
        await exchange(pool, request, onHead)
      } catch (error) {
        throw await nameNetworkError(error, request, { proxy: undefined, options, findIssuer })
      }
    },
    async close() {
      pool.close()
      await proxied.close()
    },
  }
}

async function exchange(
  pool: LeanPool,
  request: WireRequest,
  onHead: (head: WireHead) => BodyTaker,
): Promise<void> {
  for (;;) {
    const lease = await pool.take(request)
    let isReusable = false
    try {
      isReusable = await lease.connection.exchange(request, onHead)
      return
    } catch (error) {
      // A server may close a resting connection in the moment it is used again; nothing has been answered then.
      const isStale = lease.reused && !lease.connection.begun && request.method !== 'POST'
      if (!isStale || request.signal?.aborted || !isBreak(error)) throw error
    } finally {
      lease.release(isReusable)
    }
  }
}

function isBreak(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  return ['WIRE_BROKEN', 'ECONNRESET', 'EPIPE'].some((code) => code === error.code)
}
