import { type ChunkedReader, createChunkedReader } from './read-chunked.ts'
import { parseHead, type ParsedHead } from './parse-head.ts'
import type { BodyTaker, WireHead } from './wire.ts'
import { WireError } from './wire-error.ts'

/** What the bytes so far have come to. */
export interface AnswerProgress {
  /** The taker wants the connection held. */
  readonly hold: boolean
  /** `whole`: the answer has ended; `enough`: the taker wants no more of it. */
  readonly end?: 'whole' | 'enough'
}

/** Reads one answer, however its bytes are cut. */
export interface AnswerReader {
  /** @throws WireError for what is no HTTP, and whatever `onHead` and the taker throw */
  read(bytes: Uint8Array): AnswerProgress
  /** The connection has ended. @throws WireError when that is not how this answer ends */
  readEnd(): void
  /** Some byte of an answer has come. */
  readonly begun: boolean
  /** The head of the final answer is here. */
  readonly hasHead: boolean
  /** Bytes of the body still to come, as far as that is known. */
  readonly expectedBytes: number
  /** The connection may serve again: the server keeps it and sent nothing beyond the answer. */
  readonly isReusable: boolean
}

export interface AnswerReaderOptions {
  readonly method: string
  readonly maxHeaderBytes: number
  readonly onHead: (head: WireHead) => BodyTaker
  /** Called before the taker gets a chunk of the body. */
  readonly onContent: () => void
  /** Given to the taker. */
  readonly resume: () => void
  /** Given with the head: how a taker gives a chunk back. */
  readonly release: (chunk: Uint8Array) => void
}

interface AnswerState {
  readonly options: AnswerReaderOptions
  begun: boolean
  /** The head as far as it has come. */
  early: Buffer
  head: ParsedHead | undefined
  take: BodyTaker
  leftBytes: number
  chunks: ChunkedReader | undefined
  isReusable: boolean
}

const headEnd = Buffer.from('\r\n\r\n')
const protocol = 'HTTP/1.'
const nothing = Buffer.alloc(0)

export function createAnswerReader(options: AnswerReaderOptions): AnswerReader {
  const state: AnswerState = {
    options,
    begun: false,
    early: nothing,
    head: undefined,
    take: () => 'enough',
    leftBytes: 0,
    chunks: undefined,
    isReusable: false,
  }
  return {
    read(bytes) {
      state.begun = true
      return state.head ? readBody(state, state.head, bytes) : readHead(state, bytes)
    },
    readEnd() {
      if (state.head?.body.kind === 'until-close') return
      throw new WireError('WIRE_BROKEN', 'the other side closed the connection')
    },
    get begun() {
      return state.begun
    },
    get hasHead() {
      return state.head !== undefined
    },
    get expectedBytes() {
      return state.leftBytes
    },
    get isReusable() {
      return state.isReusable
    },
  }
}

function readHead(state: AnswerState, bytes: Uint8Array): AnswerProgress {
  const { maxHeaderBytes, method } = state.options
  const text =
    state.early.length === 0
      ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      : Buffer.concat([state.early, bytes])
  // What is no HTTP is named at once, not when it ends.
  if (!protocol.startsWith(text.toString('latin1', 0, protocol.length)))
    throw new WireError('WIRE_NOT_HTTP', 'the answer has no status line')
  const end = text.indexOf(headEnd)
  if ((end === -1 ? text.length : end) > maxHeaderBytes)
    throw new WireError('WIRE_HEADERS_OVERFLOW', 'the header is too large')
  if (end === -1) {
    state.early = Buffer.from(text)
    return { hold: false }
  }
  state.early = nothing
  const head = parseHead(text.toString('latin1', 0, end), method)
  const rest = text.subarray(end + headEnd.length)
  if (head.status === 101) throw new WireError('WIRE_NOT_HTTP', 'the answer changes protocol')
  if (head.status >= 200) return startBody(state, head, rest)
  return rest.length > 0 ? readHead(state, rest) : { hold: false }
}

function startBody(state: AnswerState, head: ParsedHead, rest: Uint8Array): AnswerProgress {
  const { onHead, release } = state.options
  state.head = head
  state.take = onHead({ status: head.status, headers: head.headers, release })
  if (head.body.kind === 'length') state.leftBytes = head.body.bytes
  if (head.body.kind === 'chunked') state.chunks = createChunkedReader()
  if (head.body.kind === 'none') return finish(state, rest.length)
  return rest.length > 0 ? readBody(state, head, rest) : { hold: false }
}

function readBody(state: AnswerState, head: ParsedHead, bytes: Uint8Array): AnswerProgress {
  if (state.chunks) return readChunks(state, state.chunks, bytes)
  if (head.body.kind === 'until-close') return hand(state, bytes)
  const content = bytes.length <= state.leftBytes ? bytes : bytes.subarray(0, state.leftBytes)
  state.leftBytes -= content.length
  const progress = hand(state, content)
  if (state.leftBytes > 0 || progress.end) return progress
  return { ...finish(state, bytes.length - content.length), hold: progress.hold }
}

function readChunks(state: AnswerState, chunks: ChunkedReader, bytes: Uint8Array): AnswerProgress {
  let hold = false
  let isEnough = false
  const used = chunks.read(bytes, (content) => {
    if (isEnough) return
    const progress = hand(state, content)
    hold ||= progress.hold
    isEnough = progress.end === 'enough'
  })
  if (isEnough) return { hold: false, end: 'enough' }
  return chunks.done ? { ...finish(state, bytes.length - used), hold } : { hold }
}

function hand(state: AnswerState, content: Uint8Array): AnswerProgress {
  state.options.onContent()
  const appetite = state.take(content, state.options.resume)
  return appetite === 'enough' ? { hold: false, end: 'enough' } : { hold: appetite === 'pause' }
}

/** A server that sends more than its answer cannot be trusted with another request on this connection. */
function finish(state: AnswerState, beyondBytes: number): AnswerProgress {
  state.isReusable = beyondBytes === 0 && state.head?.keepsAlive === true
  return { hold: false, end: 'whole' }
}
