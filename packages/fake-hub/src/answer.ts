import { createHash } from 'node:crypto'
import { type ByteSource, createBufferSource } from './byte-source.ts'

/** Everything about an answer before it goes over the wire. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: AnswerBody
}

/** The bytes of `source` from `start` up to and without `end`. */
export interface AnswerBody {
  readonly source: ByteSource
  readonly start: number
  readonly end: number
}

export function answerText(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const body = wholeBody(createBufferSource(text))
  return {
    status,
    headers: {
      'Content-Type': 'text/plain; charset=utf-8',
      ...headers,
      'Content-Length': String(body.end),
    },
    body,
  }
}

export function answerJson(
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
  status = 200,
): Answer {
  return answerText(status, JSON.stringify(value), {
    'Content-Type': 'application/json; charset=utf-8',
    ...headers,
  })
}

/** The weak ETag that the Hub gives its JSON: length and SHA-1. */
export function weakEtag(answer: Answer): string {
  const { source, start, end } = answer.body
  const digest = createHash('sha1').update(source.read(start, end)).digest('base64').slice(0, 27)
  return `W/"${(end - start).toString(16)}-${digest}"`
}

export function wholeBody(source: ByteSource): AnswerBody {
  return { source, start: 0, end: source.sizeBytes }
}

/** How the Hub words a refusal. */
export interface Refusal {
  readonly status: number
  readonly message: string
  /** `X-Error-Code`, where the Hub sends one. */
  readonly code?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** JSON below `/api`, plain text elsewhere; the message in a header either way. */
export function answerRefusal(refusal: Refusal, isApi: boolean): Answer {
  const headers = {
    ...(refusal.code === undefined ? {} : { 'X-Error-Code': refusal.code }),
    'X-Error-Message': refusal.message,
    ...refusal.headers,
  }
  if (isApi) return answerJson({ error: refusal.message }, headers, refusal.status)
  return answerText(refusal.status, refusal.message, headers)
}
