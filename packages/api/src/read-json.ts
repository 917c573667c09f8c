import { HttpError, type HttpResponse, redactUrl } from '@hfx/core'

/** A JSON object of unknown content. */
export type JsonRecord = Readonly<Record<string, unknown>>

/** Deeper than any answer of the Hub. A megabyte of brackets takes `JSON.parse` a quarter of a second and 40 MB. */
const maxDepth = 100

/**
 * The body of an answer as JSON, of unknown shape.
 * @throws HttpError `HUB_BAD_RESPONSE` when it is none: a login page, a cut body, a nest of brackets
 */
export function parseJsonBody(response: HttpResponse): unknown {
  if (isTooDeep(response.body)) throw badResponse(response, 'JSON that is nested too deeply')
  const text = new TextDecoder().decode(response.body)
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch (error) {
    const isHtml = /^\s*</u.test(text)
    throw badResponse(response, isHtml ? 'HTML where JSON was expected' : 'malformed JSON', error)
  }
}

function isTooDeep(bytes: Uint8Array): boolean {
  let depth = 0
  let isText = false
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (byte === quote) isText = !isText
    else if (isText) at += byte === backslash ? 1 : 0
    else if (byte === 0x5b || byte === 0x7b) depth += 1
    else if (byte === 0x5d || byte === 0x7d) depth -= 1
    if (depth > maxDepth) return true
  }
  return false
}

const quote = 0x22
const backslash = 0x5c

/** The value when it is an object, not an array. */
export function asRecord(value: unknown): JsonRecord | undefined {
  return isRecord(value) ? value : undefined
}

/** The value when it is an array; an empty one otherwise. */
export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

export function asString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** The value when it is a whole number of bytes that a file can have. */
export function asByteCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

export function asStrings(value: unknown): readonly string[] {
  return asArray(value).filter((item) => typeof item === 'string')
}

/** An answer that is not what the protocol says. */
export function badResponse(response: HttpResponse, what: string, cause?: unknown): HttpError {
  const requestId = response.headers['x-request-id']
  return new HttpError({
    code: 'HUB_BAD_RESPONSE',
    message: `${redactUrl(response.url)} answered with ${what}`,
    hint: 'Check HF_ENDPOINT, and whether a proxy or login page stands between this machine and the Hub.',
    status: response.status,
    url: redactUrl(response.url),
    retryable: false,
    ...(requestId === undefined ? {} : { requestId }),
    ...(cause === undefined ? {} : { cause }),
  })
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
