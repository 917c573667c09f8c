import { type Clock, HubError, type Logger, systemClock } from '@hfx/core'

import type { Needs } from './parts.ts'
import type { Need } from './token.ts'
import type { WiringSink } from './wiring-event.ts'

/** What {@link createApp} exposes and how long it waits. */
export interface AppOptions<N extends Needs> {
  /** Parts that `start` answers with; they are built even when no invoke needs them. @default none */
  readonly expose?: N
  /** Milliseconds that building, invokes and start hooks may take together; `Infinity` for no limit. @default 15_000 */
  readonly startTimeoutMs?: number
  /** Milliseconds that all stop hooks may take together; `Infinity` for no limit. @default 15_000 */
  readonly stopTimeoutMs?: number
  /** Hears what the container does. @default nobody */
  readonly onEvent?: WiringSink
  /**
   * A logger among the parts, to which the events go as well. It is built first; what happened before is written then.
   * @default none
   */
  readonly logTo?: Need<Logger>
  /** @default the system clock */
  readonly clock?: Clock
}

export interface ResolvedAppOptions {
  readonly startTimeoutMs: number
  readonly stopTimeoutMs: number
  readonly onEvent: WiringSink
  readonly clock: Clock
}

const defaults: ResolvedAppOptions = {
  startTimeoutMs: 15_000,
  stopTimeoutMs: 15_000,
  onEvent: () => {},
  clock: systemClock,
}

/** What a timer of Node can wait for. */
const longestTimerMs = 2_147_483_647

/** Fills defaults. Throws a `HubError` with code `HUB_INVALID_OPTION` for times that no timer can keep. */
export function resolveAppOptions<N extends Needs>(options: AppOptions<N>): ResolvedAppOptions {
  return {
    startTimeoutMs: checkTimeout(
      'startTimeoutMs',
      options.startTimeoutMs ?? defaults.startTimeoutMs,
    ),
    stopTimeoutMs: checkTimeout('stopTimeoutMs', options.stopTimeoutMs ?? defaults.stopTimeoutMs),
    onEvent: options.onEvent ?? defaults.onEvent,
    clock: options.clock ?? defaults.clock,
  }
}

/** The same number, if it is a time a timer can keep. */
export function checkTimeout(name: string, timeoutMs: number): number {
  const isUsable =
    timeoutMs === Number.POSITIVE_INFINITY || (timeoutMs > 0 && timeoutMs <= longestTimerMs)
  if (isUsable) return timeoutMs
  throw new HubError({
    code: 'HUB_INVALID_OPTION',
    message: `${name} is ${timeoutMs}`,
    hint: `Give milliseconds above 0, at most ${longestTimerMs}, or Infinity for no limit.`,
  })
}
