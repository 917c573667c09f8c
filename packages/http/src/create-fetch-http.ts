import { silentLogger, systemClock, systemRandom } from '@hfx/core'
import { createRangeReader } from './create-range-reader.ts'
import { createTransport } from './create-transport.ts'
import type { FetchHttpOptions } from './fetch-options.ts'
import { createFetchWire } from './fetch-wire.ts'
import type { Http, HttpDeps } from './http.ts'
import { createIdentity } from './identity.ts'
import { resolveHttpOptions } from './options.ts'
import { createRateGate } from './rate-gate.ts'
import { createNotices } from './server-notices.ts'

/**
 * A transport and a range reader over `fetch`, behind one rate gate: for browsers, workers and wherever else there are
 * no sockets. Nothing of Node is loaded. The same errors, retries and checks as `createHttp`; `close` ends what runs.
 * @throws RangeError or TypeError for options that no request could be made with
 */
export function createFetchHttp(options: FetchHttpOptions = {}, deps: HttpDeps = {}): Http {
  const { fetch = globalThis.fetch, ...rest } = options
  const resolved = resolveHttpOptions(rest)
  const { clock = systemClock, random = systemRandom, logger = silentLogger } = deps
  // Called as a method of ours, a browser's own would complain.
  const wire = createFetchWire((url, init) => fetch(url, init), resolved)
  const gate = createRateGate({ clock, random }, resolved)
  // Who asks is told by the browser, and each header more would cost a preflight.
  const notices = createNotices({ logger }, () => ({}))
  const sending = {
    options: resolved,
    wire,
    gate,
    decoders: new Map(),
    startReport: () => undefined,
  }
  const shared = { ...sending, identity: createIdentity(resolved), clock, notices }
  return {
    transport: createTransport({ ...shared, random, logger }),
    rangeReader: createRangeReader(shared),
    close: () => wire.close(),
  }
}
