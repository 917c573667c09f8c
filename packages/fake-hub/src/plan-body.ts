import { type AnswerBody } from './answer.ts'
import { type Fault, findFault } from './fault.ts'

/** Which bytes of a body go out, how fast, and what happens then. */
export interface BodyPlan {
  /** Bytes of the body as the faults leave them. */
  readonly read: (start: number, end: number) => Uint8Array
  readonly stopAt: number
  readonly ending: BodyEnding
  /** One after the other, the last one up to `stopAt`. */
  readonly stretches: readonly Stretch[]
}

/** `end` completes the answer, `close` hangs up, `reset` does so rudely, `stall` does nothing any more. */
export type BodyEnding = 'end' | 'stall' | 'reset' | 'close'

export interface Stretch {
  readonly end: number
  /** Undefined for as fast as the client takes it. */
  readonly bytesPerSecond: number | undefined
}

export function planBody(body: AnswerBody, faults: readonly Fault[]): BodyPlan {
  const [first, ...others] = listStops(body.end - body.start, faults)
  const stop = others.reduce((a, b) => (b.at < a.at ? b : a), first)
  return {
    read: (start, end) => readBent(body, faults, { start, end }),
    stopAt: stop.at,
    ending: stop.ending,
    stretches: planStretches(stop.at, faults),
  }
}

/** What Content-Length says of such a body. */
export function declaredBytes(body: AnswerBody, faults: readonly Fault[]): number {
  const size = body.end - body.start
  const short = findFault(faults, 'short')
  if (short?.declared) return Math.max(0, size - short.bytes)
  const long = findFault(faults, 'long')
  return long && long.declared !== false ? size + long.bytes : size
}

interface Stop {
  readonly at: number
  readonly ending: BodyEnding
}

function listStops(size: number, faults: readonly Fault[]): [Stop, ...Stop[]] {
  const stops: [Stop, ...Stop[]] = [fullStop(size, faults)]
  for (const fault of faults) {
    if (fault.kind === 'stall' || fault.kind === 'reset')
      stops.push({ at: fault.afterBytes, ending: fault.kind })
    if (fault.kind === 'short')
      stops.push({
        at: Math.max(0, size - fault.bytes),
        ending: fault.declared ? 'end' : 'close',
      })
  }
  return stops
}

function fullStop(size: number, faults: readonly Fault[]): Stop {
  const long = findFault(faults, 'long')
  return { at: size + (long?.bytes ?? 0), ending: long?.declared === false ? 'close' : 'end' }
}

function planStretches(stopAt: number, faults: readonly Fault[]): Stretch[] {
  const bytesPerSecond = findFault(faults, 'rate')?.bytesPerSecond
  const drip = findFault(faults, 'drip')
  if (!drip) return [{ end: stopAt, bytesPerSecond }]
  return [
    { end: Math.min(drip.afterBytes ?? 0, stopAt), bytesPerSecond },
    { end: stopAt, bytesPerSecond: drip.bytesPerSecond },
  ]
}

const junk = 0xa5

function readBent(
  body: AnswerBody,
  faults: readonly Fault[],
  part: { readonly start: number; readonly end: number },
): Uint8Array {
  const realEnd = Math.max(part.start, Math.min(part.end, body.end - body.start))
  const real = body.source.read(body.start + part.start, body.start + realEnd)
  const extra = part.end - realEnd
  const bytes = extra > 0 ? Buffer.concat([real, Buffer.alloc(extra, junk)]) : real
  const flip = findFault(faults, 'flip')
  if (!flip || flip.atByte < part.start || flip.atByte >= part.end) return bytes
  const flipped = Buffer.from(bytes)
  const at = flip.atByte - part.start
  flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at)
  return flipped
}
