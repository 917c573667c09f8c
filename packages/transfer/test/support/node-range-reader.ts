import { Agent, get, type IncomingMessage } from 'node:http'
import {
  HttpError,
  redactUrl,
  type HubErrorCode,
  type RangeReader,
  type RangeRequest,
} from '@hfx/core'

/** The port `RangeReader` in its plainest form: node:http, chunks that are not to be kept, redirects followed. */
export function createNodeRangeReader(): RangeReader {
  const agent = new Agent({ keepAlive: true })
  return {
    readRange: (request, sink, options = {}) =>
      new Promise((resolve, reject) => {
        follow(request.url, 0)
        function follow(url: string, hops: number): void {
          const isWhole = request.start === 0 && request.end === request.totalBytes
          const range = `bytes=${request.start}-${request.end - 1}`
          const outgoing = get(url, {
            agent: request.freshConnection ? false : agent,
            headers: isWhole ? {} : { range },
            ...(options.signal ? { signal: options.signal } : {}),
          })
          outgoing.on('error', (error) =>
            reject(options.signal?.aborted ? options.signal.reason : lost(url, error)),
          )
          outgoing.on('response', (response) => {
            const { location } = response.headers
            if (response.statusCode === 302 && location !== undefined && hops < 5) {
              response.resume()
              return follow(new URL(location, url).href, hops + 1)
            }
            try {
              receive(response, url)
            } catch (error) {
              outgoing.destroy()
              reject(error)
            }
          })
        }
        function receive(response: IncomingMessage, url: string): void {
          const { status, end } = checkAnswer(response, request, url)
          let left = end - request.start
          const answer = { status, start: request.start, url, headers: {} }
          sink.onStart?.(answer)
          response.on('data', (chunk: Buffer) => {
            const piece = chunk.subarray(0, left)
            left -= piece.length
            if (piece.length > 0 && !sink.onData(piece, () => void response.resume()))
              response.pause()
          })
          response.on('error', (error) =>
            reject(options.signal?.aborted ? options.signal.reason : lost(url, error)),
          )
          response.on('end', () => (left > 0 ? reject(lost(url)) : resolve(answer)))
        }
      }),
    close: () => Promise.resolve(agent.destroy()),
  }
}

function checkAnswer(
  response: IncomingMessage,
  request: RangeRequest,
  url: string,
): { readonly status: 200 | 206; readonly end: number } {
  const { statusCode: status = 0, headers } = response
  // What is encoded is another body: only the hash would tell, and the whole file would come again.
  if (headers['content-encoding'] !== undefined) throw refuse(url, 'HUB_BAD_RESPONSE', { status })
  const expected = `bytes ${request.start}-${request.end - 1}/${request.totalBytes}`
  if (status === 206 && headers['content-range'] === expected) return { status, end: request.end }
  if (status === 200 && request.start === 0) {
    if (Number(headers['content-length']) === request.totalBytes)
      return { status, end: request.totalBytes }
    throw refuse(url, 'HUB_SIZE_MISMATCH', { status })
  }
  if (status === 200 || status === 206) throw refuse(url, 'HUB_RANGE_REFUSED', { status })
  const retryAfter = headers['retry-after']
  throw refuse(url, 'HUB_HTTP_STATUS', { status, retryAfter })
}

function refuse(
  url: string,
  code: HubErrorCode,
  answer: { readonly status: number; readonly retryAfter?: string | undefined },
): HttpError {
  const shown = redactUrl(url)
  const { status, retryAfter } = answer
  return new HttpError({
    code,
    message: `${shown} answered ${status}`,
    url: shown,
    status,
    retryable: status === 429 || status >= 500,
    ...(retryAfter === undefined ? {} : { retryAfterMs: Number(retryAfter) * 1000 }),
  })
}

function lost(url: string, cause?: unknown): HttpError {
  const shown = redactUrl(url)
  const message = `${shown} was cut off`
  return new HttpError({ code: 'HUB_CONNECTION_LOST', message, url: shown, retryable: true, cause })
}
