/** One request as it was seen. Secrets are marked, never kept. */
export interface LoggedRequest {
  readonly method: string
  /** Absolute URL; a signature in it reads `<signature>`. */
  readonly url: string
  /** Path as sent, without the query. */
  readonly path: string
  readonly host: 'hub' | 'cdn'
  readonly range: string | undefined
  /** Lower-case names. `authorization` reads `<token:ada>`, or `<token:unknown>` when nobody has it. */
  readonly headers: Readonly<Record<string, string>>
  /** Repository path of the file this was about. */
  readonly file: string | undefined
  /** 0 while there is no answer yet, and for ever when there was none. */
  readonly status: number
  /** Bytes of the body handed to the socket. */
  readonly sentBytes: number
  /** Same number, same TCP connection. */
  readonly connectionId: number
  /** Milliseconds since the epoch, of the hub's clock. */
  readonly atMs: number
  /** True when the connection ended before the answer was complete, whoever ended it. */
  readonly aborted: boolean
  /** True when the answer is complete or the connection gone. */
  readonly ended: boolean
  /** When that was, in milliseconds since the epoch; undefined until then. */
  readonly endedAtMs: number | undefined
}

/** The same while it is being written. */
export type OpenRequest = { -readonly [K in keyof LoggedRequest]: LoggedRequest[K] }

export interface RequestLog {
  readonly entries: readonly LoggedRequest[]
  open(entry: OpenRequest): void
  close(entry: OpenRequest, atMs: number): void
  /** Requests since the start, forgotten ones included. */
  total(): number
  /** Forgets the requests and the high-water marks. */
  clear(): void
  /** The most requests that were open at the same moment. */
  maxConcurrent(host?: 'hub' | 'cdn'): number
}

/** Keeps the last `limit` requests. */
export function createRequestLog(limit: number): RequestLog {
  const entries: OpenRequest[] = []
  const open = new Set<OpenRequest>()
  const marks = { hub: 0, cdn: 0, all: 0 }
  let total = 0
  const raiseMarks = (): void => {
    const cdn = [...open].filter((entry) => entry.host === 'cdn').length
    marks.cdn = Math.max(marks.cdn, cdn)
    marks.hub = Math.max(marks.hub, open.size - cdn)
    marks.all = Math.max(marks.all, open.size)
  }
  return {
    entries,
    open(entry) {
      total++
      entries.push(entry)
      if (entries.length > limit) entries.shift()
      open.add(entry)
      raiseMarks()
    },
    close(entry, atMs) {
      entry.ended = true
      entry.endedAtMs = atMs
      open.delete(entry)
    },
    clear() {
      entries.length = 0
      marks.hub = marks.cdn = marks.all = 0
      raiseMarks()
    },
    total: () => total,
    maxConcurrent: (host) => marks[host ?? 'all'],
  }
}

/** Headers as the log keeps them. */
export function markSecrets(
  headers: Readonly<Record<string, string>>,
  nameOf: (token: string) => string | undefined,
): Record<string, string> {
  const marked: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) marked[name] = value
  const authorization = headers['authorization']
  if (authorization !== undefined) {
    const token = authorization.replace(/^bearer\s+/i, '')
    marked['authorization'] = `<token:${nameOf(token) ?? 'unknown'}>`
  }
  for (const name of ['cookie', 'proxy-authorization'])
    if (name in marked) marked[name] = '<redacted>'
  return marked
}

/** The URL without the signature of a signed one. */
export function markSignature(url: string): string {
  return url.replace(/([?&]Signature=)[^&]*/g, '$1<signature>')
}
