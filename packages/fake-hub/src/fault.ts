/** What goes wrong with an answer. Byte counts are of the response body at hand, not of the file. */
export type Fault =
  /** Answers this instead. */
  | {
      readonly kind: 'status'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string
    }
  /** Waits before the answer begins. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** Limits this connection; others have their own allowance. */
  | { readonly kind: 'rate'; readonly bytesPerSecond: number }
  /** Sends so much and then nothing more, the connection open. */
  | { readonly kind: 'stall'; readonly afterBytes: number }
  /** Sends at full speed up to `afterBytes` (@default 0), then at a trickle. */
  | { readonly kind: 'drip'; readonly bytesPerSecond: number; readonly afterBytes?: number }
  /** Sends so much and then a TCP reset. */
  | { readonly kind: 'reset'; readonly afterBytes: number }
  /** The last `bytes` bytes are missing. Content-Length tells the full length unless `declared` (@default false). */
  | { readonly kind: 'short'; readonly bytes: number; readonly declared?: boolean }
  /** So many bytes follow that are not the file's. Content-Length counts them unless `declared` is false (@default true). */
  | { readonly kind: 'long'; readonly bytes: number; readonly declared?: boolean }
  /** One bit of this byte is wrong. */
  | { readonly kind: 'flip'; readonly atByte: number }
  /** Answers 200 with the whole file whatever range was asked. */
  | { readonly kind: 'ignoreRange' }
  /** Sends a range that starts `by` bytes later. Content-Range tells so unless `lie` (@default false). */
  | { readonly kind: 'shiftRange'; readonly by: number; readonly lie?: boolean }
  /** A login page with status 200. */
  | { readonly kind: 'html' }
  /** Leaves these response headers out. Without Content-Length the body is chunked. */
  | { readonly kind: 'dropHeaders'; readonly names: readonly string[] }
  /** Sends the body gzip-encoded, without Content-Length. */
  | { readonly kind: 'gzip' }
  /** On a signed data URL: refuses it as expired. On a resolve URL: hands out one that has expired already. */
  | { readonly kind: 'expireUrl' }
  /** Redirects to this URL, verbatim. `{url}` stands for the request's own URL, for loops. Its status is 302 unless told otherwise. */
  | { readonly kind: 'redirect'; readonly to: string; readonly status?: number }
  /** Closes the socket before an answer. */
  | { readonly kind: 'refuse' }
  /** Sends the status line at once and each header line only after so many milliseconds more. */
  | { readonly kind: 'slowHeaders'; readonly ms: number }
  /** Sets these response headers, verbatim. */
  | { readonly kind: 'setHeaders'; readonly headers: Readonly<Record<string, string>> }

/** Which requests a fault hits. What is left out matches everything. */
export interface FaultTarget {
  /** A text that the path or query holds (decoded), or a pattern for one of both. Data URLs match by file path too. */
  readonly path?: RegExp | string
  readonly host?: 'hub' | 'cdn'
  readonly method?: string
  /** Requests with a Range header, or without one. */
  readonly range?: 'any' | 'none'
}

/** A fault, and the requests that it hits. */
export interface FaultRule {
  /** @default every request */
  readonly on?: FaultTarget
  /** How many matching requests are hit. @default for ever */
  readonly times?: number
  /** How many matching requests pass before. @default 0 */
  readonly skip?: number
  readonly fault: Fault
}

/** A rule in force. */
export interface ActiveFault {
  /** Requests hit so far. */
  readonly hits: number
  /** Takes the rule out of force. */
  remove(): void
}

/** What a rule is matched against. */
export interface FaultSubject {
  readonly method: string
  readonly host: 'hub' | 'cdn'
  readonly range: string | undefined
  /** Decoded path; path with query; repository path of the file where the URL tells. */
  readonly texts: readonly string[]
}

export interface FaultList {
  /** @throws RangeError when a number of the rule makes no sense */
  add(rule: FaultRule): ActiveFault
  /** The faults that hit this request, in the order of their adding; counts them. */
  take(subject: FaultSubject): readonly Fault[]
  clear(): void
}

export function createFaultList(): FaultList {
  const rules = new Set<{ readonly rule: FaultRule; seen: number; hits: number }>()
  return {
    add(rule) {
      checkRule(rule)
      const entry = { rule, seen: 0, hits: 0 }
      rules.add(entry)
      return {
        get hits() {
          return entry.hits
        },
        remove: () => void rules.delete(entry),
      }
    },
    take(subject) {
      const hit: Fault[] = []
      for (const entry of rules) {
        const { on = {}, skip = 0, times = Infinity, fault } = entry.rule
        if (!matches(on, subject)) continue
        entry.seen++
        if (entry.seen <= skip || entry.hits >= times) continue
        entry.hits++
        hit.push(fault)
      }
      return hit
    },
    clear: () => rules.clear(),
  }
}

/** The first fault of a kind. */
export function findFault<K extends Fault['kind']>(
  faults: readonly Fault[],
  kind: K,
): Extract<Fault, { kind: K }> | undefined {
  return faults.find((fault): fault is Extract<Fault, { kind: K }> => fault.kind === kind)
}

function matches(on: FaultTarget, subject: FaultSubject): boolean {
  if (on.host !== undefined && on.host !== subject.host) return false
  if (on.method !== undefined && on.method.toUpperCase() !== subject.method) return false
  if (on.range !== undefined && (on.range === 'any') !== (subject.range !== undefined)) return false
  const { path } = on
  if (path === undefined) return true
  if (typeof path === 'string') return subject.texts.some((text) => text.includes(path))
  // A global or sticky pattern remembers where it stopped; `search` does not.
  return subject.texts.some((text) => text.search(path) >= 0)
}

function checkRule(rule: FaultRule): void {
  const numbers: [string, number][] = Object.entries(rule.fault).flatMap(([name, value]) =>
    typeof value === 'number' ? [[name, value]] : [],
  )
  numbers.push(['times', rule.times ?? 0], ['skip', rule.skip ?? 0])
  for (const [name, value] of numbers) {
    const [least, most] = limits[name] ?? [0, Infinity]
    if (!(value >= least && value <= most))
      throw new RangeError(`${name} of a ${rule.fault.kind} fault cannot be ${value}`)
  }
}

const limits: Readonly<Record<string, readonly [number, number]>> = {
  status: [200, 599],
  bytesPerSecond: [Number.MIN_VALUE, Infinity],
  by: [-Infinity, Infinity],
}
