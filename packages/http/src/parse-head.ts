import type { WireHead } from './wire.ts'
import { WireError } from './wire-error.ts'

/** The head of an answer, and how its body ends. */
export interface ParsedHead extends WireHead {
  readonly body: BodyFraming
  /** The server will take another request on this connection. */
  readonly keepsAlive: boolean
}

/** RFC 9112, 6.3: by a length, by chunks, or with the connection. */
export type BodyFraming =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'until-close' }

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [^\0\r\n]*)?$/
// The blanks before a value are trimmed, not matched: two parts that both take them would try each split of a long run.
const fieldLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([^\0\r\n]*)$/

/**
 * Reads a head, `text` up to but without the empty line. Strict: what two readers could read in two ways
 * (folded lines, bare line feeds, two lengths, a length beside chunks) is no HTTP.
 * @throws WireError
 */
export function parseHead(text: string, method: string): ParsedHead {
  const [first = '', ...lines] = text.split('\r\n')
  const [, minor, status] = statusLine.exec(first) ?? []
  if (status === undefined) throw notHttp('no status line')
  const head = { status: Number(status), headers: parseFields(lines) }
  const connection = (head.headers['connection'] ?? '').toLowerCase()
  return {
    ...head,
    body: hasBody(head.status, method) ? frameBody(head) : { kind: 'none' },
    keepsAlive: minor === '1' ? !/\bclose\b/.test(connection) : /\bkeep-alive\b/.test(connection),
  }
}

function parseFields(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const [, name, rest] = fieldLine.exec(line) ?? []
    if (name === undefined || rest === undefined) throw notHttp('a broken header line')
    const key = name.toLowerCase()
    const value = rest.trim()
    headers[key] = Object.hasOwn(headers, key) ? `${headers[key]}, ${value}` : value
  }
  return headers
}

function hasBody(status: number, method: string): boolean {
  return method !== 'HEAD' && status >= 200 && status !== 204 && status !== 304
}

function frameBody({ headers }: WireHead): BodyFraming {
  const coding = headers['transfer-encoding']
  const length = headers['content-length']
  if (coding !== undefined) {
    if (length !== undefined) throw notHttp('two lengths')
    if (coding.toLowerCase() !== 'chunked') throw notHttp('an unknown Transfer-Encoding')
    return { kind: 'chunked' }
  }
  if (length === undefined) return { kind: 'until-close' }
  if (!/^\d{1,15}$/.test(length)) throw notHttp('a broken Content-Length')
  return Number(length) === 0 ? { kind: 'none' } : { kind: 'length', bytes: Number(length) }
}

function notHttp(what: string): WireError {
  return new WireError('WIRE_NOT_HTTP', `the answer has ${what}`)
}
