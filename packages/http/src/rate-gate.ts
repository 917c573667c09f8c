import {
  type Clock,
  HttpError,
  type RandomSource,
  redactUrl,
  type RequestBucket,
  type StepOptions,
} from '@hfx/core'
import { readRateLimit, readRetryAfter } from './retry-after.ts'

export interface GateVisit {
  readonly url: URL
  readonly bucket: RequestBucket
  readonly options: StepOptions
  /** Longest wait that is accepted, in milliseconds. */
  readonly patienceMs: number
}

/** One door for each host and bucket, shared by every request of a client. */
export interface RateGate {
  /**
   * Resolves when this request may go, with the milliseconds that it waited. Rejects with `HUB_RATE_LIMITED` when that
   * would pass its patience.
   */
  enter(visit: GateVisit): Promise<number>
  /** Learns from an answer: a 429 or an empty window shuts the door until it opens again; a low one spaces requests. */
  learn(
    visit: Pick<GateVisit, 'url' | 'bucket'>,
    answer: { readonly status: number; readonly headers: Readonly<Record<string, string>> },
  ): void
}

interface Door {
  /** Requests that our own window allows. */
  readonly most: number
  opensAtMs: number
  /** Requests that wait for it to open. */
  waiting: number
  /** Milliseconds between requests while the window runs low; 0 for none. */
  spacingMs: number
  spacedUntilMs: number
  nextSlotMs: number
  /** When the requests of the own window went out. */
  readonly sentAtMs: number[]
}

/** The Hub counts in windows of five minutes (docs: hub/rate-limits). */
const windowMs = 300_000
/** Below this part of the window's requests they are spaced, so that the window is not run empty. */
const lowPart = 0.05

/** Those who waited for a door pass it one by one: about this many milliseconds apart, all within the limit. */
const spreadMs = { each: 50, most: 5_000 } as const

export function createRateGate(
  deps: { readonly clock: Clock; readonly random: RandomSource },
  options: { readonly maxRequestsPerWindow: number },
): RateGate {
  const { clock, random } = deps
  const doors = new Map<string, Door>()

  function doorOf(visit: Pick<GateVisit, 'url' | 'bucket'>): Door {
    const key = `${visit.url.host} ${visit.bucket}`
    const most = visit.bucket === 'data' ? Infinity : options.maxRequestsPerWindow
    const door = doors.get(key) ?? createDoor(most)
    doors.set(key, door)
    return door
  }

  return {
    async enter(visit) {
      const door = doorOf(visit)
      let waitedMs = 0
      for (;;) {
        const now = clock.now()
        const shutMs = door.opensAtMs - now
        const waitMs = shutMs > 0 ? shutMs + spread(door, random) : claim(door, now)
        if (waitMs <= 0) return waitedMs
        if (waitedMs + waitMs > visit.patienceMs) throw tooLong(visit, waitMs)
        waitedMs += waitMs
        tellWait(visit, waitMs)
        door.waiting += 1
        try {
          await clock.sleep(waitMs, visit.options.signal)
        } finally {
          door.waiting -= 1
        }
      }
    },
    learn(visit, answer) {
      const now = clock.now()
      learn(doorOf(visit), answer, now)
      if (answer.status !== 429) return
      // Who is told to wait at one of a host's counters does not knock at the next.
      const buckets = visit.bucket === 'data' ? (['data'] as const) : hubBuckets
      const waitMs = readRetryAfter(answer.headers, now) ?? noHintWaitMs
      for (const bucket of buckets) {
        const door = doorOf({ url: visit.url, bucket })
        door.opensAtMs = Math.max(door.opensAtMs, now + waitMs)
      }
    },
  }
}

const hubBuckets = ['api', 'resolvers', 'pages'] as const
/** How long a host is left alone after a 429 that names no time, in milliseconds. */
const noHintWaitMs = 1_000

function createDoor(most: number): Door {
  const spacing = { spacingMs: 0, spacedUntilMs: 0, nextSlotMs: 0 }
  return { most, opensAtMs: 0, waiting: 0, ...spacing, sentAtMs: [] }
}

/** How long after the opening one more passes: the first with it, the others as far apart as there are many. */
function spread(door: Door, random: RandomSource): number {
  return random() * Math.min(spreadMs.most, door.waiting * spreadMs.each)
}

function tellWait({ url, bucket, options }: GateVisit, waitMs: number): void {
  options.emit?.({ type: 'request:wait', host: url.host, bucket, waitMs, reason: 'rate-limit' })
}

/** Milliseconds until a request may go; claims its slot when that is now. */
function claim(door: Door, now: number): number {
  const own = ownWindowWait(door, now)
  if (own > 0) return own
  if (now < door.spacedUntilMs && door.spacingMs > 0) {
    if (door.nextSlotMs > now) return door.nextSlotMs - now
    door.nextSlotMs = now + door.spacingMs
  }
  if (door.most !== Infinity) door.sentAtMs.push(now)
  return 0
}

function ownWindowWait(door: Door, now: number): number {
  while ((door.sentAtMs[0] ?? now) <= now - windowMs) door.sentAtMs.shift()
  const oldest = door.sentAtMs[0]
  return door.sentAtMs.length >= door.most && oldest !== undefined ? oldest + windowMs - now : 0
}

function learn(door: Door, answer: Parameters<RateGate['learn']>[1], now: number): void {
  const limit = readRateLimit(answer.headers)
  if (limit?.remaining === 0) {
    door.opensAtMs = Math.max(door.opensAtMs, now + limit.resetMs)
  }
  if (!limit) return
  const low =
    limit.quota !== undefined && limit.remaining > 0 && limit.remaining < limit.quota * lowPart
  door.spacingMs = low ? limit.resetMs / limit.remaining : 0
  door.spacedUntilMs = low ? now + limit.resetMs : 0
}

function tooLong(visit: GateVisit, waitMs: number): HttpError {
  return new HttpError({
    code: 'HUB_RATE_LIMITED',
    message: `${visit.url.host} takes no more requests for ${Math.ceil(waitMs / 1000)} s`,
    hint: 'Run it again later; with a token the limits are higher (hfx auth login).',
    url: redactUrl(visit.url),
    status: 429,
    retryAfterMs: waitMs,
    retryable: true,
  })
}
