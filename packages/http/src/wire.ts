/** One request as it goes onto the wire: everything is decided, nothing is followed or repeated. */
export interface WireRequest {
  readonly method: 'GET' | 'HEAD' | 'POST'
  readonly url: URL
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Use a connection that has not served before. */
  readonly fresh: boolean
  /** Every redirect is wanted followed: a wire that is not shown them may follow by itself. */
  readonly follow: boolean
  readonly signal?: AbortSignal
}

export interface WireHead {
  readonly status: number
  /** Lower-case names; repeated headers joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
  /** Where the answer came from, when the wire has followed redirects by itself. @default the request's URL */
  readonly url?: URL
  /** Takes a chunk's memory back when its bytes are no longer needed; a taker need not call it. */
  readonly release?: (chunk: Uint8Array) => void
}

/** What the reader of a body wants next: go on, hold the socket until `resume`, or no more of it. */
export type Appetite = 'more' | 'pause' | 'enough'

/** Takes the bytes of a body in order. No chunk is ever written again, unless the taker releases it. */
export type BodyTaker = (chunk: Uint8Array, resume: () => void) => Appetite

/**
 * Puts requests onto connections. The head's callback says who takes the body; what it or the taker throws ends
 * the exchange and is what it rejects with. Resolves when the body has ended whole, or the taker had enough.
 * Rejects with an `HttpError` for trouble on the way, and with the signal's reason when aborted.
 */
export interface Wire {
  exchange(request: WireRequest, onHead: (head: WireHead) => BodyTaker): Promise<void>
  /** Ends all connections, running ones too. */
  close(): Promise<void>
}
