import { type Clock, systemClock } from '@hfx/core'
import { type Answer } from './answer.ts'
import { bendAnswer } from './bend-answer.ts'
import { type Fault } from './fault.ts'
import { type BodyPlan, planBody, type Stretch } from './plan-body.ts'
import { sleepUnlessGone, waitUntilGone, type Wire } from './wire.ts'

export interface SendContext {
  readonly faults: readonly Fault[]
  readonly isHead: boolean
  readonly onSent: (bytes: number) => void
}

/** Sends an answer with every fault that concerns its headers and body. Returns early when the client goes. */
export async function sendAnswer(wire: Wire, answer: Answer, context: SendContext): Promise<void> {
  const bent = bendAnswer(answer, context.faults)
  await wire.sendHead(bent.status, bent.headers)
  if (context.isHead || bent.status === 304 || bent.status === 204) return wire.end()
  const plan = planBody(bent.body, context.faults)
  if (plan.ending !== 'end' || plan.stretches.some((one) => one.bytesPerSecond !== undefined))
    wire.flush()
  await sendBody(wire, plan, context.onSent)
  if (!wire.gone.aborted) await endBody(wire, plan)
}

async function endBody(wire: Wire, plan: BodyPlan): Promise<void> {
  switch (plan.ending) {
    case 'end':
      return wire.end()
    case 'close':
      return wire.closeEarly()
    case 'reset':
      return wire.reset()
    case 'stall':
      return waitUntilGone(wire.gone)
  }
}

async function sendBody(
  wire: Wire,
  plan: BodyPlan,
  onSent: (bytes: number) => void,
): Promise<void> {
  let at = 0
  for (const stretch of plan.stretches) {
    const pacer = createPacer(systemClock, stretch)
    while (at < stretch.end) {
      const end = Math.min(at + pacer.chunkBytes, stretch.end)
      await pacer.waitFor(end - at, wire.gone)
      if (wire.gone.aborted) return
      onSent(end - at)
      await wire.write(plan.read(at, end))
      at = end
    }
  }
}

const fullSpeedChunkBytes = 256 * 1024

interface Pacer {
  readonly chunkBytes: number
  waitFor(bytes: number, gone: AbortSignal): Promise<void>
}

/** About twenty chunks a second, so that a slow connection looks slow and not bursty. */
function createPacer(clock: Clock, { bytesPerSecond }: Stretch): Pacer {
  if (bytesPerSecond === undefined)
    return { chunkBytes: fullSpeedChunkBytes, waitFor: () => Promise.resolve() }
  const startedAt = clock.monotonic()
  let sent = 0
  return {
    chunkBytes: Math.min(fullSpeedChunkBytes, Math.ceil(bytesPerSecond / 20)),
    async waitFor(bytes, gone) {
      sent += bytes
      const waitMs = (sent / bytesPerSecond) * 1000 - (clock.monotonic() - startedAt)
      if (waitMs >= 1) await sleepUnlessGone(clock, waitMs, gone)
    },
  }
}
