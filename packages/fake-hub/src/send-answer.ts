import { gzipSync } from 'node:zlib'
import { type Clock, systemClock } from '@hfx/core'
import { type Answer, type AnswerBody, wholeBody } from './answer.ts'
import { createBufferSource } from './byte-source.ts'
import { type Fault, findFault } from './fault.ts'
import { sleepUnlessGone, waitUntilGone, type Wire } from './wire.ts'

export interface SendContext {
  readonly faults: readonly Fault[]
  readonly isHead: boolean
  readonly onSent: (bytes: number) => void
}

/** Sends an answer with every fault that concerns its headers and body. */
export async function sendAnswer(wire: Wire, answer: Answer, context: SendContext): Promise<void> {
  const { faults } = context
  const bent = bendLength(faults, gzipBody(faults, answer))
  await wire.sendHead(bent.status, bendHeaders(faults, bent.headers))
  if (context.isHead || bent.status === 304 || bent.status === 204) return wire.end()
  const plan = planBody(bent.body, faults)
  const complete = await sendBody(wire, plan, context.onSent)
  if (!complete) return
  if (plan.then === 'stall') await waitUntilGone(wire.gone)
  else if (plan.then === 'reset') wire.reset()
  else if (plan.then === 'close') wire.closeEarly()
  else wire.end()
}

/** Which bytes go out, how fast, and what happens then. */
interface BodyPlan {
  readonly read: (start: number, end: number) => Uint8Array
  readonly stopAt: number
  readonly then: 'end' | 'stall' | 'reset' | 'close'
  readonly bytesPerSecond: number | undefined
  readonly drip: { readonly fromByte: number; readonly bytesPerSecond: number } | undefined
}

function planBody(body: AnswerBody, faults: readonly Fault[]): BodyPlan {
  const size = body.end - body.start
  const short = findFault(faults, 'short')
  const long = findFault(faults, 'long')
  const drip = findFault(faults, 'drip')
  const stops: { at: number; then: BodyPlan['then'] }[] = [
    { at: size + (long?.bytes ?? 0), then: long?.declared === false ? 'close' : 'end' },
  ]
  const stall = findFault(faults, 'stall')
  if (stall) stops.push({ at: stall.afterBytes, then: 'stall' })
  const reset = findFault(faults, 'reset')
  if (reset) stops.push({ at: reset.afterBytes, then: 'reset' })
  if (short)
    stops.push({ at: Math.max(0, size - short.bytes), then: short.declared ? 'end' : 'close' })
  const [first = { at: size, then: 'end' as const }] = stops.toSorted((a, b) => a.at - b.at)
  return {
    read: (start, end) => readBent(body, faults, { start, end }),
    stopAt: first.at,
    then: first.then,
    bytesPerSecond: findFault(faults, 'rate')?.bytesPerSecond,
    drip: drip && { fromByte: drip.afterBytes ?? 0, bytesPerSecond: drip.bytesPerSecond },
  }
}

const junk = 0xa5

function readBent(
  body: AnswerBody,
  faults: readonly Fault[],
  part: { readonly start: number; readonly end: number },
): Uint8Array {
  const size = body.end - body.start
  const realEnd = Math.min(part.end, size)
  const real =
    part.start < realEnd
      ? body.source.read(body.start + part.start, body.start + realEnd)
      : new Uint8Array(0)
  const extra = part.end - part.start - real.byteLength
  const bytes = extra > 0 ? Buffer.concat([real, Buffer.alloc(extra, junk)]) : real
  const flip = findFault(faults, 'flip')
  if (!flip || flip.atByte < part.start || flip.atByte >= part.end) return bytes
  const flipped = Buffer.from(bytes)
  flipped.writeUInt8(flipped.readUInt8(flip.atByte - part.start) ^ 1, flip.atByte - part.start)
  return flipped
}

const fullSpeedChunkBytes = 256 * 1024

/** True when everything of the plan was handed over before the connection went. */
async function sendBody(
  wire: Wire,
  plan: BodyPlan,
  onSent: (bytes: number) => void,
): Promise<boolean> {
  let pacer: Pacer | undefined
  let rate: number | undefined
  for (let at = 0; at < plan.stopAt;) {
    const dripping = plan.drip !== undefined && at >= plan.drip.fromByte
    const wanted = dripping ? plan.drip?.bytesPerSecond : plan.bytesPerSecond
    if (wanted !== rate) pacer = wanted === undefined ? undefined : createPacer(systemClock, wanted)
    rate = wanted
    const change = plan.drip && !dripping ? plan.drip.fromByte : plan.stopAt
    const end = Math.min(at + chunkBytesFor(rate), change, plan.stopAt)
    await pacer?.waitFor(end - at, wire.gone)
    if (wire.gone.aborted) return false
    onSent(end - at)
    await wire.write(plan.read(at, end))
    at = end
  }
  return !wire.gone.aborted
}

/** About twenty chunks a second, so that a slow connection looks slow and not bursty. */
function chunkBytesFor(bytesPerSecond: number | undefined): number {
  if (bytesPerSecond === undefined) return fullSpeedChunkBytes
  return Math.max(1, Math.min(fullSpeedChunkBytes, Math.ceil(bytesPerSecond / 20)))
}

interface Pacer {
  waitFor(bytes: number, gone: AbortSignal): Promise<void>
}

function createPacer(clock: Clock, bytesPerSecond: number): Pacer {
  const startedAt = clock.monotonic()
  let sent = 0
  return {
    async waitFor(bytes, gone) {
      sent += bytes
      const waitMs = (sent / bytesPerSecond) * 1000 - (clock.monotonic() - startedAt)
      if (waitMs >= 1) await sleepUnlessGone(clock, waitMs, gone)
    },
  }
}

/** In memory: meant for the small files that proxies compress. */
function gzipBody(faults: readonly Fault[], answer: Answer): Answer {
  const { body } = answer
  if (!findFault(faults, 'gzip') || body.end === body.start) return answer
  const packed = gzipSync(body.source.read(body.start, body.end))
  return {
    ...answer,
    headers: { ...withoutHeaders(answer.headers, ['content-length']), 'Content-Encoding': 'gzip' },
    body: wholeBody(createBufferSource(packed)),
  }
}

/** Content-Length as a short or long body declares it. */
function bendLength(faults: readonly Fault[], answer: Answer): Answer {
  const size = answer.body.end - answer.body.start
  const short = findFault(faults, 'short')
  const long = findFault(faults, 'long')
  let told = size
  if (short?.declared) told = Math.max(0, size - short.bytes)
  else if (long && long.declared !== false) told = size + long.bytes
  if (told === size || answer.headers['Content-Length'] === undefined) return answer
  return { ...answer, headers: { ...answer.headers, 'Content-Length': String(told) } }
}

function bendHeaders(
  faults: readonly Fault[],
  headers: Readonly<Record<string, string>>,
): Record<string, string> {
  let bent: Record<string, string> = { ...headers }
  for (const fault of faults) {
    if (fault.kind === 'dropHeaders') bent = withoutHeaders(bent, fault.names)
    if (fault.kind === 'setHeaders')
      bent = { ...withoutHeaders(bent, Object.keys(fault.headers)), ...fault.headers }
  }
  return bent
}

function withoutHeaders(
  headers: Readonly<Record<string, string>>,
  names: readonly string[],
): Record<string, string> {
  const drop = new Set(names.map((name) => name.toLowerCase()))
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !drop.has(name.toLowerCase())),
  )
}
