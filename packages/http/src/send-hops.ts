import type { RequestBucket, StepOptions } from '@hfx/core'
import { type Credentials, headersForHop } from './authorize.ts'
import { boundTime } from './bound-time.ts'
import { checkAllowed, type Hop, nextHop } from './follow.ts'
import type { Decoder } from './collect-body.ts'
import type { ResolvedHttpOptions } from './options.ts'
import type { RateGate } from './rate-gate.ts'
import type { StartReport } from './report.ts'
import type { BodyTaker, Wire, WireHead, WireRequest } from './wire.ts'

export interface SendDeps {
  readonly options: ResolvedHttpOptions
  readonly wire: Wire
  readonly gate: RateGate
  readonly decoders: ReadonlyMap<string, Decoder>
  readonly startReport: StartReport
}

export interface Sending {
  readonly method: WireRequest['method']
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly fresh: boolean
  readonly redirect: 'follow' | 'same-origin' | 'none'
  readonly credentials: Credentials
  readonly attempt: number
  /** Longest time for each exchange of the chain, in milliseconds; the wait at the gate does not count. @default none */
  readonly limitMs?: number
  /** What the request has waited so far, over all of its attempts; waits at the gate are added. */
  readonly waiting: { waitedMs: number }
  readonly step: StepOptions
}

/** The answer that ends a chain of redirects. */
export interface Arrival {
  readonly url: URL
  readonly head: WireHead
}

/** Most bytes of a redirect's body that are read to keep its connection. */
const maxRedirectBody = 64 * 1024

/** Sends a request and follows redirects as far as it says. `onArrival` takes the body of the last answer. */
export async function sendHops(
  deps: SendDeps,
  sending: Sending,
  onArrival: (arrival: Arrival) => BodyTaker,
): Promise<Arrival> {
  let hop: Hop = { url: sending.url, trusted: sending.url.origin === deps.options.endpoint.origin }
  let turned = false
  checkAllowed(deps.options, hop.url)
  for (let hops = 0; ; hops++) {
    const from = hop
    let next: Hop | undefined
    let arrival: Arrival | undefined
    await sendOne(deps, { sending: withMethod(sending, turned), hop: from }, (head) => {
      next = wanted(deps, sending, { from, head, hops })
      turned ||= next !== undefined && [301, 302, 303].includes(head.status)
      if (next) return discard()
      arrival = { url: head.url ?? from.url, head }
      return onArrival(arrival)
    })
    if (arrival) return arrival
    if (next) hop = next
  }
}

/** A 303, and by custom a 301 or 302, turns a POST into a GET; 307 and 308 keep it. */
function withMethod(sending: Sending, turned: boolean): Sending {
  if (!turned || sending.method !== 'POST') return sending
  const { body, ...rest } = sending
  return { ...rest, method: 'GET' }
}

function wanted(
  deps: SendDeps,
  sending: Sending,
  answer: { readonly from: Hop; readonly head: WireHead; readonly hops: number },
): Hop | undefined {
  if (sending.redirect === 'none') return undefined
  const next = nextHop(deps.options, answer.from, { ...answer.head, hops: answer.hops })
  if (sending.redirect === 'same-origin' && next && next.url.origin !== answer.from.url.origin)
    return undefined
  return next
}

function discard(): BodyTaker {
  let received = 0
  return (chunk) => {
    received += chunk.length
    return received > maxRedirectBody ? 'enough' : 'more'
  }
}

async function sendOne(
  deps: SendDeps,
  leg: { readonly sending: Sending; readonly hop: Hop },
  onHead: (head: WireHead) => BodyTaker,
): Promise<void> {
  const { sending, hop } = leg
  const { step } = sending
  const bucket = bucketOf(deps.options.endpoint, hop.url)
  const patienceMs = Math.max(0, deps.options.retry.maxWaitMs - sending.waiting.waitedMs)
  const waitedMs = await deps.gate.enter({ url: hop.url, bucket, options: step, patienceMs })
  sending.waiting.waitedMs += waitedMs
  const bound = boundTime(hop.url, sending.limitMs, step.signal)
  const report = deps.startReport({ sending, hop, bucket })
  const request: WireRequest = {
    method: sending.method,
    url: hop.url,
    headers: headersForHop(sending, { trusted: hop.trusted, credentials: sending.credentials }),
    fresh: sending.fresh,
    follow: sending.redirect === 'follow',
    ...(sending.body === undefined ? {} : { body: sending.body }),
    ...(bound.signal ? { signal: bound.signal } : {}),
  }
  try {
    await deps.wire.exchange(request, (head) => {
      report?.onHead(head)
      deps.gate.learn({ url: hop.url, bucket }, head)
      const take = onHead(head)
      return report ? report.count(take) : take
    })
    report?.end()
  } catch (error) {
    const named = bound.name(error)
    report?.end(named)
    throw named
  } finally {
    bound.leave()
  }
}

/** Which of the Hub's counters a request falls into; another host's is its own. */
export function bucketOf(endpoint: URL, url: URL): RequestBucket {
  if (url.origin !== endpoint.origin) return 'data'
  const path = url.pathname.slice(endpoint.pathname.replace(/\/$/, '').length)
  if (path.startsWith('/api/resolve-cache/') || path.includes('/resolve/')) return 'resolvers'
  return path.startsWith('/api/') ? 'api' : 'pages'
}
