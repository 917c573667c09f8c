import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAnswerReader } from '../src/read-answer.ts'
import type { WireHead } from '../src/wire.ts'

interface Reading {
  head?: WireHead
  body: string
  end?: string
  reusable: boolean
  expectedAfterHead?: number
}

/** Reads an answer that comes in these pieces. */
function read(pieces: readonly Buffer[], method = 'GET', maxHeaderBytes = 65_536): Reading {
  const seen: Reading = { body: '', reusable: false }
  const reader = createAnswerReader({
    method,
    maxHeaderBytes,
    onHead(head) {
      seen.head = head
      return (chunk) => {
        seen.body += Buffer.from(chunk).toString('latin1')
        return 'more'
      }
    },
    onContent: () => {},
    resume: () => {},
    release: () => {},
  })
  for (const piece of pieces) {
    const { end } = reader.read(piece)
    if (end !== undefined) seen.end = end
  }
  seen.reusable = reader.isReusable
  return seen
}

function readText(text: string, method?: string): Reading {
  return read([Buffer.from(text, 'latin1')], method)
}

const plain =
  'HTTP/1.1 206 Partial Content\r\nContent-Length: 11\r\nX-A: 1\r\nx-a: 2\r\n\r\nhello world'
const chunked =
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: x\r\n\r\n'

describe('an answer', () => {
  it.each([plain, chunked])('is the same however its bytes are cut', (text) => {
    const bytes = Buffer.from(text, 'latin1')
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
        const pieces = at.slice(1).map((end, index) => bytes.subarray(at[index], end))
        const seen = read(pieces.filter((piece) => piece.length > 0))
        expect(seen).toMatchObject({ body: 'hello world', end: 'whole', reusable: true })
      }),
      { numRuns: 200 },
    )
  })

  it('joins repeated headers, and lower-cases names', () => {
    expect(readText(plain).head).toMatchObject({
      status: 206,
      headers: { 'content-length': '11', 'x-a': '1, 2' },
    })
  })

  it.each([
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n'],
    ['GET', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ])('%s: has no body where HTTP says so', (method, text) => {
    expect(readText(text, method)).toMatchObject({ body: '', end: 'whole', reusable: true })
  })

  it('leaves a connection alone that brought more than the answer, or is about to close', () => {
    expect(readText(`${plain}HTTP/1.1 200`)).toMatchObject({ body: 'hello world', reusable: false })
    const closing = plain.replace('X-A: 1', 'Connection: close')
    expect(readText(closing)).toMatchObject({ end: 'whole', reusable: false })
    expect(readText(plain.replace('1.1', '1.0'))).toMatchObject({ end: 'whole', reusable: false })
  })

  it('hands nothing more to a taker that has enough, whatever else has come', () => {
    let taken = 0
    const reader = createAnswerReader({
      method: 'GET',
      maxHeaderBytes: 1000,
      onHead: () => () => {
        taken += 1
        return 'enough'
      },
      onContent: () => {},
      resume: () => {},
      release: () => {},
    })
    expect(reader.read(Buffer.from(chunked, 'latin1'))).toEqual({ hold: false, end: 'enough' })
    expect(taken).toBe(1)
  })

  it('without a length ends with the connection, and only then', () => {
    expect(readText('HTTP/1.1 200 OK\r\n\r\nabc')).toMatchObject({ body: 'abc', reusable: false })
    expect(readText('HTTP/1.1 200 OK\r\n\r\nabc').end).toBeUndefined()
  })
})

describe('what two readers could read in two ways is no HTTP', () => {
  const head = 'HTTP/1.1 200 OK\r\n'
  it.each([
    ['SSH-2.0', 'another protocol'],
    ['HTTP/2 200\r\n\r\n', 'another version'],
    ['HTTP/1.1 99 OK\r\n\r\n', 'no status'],
    [`${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\n`, 'two lengths'],
    [`${head}Content-Length: +5\r\n\r\n`, 'a signed length'],
    [`${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`, 'a length beside chunks'],
    [`${head}Transfer-Encoding: gzip, chunked\r\n\r\n`, 'another coding'],
    [`${head}X: 1\r\n folded\r\n\r\n`, 'a folded line'],
    [`${head}X: 1\nY: 2\r\n\r\n`, 'a bare line feed'],
    [`${head}X : 1\r\n\r\n`, 'a space before the colon'],
    [`HTTP/1.1 101 Switching Protocols\r\n\r\n`, 'a change of protocol'],
    [`${head}Transfer-Encoding: chunked\r\n\r\n5\nhello`, 'a size line that never ends well'],
    [`${head}Transfer-Encoding: chunked\r\n\r\n-5\r\n`, 'a negative chunk'],
    [`${head}Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n`, 'a chunk longer than it says'],
  ])('%j: %s', (text) => {
    const filler = 'x'.repeat(5000)
    expect(() => readText(text + filler)).toThrow(
      expect.objectContaining({ code: 'WIRE_NOT_HTTP' }),
    )
  })

  it.each([
    `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `HTTP/1.1 101 Switching Protocols\r\n\r\n${head}Content-Length: 0\r\n\r\n`,
  ])('%j: also where one of the ways goes well', (text) => {
    expect(() => readText(text)).toThrow(expect.objectContaining({ code: 'WIRE_NOT_HTTP' }))
  })

  it('trailers are read up to a limit, however short each of them is', () => {
    const trailers = (count: number): string =>
      `${head}Transfer-Encoding: chunked\r\n\r\n0\r\n${'T: 1\r\n'.repeat(count)}\r\n`
    expect(readText(trailers(2000))).toMatchObject({ end: 'whole' })
    expect(() => readText(trailers(4000))).toThrow(
      expect.objectContaining({ code: 'WIRE_NOT_HTTP' }),
    )
  })

  it('a header past its limit is refused before it has ended', () => {
    const endless = Buffer.from(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(3000)}`)
    expect(() => read([endless], 'GET', 2000)).toThrow(
      expect.objectContaining({ code: 'WIRE_HEADERS_OVERFLOW' }),
    )
  })
})
