/** Trouble on our own sockets, by what happened; the words for people are in `error-from-network.ts`. */
export type WireErrorCode =
  | 'WIRE_CONNECT_TIMEOUT'
  | 'WIRE_TLS_TIMEOUT'
  | 'WIRE_HEADERS_TIMEOUT'
  | 'WIRE_BODY_TIMEOUT'
  | 'WIRE_HEADERS_OVERFLOW'
  | 'WIRE_NOT_HTTP'
  | 'WIRE_BROKEN'

export class WireError extends Error {
  readonly code: WireErrorCode

  constructor(code: WireErrorCode, message: string) {
    super(message)
    this.name = 'WireError'
    this.code = code
  }
}
