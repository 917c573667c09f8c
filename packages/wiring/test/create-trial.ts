import { createManualClock } from '@hfx/testing'

import {
  type App,
  createApp,
  type Hook,
  invoke,
  type NoNeeds,
  provide,
  WiringError,
  type WiringEvent,
} from '../src/index.ts'
import { A, B, C } from './tokens.ts'

export interface Trial {
  readonly app: App<NoNeeds>
  readonly clock: ReturnType<typeof createManualClock>
  readonly log: string[]
  readonly events: WiringEvent[]
}

/** An application a ← b ← c whose hooks write down that they ran. */
export function createTrial(hooks: Partial<Record<'a' | 'b' | 'c', Hook>> = {}): Trial {
  const log: string[] = []
  const events: WiringEvent[] = []
  const clock = createManualClock()
  const noted = (name: 'a' | 'b' | 'c'): Hook => ({
    onStart: () => void log.push(`start ${name}`),
    onStop: () => void log.push(`stop ${name}`),
    ...hooks[name],
  })
  const app = createApp(
    [
      provide(A, {}, (_parts, lifecycle) => (lifecycle.append(noted('a')), 'a')),
      provide(B, { a: A }, (_parts, lifecycle) => (lifecycle.append(noted('b')), 'b')),
      provide(C, { b: B }, (_parts, lifecycle) => (lifecycle.append(noted('c')), 'c')),
      invoke('main', { c: C }, () => {}),
    ],
    { clock, onEvent: (event) => events.push(event), startTimeoutMs: 1_000, stopTimeoutMs: 1_000 },
  )
  return { app, clock, log, events }
}

export const never = (): Promise<never> => new Promise(() => {})

/** The `WiringError` that work rejects with. */
export async function failureOf(work: Promise<unknown>): Promise<WiringError> {
  const [settled] = await Promise.allSettled([work])
  if (settled.status === 'rejected' && settled.reason instanceof WiringError) return settled.reason
  throw new Error('No WiringError')
}
