import { gzipSync } from 'node:zlib'
import { type Answer, wholeBody } from './answer.ts'
import { createBufferSource } from './byte-source.ts'
import { type Fault, findFault } from './fault.ts'
import { declaredBytes } from './plan-body.ts'

/** The answer with every fault that concerns its encoding and headers. */
export function bendAnswer(answer: Answer, faults: readonly Fault[]): Answer {
  const encoded = gzipBody(answer, faults)
  const { headers } = encoded
  const length =
    headers['Content-Length'] === undefined || encoded.status === 304
      ? {}
      : { 'Content-Length': String(declaredBytes(encoded.body, faults)) }
  return { ...encoded, headers: bendHeaders({ ...headers, ...length }, faults) }
}

/** In memory: meant for the small files that proxies compress. */
function gzipBody(answer: Answer, faults: readonly Fault[]): Answer {
  const { body } = answer
  if (!findFault(faults, 'gzip') || body.end === body.start) return answer
  const packed = gzipSync(body.source.read(body.start, body.end))
  return {
    ...answer,
    headers: { ...withoutHeaders(answer.headers, ['Content-Length']), 'Content-Encoding': 'gzip' },
    body: wholeBody(createBufferSource(packed)),
  }
}

function bendHeaders(headers: Answer['headers'], faults: readonly Fault[]): Answer['headers'] {
  let bent = headers
  for (const fault of faults) {
    if (fault.kind === 'dropHeaders') bent = withoutHeaders(bent, fault.names)
    if (fault.kind === 'setHeaders')
      bent = { ...withoutHeaders(bent, Object.keys(fault.headers)), ...fault.headers }
  }
  return bent
}

function withoutHeaders(headers: Answer['headers'], names: readonly string[]): Answer['headers'] {
  const drop = new Set(names.map((name) => name.toLowerCase()))
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !drop.has(name.toLowerCase())),
  )
}
