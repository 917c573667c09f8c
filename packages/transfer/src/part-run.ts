import { HubError } from '@hfx/core'
import type { ByteRange } from './file-ranges.ts'
import { emptyPrint } from './spot-print.ts'

/** A range that waits for a lane, with what earlier attempts taught. */
export interface PendingPart extends ByteRange {
  /** Attempts in a row that brought nothing worth counting. */
  readonly failures: number
  /** Times it was taken off a connection for being slow. */
  readonly slowRounds: number
  readonly freshConnection: boolean
}

/** Why a run was ended from this side. What has arrived stays. */
export type RunStop = 'complete' | 'superseded' | 'stalled' | 'slow' | 'file-over'

/** One range on its way over one connection. */
export interface PartRun {
  readonly lane: number
  readonly part: PendingPart
  readonly controller: AbortController
  /** One past the last byte wanted; moves down when the tail is given to another lane. */
  end: number
  /** Offset of the next byte. */
  position: number
  receivedBytes: number
  /** Fingerprint of what has arrived. */
  print: number
  /** True once the range must take no more bytes. */
  closed: boolean
  stop: RunStop | undefined
  /** Where it was asked for, once that is known. */
  url: string | undefined
  /** How many reasons of our own keep the socket waiting: rate limit, full memory, pause. */
  holds: number
  /** Until then the request waits at the rate gate and no byte can be expected. */
  heldUntilMs: number
  readonly meter: SpeedMeter
}

export function createPartRun(part: PendingPart, lane: number, nowMs: number): PartRun {
  let meter: SpeedMeter | undefined
  return {
    lane,
    part,
    controller: new AbortController(),
    end: part.end,
    position: part.start,
    receivedBytes: 0,
    print: emptyPrint,
    closed: false,
    stop: undefined,
    url: undefined,
    holds: 0,
    heldUntilMs: 0,
    /** Most ranges of small files are over before anybody looks. */
    get meter() {
      return (meter ??= createSpeedMeter(nowMs))
    },
  }
}

/** Ends a run: its socket is closed, and it takes no more bytes. */
export function stopRun(run: PartRun, why: RunStop): void {
  run.closed = true
  run.stop = why
  run.controller.abort(
    new HubError({ code: 'HUB_CONNECTION_LOST', message: `the range was given up: ${why}` }),
  )
}

/** Speed of a connection over the time in which it was free to send. */
export interface SpeedMeter {
  /** Looks at the totals; `held` when the socket was kept waiting by us since the last look. */
  sample(nowMs: number, receivedBytes: number, held: boolean): void
  /** Forgets silence: the clock jumped, or the socket was held. */
  forgive(nowMs: number, graceMs: number): void
  readonly silentMs: number
  /** Bytes per second over the last few seconds; undefined before there is enough to tell. */
  readonly recentSpeed: number | undefined
  /** True when the connection has had long enough to show what it can. */
  readonly isSettled: boolean
  /** Bytes per second over the last whole window; asks for the window's length. */
  slowSince(windowMs: number): number | undefined
}

const recentMs = 3_000
const leastSpanMs = 400
/** A look that comes later than this found the process busy: bytes may be waiting unread. */
const mostCountedMs = 1_000

interface Mark {
  readonly activeMs: number
  readonly bytes: number
}

export function createSpeedMeter(startMs: number): SpeedMeter {
  let lastMs = startMs
  let activeMs = 0
  let bytes = 0
  let silentMs = 0
  let anchor: Mark = { activeMs: 0, bytes: 0 }
  const marks: Mark[] = [anchor]
  return {
    sample: (nowMs, receivedBytes, held) => {
      const spanMs = Math.min(nowMs - lastMs, mostCountedMs)
      lastMs = nowMs
      const gained = receivedBytes > bytes
      bytes = receivedBytes
      silentMs = gained || held ? 0 : silentMs + spanMs
      if (held) return
      activeMs += spanMs
      marks.push({ activeMs, bytes })
      while (marks.length > 2 && activeMs - (marks[1]?.activeMs ?? 0) >= recentMs) marks.shift()
    },
    forgive: (nowMs, graceMs) => {
      lastMs = nowMs
      silentMs = graceMs
    },
    get silentMs() {
      return silentMs
    },
    get recentSpeed() {
      const first = marks[0] ?? anchor
      const spanMs = activeMs - first.activeMs
      return spanMs < leastSpanMs ? undefined : ((bytes - first.bytes) * 1000) / spanMs
    },
    get isSettled() {
      return activeMs >= recentMs
    },
    slowSince: (windowMs) => {
      if (activeMs - anchor.activeMs < windowMs) return undefined
      const speed = ((bytes - anchor.bytes) * 1000) / (activeMs - anchor.activeMs)
      anchor = { activeMs, bytes }
      return speed
    },
  }
}
