import { WireError } from './wire-error.ts'

/** Takes the bytes of a chunked body apart (RFC 9112, 7.1). Trailers are read and thrown away. */
export interface ChunkedReader {
  /** Hands out what is content; answers how many of the bytes belonged to the body. @throws WireError */
  read(bytes: Uint8Array, take: (content: Uint8Array) => void): number
  readonly done: boolean
}

/** A size line with extensions, or one trailer. */
const maxLineBytes = 4096
/** All trailers together. */
const maxTrailerBytes = 16_384
const sizeLine = /^([\da-f]{1,12})[ \t]*(?:;[^\r\n]*)?$/i

interface ChunkState {
  at: 'size' | 'content' | 'break' | 'trailer' | 'done'
  line: string
  left: number
  trailerBytes: number
}

export function createChunkedReader(): ChunkedReader {
  const state: ChunkState = { at: 'size', line: '', left: 0, trailerBytes: 0 }
  return {
    get done() {
      return state.at === 'done'
    },
    read(bytes, take) {
      let at = 0
      while (at < bytes.length && state.at !== 'done') {
        if (state.at === 'content') {
          const content = bytes.subarray(at, at + state.left)
          at += content.length
          state.left -= content.length
          if (state.left === 0) state.at = 'break'
          take(content)
        } else {
          takeByte(state, bytes[at] ?? 0)
          at += 1
        }
      }
      return at
    },
  }
}

function takeByte(state: ChunkState, byte: number): void {
  state.line += String.fromCharCode(byte)
  if (state.line.length > maxLineBytes) throw broken()
  if (!state.line.endsWith('\r\n')) return
  const text = state.line.slice(0, -2)
  state.line = ''
  if (state.at === 'size') startChunk(state, text)
  else if (state.at === 'break') endChunk(state, text)
  else endTrailer(state, text)
}

function startChunk(state: ChunkState, text: string): void {
  const size = sizeLine.exec(text)?.[1]
  if (size === undefined) throw broken()
  state.left = Number.parseInt(size, 16)
  state.at = state.left === 0 ? 'trailer' : 'content'
}

function endChunk(state: ChunkState, text: string): void {
  if (text !== '') throw broken()
  state.at = 'size'
}

function endTrailer(state: ChunkState, text: string): void {
  state.trailerBytes += text.length + 2
  if (state.trailerBytes > maxTrailerBytes) throw broken()
  if (text === '') state.at = 'done'
}

function broken(): WireError {
  return new WireError('WIRE_NOT_HTTP', 'the answer has a broken chunk')
}
