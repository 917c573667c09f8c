import type { ResolvedTimeouts } from './options.ts'
import { type AnswerReader, createAnswerReader } from './read-answer.ts'
import type { BodyTaker, WireHead, WireRequest } from './wire.ts'
import { WireError } from './wire-error.ts'

export interface LeanLimits {
  readonly timeouts: ResolvedTimeouts
  readonly maxHeaderBytes: number
}

export interface LeanExchangeDeps {
  readonly limits: LeanLimits
  readonly onHead: (head: WireHead) => BodyTaker
  readonly onContent: () => void
  readonly release: (chunk: Uint8Array) => void
  /** Goes on reading the socket. */
  readonly resume: () => void
  /** Called once. Without an error the answer is here, or as much of it as was wanted. */
  readonly onOver: (outcome: { readonly error?: unknown; readonly isReusable: boolean }) => void
}

/** One request on a connection: its answer, its limits of time, its way to stop. */
export interface LeanExchange {
  /** Bytes of the body still to come, as far as that is known. */
  readonly expectedBytes: number
  /** Some byte of the answer has come. */
  readonly begun: boolean
  /** Takes what the socket has read. False: read no more until `resume`. */
  take(bytes: Uint8Array): boolean
  /** The connection has ended, or broke. */
  leave(error?: Error): void
}

interface ExchangeState {
  readonly deps: LeanExchangeDeps
  readonly reader: AnswerReader
  readonly stopListening: () => void
  timer: NodeJS.Timeout
  isTimingBody: boolean
  /** The taker wants the connection held. */
  held: boolean
  /** The taker has asked to go on since its last chunk. */
  resumed: boolean
  /** The answer has ended, though the taker may still want the connection held. */
  ended: boolean
  settled: boolean
}

export function createLeanExchange(request: WireRequest, deps: LeanExchangeDeps): LeanExchange {
  const { signal } = request
  const aborted = (): void => settle(state, { error: signal?.reason })
  const state: ExchangeState = {
    deps,
    reader: createAnswerReader({
      ...deps,
      method: request.method,
      maxHeaderBytes: deps.limits.maxHeaderBytes,
      resume: () => resume(state),
    }),
    stopListening: () => signal?.removeEventListener('abort', aborted),
    timer: setTimeout(
      () => settle(state, { error: new WireError('WIRE_HEADERS_TIMEOUT', 'no answer') }),
      deps.limits.timeouts.headersMs,
    ),
    isTimingBody: false,
    held: false,
    resumed: false,
    ended: false,
    settled: false,
  }
  signal?.addEventListener('abort', aborted, { once: true })
  return {
    get expectedBytes() {
      return state.reader.expectedBytes
    },
    get begun() {
      return state.reader.begun
    },
    take: (bytes) => take(state, bytes),
    leave: (error) => leave(state, error),
  }
}

function take(state: ExchangeState, bytes: Uint8Array): boolean {
  if (state.settled) return true
  state.resumed = false
  try {
    const progress = state.reader.read(bytes)
    // A taker may ask to go on before its call that asks to stop has come back.
    state.held = progress.hold && !state.resumed
    state.ended = progress.end !== undefined
    if (state.ended && !state.held) settle(state)
    else watchBody(state)
  } catch (error) {
    settle(state, { error })
  }
  return !state.held
}

function resume(state: ExchangeState): void {
  state.resumed = true
  if (!state.held || state.settled) return
  state.held = false
  state.timer.refresh()
  if (state.ended) settle(state)
  else state.deps.resume()
}

function leave(state: ExchangeState, error: Error | undefined): void {
  if (state.ended) return
  try {
    if (error) throw error
    state.reader.readEnd()
    settle(state)
  } catch (error_) {
    settle(state, { error: error_ })
  }
}

function watchBody(state: ExchangeState): void {
  // The taker itself may have ended the exchange: a timer that is set now would be nobody's.
  if (state.settled) return
  if (state.isTimingBody) {
    state.timer.refresh()
  } else if (state.reader.hasHead) {
    state.isTimingBody = true
    clearTimeout(state.timer)
    state.timer = setTimeout(() => endSilence(state), state.deps.limits.timeouts.idleMs)
  }
}

/** A connection that the taker holds is not silent. */
function endSilence(state: ExchangeState): void {
  if (state.held) state.timer.refresh()
  else settle(state, { error: new WireError('WIRE_BODY_TIMEOUT', 'silence inside the answer') })
}

function settle(state: ExchangeState, failure?: { readonly error: unknown }): void {
  if (state.settled) return
  state.settled = true
  clearTimeout(state.timer)
  state.stopListening()
  state.deps.onOver({ ...failure, isReusable: !failure && state.reader.isReusable })
}
