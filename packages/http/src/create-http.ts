import { silentLogger, systemClock, systemRandom } from '@hfx/core'
import { createRangeReader } from './create-range-reader.ts'
import { createTransport } from './create-transport.ts'
import { decoders } from './decode-body.ts'
import { createUndiciWire } from './dispatch.ts'
import { createLeanWire } from './lean-wire.ts'
import type { Http, HttpDeps } from './http.ts'
import { createIdentity } from './identity.ts'
import { type HttpOptions, resolveHttpOptions } from './options.ts'
import { createRateGate } from './rate-gate.ts'
import { startReport } from './report-request.ts'
import { createNotices } from './server-notices.ts'
import { createOwnHeaders } from './user-agent.ts'

/**
 * A transport and a range reader over the same connections and rate gate. Opens nothing yet.
 * @throws RangeError or TypeError for options that no request could be made with
 */
export function createHttp(options: HttpOptions = {}, deps: HttpDeps = {}): Http {
  const resolved = resolveHttpOptions(options)
  const { clock = systemClock, random = systemRandom, logger = silentLogger } = deps
  if (!resolved.verifySsl)
    logger.warn(
      'server certificates are not verified: anyone on the way can read and change everything',
    )
  const undici = createUndiciWire(resolved)
  const wire = resolved.leanSockets ? createLeanWire(resolved, undici) : undici
  const gate = createRateGate({ clock, random }, resolved)
  const notices = createNotices({ logger }, createOwnHeaders(resolved.userAgent))
  const identity = createIdentity(resolved)
  const sending = { options: resolved, wire, gate, decoders, startReport }
  const shared = { ...sending, identity, clock, notices }
  return {
    transport: createTransport({ ...shared, random, logger }),
    rangeReader: createRangeReader(shared),
    close: () => wire.close(),
  }
}
