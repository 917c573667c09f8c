import { HttpError, redactUrl } from '@hfx/core'
import type { BodyTaker } from './wire.ts'

export interface BodyCollector {
  readonly take: BodyTaker
  /** The bytes so far, decoded. @throws HttpError `HUB_RESPONSE_TOO_LARGE` also for what only grows when decoded */
  read(encoding: string | undefined): Promise<Uint8Array>
}

/** Decodes a body. @throws RangeError when the result passes `maxOutputLength` */
export type Decoder = (
  body: Uint8Array,
  options: { maxOutputLength: number },
) => Promise<Uint8Array>

export interface CollectOptions {
  readonly maxBytes: number
  readonly cutShort: boolean
  /** By the name of the encoding, in lower case. */
  readonly decoders: ReadonlyMap<string, Decoder>
}

/**
 * Gathers a small body under a cap that holds before and after decoding. `cutShort` takes what fits and drops the
 * rest instead of failing: enough of an error page to name it.
 */
export function collectBody(url: URL, options: CollectOptions): BodyCollector {
  const chunks: Uint8Array[] = []
  let size = 0
  return {
    take(chunk) {
      const room = options.maxBytes - size
      if (chunk.length > room && !options.cutShort) throw tooLarge(url, options.maxBytes)
      const fits = chunk.subarray(0, room)
      size += fits.length
      chunks.push(Uint8Array.from(fits))
      return chunk.length > room ? 'enough' : 'more'
    },
    read: (encoding) => decode(url, { body: joinChunks(chunks, size), encoding, ...options }),
  }
}

function joinChunks(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

async function decode(
  url: URL,
  coded: CollectOptions & { readonly body: Uint8Array; readonly encoding: string | undefined },
): Promise<Uint8Array> {
  const { body, encoding = 'identity' } = coded
  if (encoding === 'identity' || encoding === '' || body.length === 0) return body
  const decoder = coded.decoders.get(encoding.toLowerCase())
  try {
    if (!decoder) throw new Error(`the encoding ${encoding} is not one that was asked for`)
    return await decoder(body, { maxOutputLength: coded.maxBytes })
  } catch (error) {
    if (coded.cutShort) return new Uint8Array()
    if (error instanceof RangeError) throw tooLarge(url, coded.maxBytes)
    throw new HttpError({
      code: 'HUB_BAD_RESPONSE',
      message: `the body of ${redactUrl(url)} cannot be decoded`,
      hint: 'Run it again; a proxy in between may damage answers.',
      url: redactUrl(url),
      retryable: true,
      cause: error,
    })
  }
}

function tooLarge(url: URL, maxBytes: number): HttpError {
  return new HttpError({
    code: 'HUB_RESPONSE_TOO_LARGE',
    message: `the answer of ${redactUrl(url)} passes ${maxBytes} bytes`,
    hint: 'The server is broken or hostile; nothing of it was used.',
    url: redactUrl(url),
    retryable: false,
  })
}
