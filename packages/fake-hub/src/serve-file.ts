import { type Answer, answerText, wholeBody } from './answer.ts'
import { type ByteSource } from './byte-source.ts'
import { type Fault, findFault } from './fault.ts'

/** A range of a file: `start` up to and without `end`. */
export type ParsedRange =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  | { readonly kind: 'unsatisfiable' }

/** Reads a Range header of one range; several are refused, another unit is ignored as HTTP demands. */
export function parseRange(header: string | undefined, sizeBytes: number): ParsedRange {
  if (header === undefined || !/^bytes=/i.test(header)) return { kind: 'whole' }
  const text = header.replaceAll(' ', '')
  const suffix = /^bytes=-(\d+)$/i.exec(text)
  if (suffix) return clampPart(sizeBytes - Number(suffix[1]), sizeBytes, sizeBytes)
  const match = /^bytes=(\d+)-(\d*)$/i.exec(text)
  if (!match) return { kind: 'unsatisfiable' }
  const [, first, last] = match
  return clampPart(Number(first), last ? Number(last) + 1 : sizeBytes, sizeBytes)
}

function clampPart(first: number, last: number, sizeBytes: number): ParsedRange {
  const start = Math.max(0, first)
  const end = Math.min(last, sizeBytes)
  return start < end ? { kind: 'part', start, end } : { kind: 'unsatisfiable' }
}

export interface FileRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly faults: readonly Fault[]
}

/** A file with validators and ranges: 200, 206, 304 or 416. `headers` holds its ETag and content type. */
export function answerFile(
  request: FileRequest,
  source: ByteSource,
  headers: Readonly<Record<string, string>>,
): Answer {
  const etag = headers['Etag']
  if (etag !== undefined && matchesEtag(request.headers['if-none-match'], etag))
    return { status: 304, headers, body: { source, start: 0, end: 0 } }
  const size = source.sizeBytes
  const range = parseRange(
    wantsRange(request, headers) ? request.headers['range'] : undefined,
    size,
  )
  if (range.kind === 'unsatisfiable')
    return answerText(416, 'Range Not Satisfiable', { 'Content-Range': `bytes */${size}` })
  if (range.kind === 'whole')
    return {
      status: 200,
      headers: { ...headers, 'Content-Length': String(size) },
      body: wholeBody(source),
    }
  return answerPart(request, source, { headers, start: range.start, end: range.end })
}

/** A validator that no longer fits asks for the whole file. */
function wantsRange(request: FileRequest, headers: Readonly<Record<string, string>>): boolean {
  if (findFault(request.faults, 'ignoreRange')) return false
  const ifRange = request.headers['if-range']
  return ifRange === undefined || [headers['Etag'], headers['Last-Modified']].includes(ifRange)
}

function answerPart(
  request: FileRequest,
  source: ByteSource,
  part: { headers: Readonly<Record<string, string>>; start: number; end: number },
): Answer {
  const shift = findFault(request.faults, 'shiftRange')
  const start = Math.min(Math.max(0, part.start + (shift?.by ?? 0)), source.sizeBytes - 1)
  const end = Math.min(start + part.end - part.start, source.sizeBytes)
  const told = shift?.lie ? part : { start, end }
  return {
    status: 206,
    headers: {
      ...part.headers,
      'Content-Length': String(end - start),
      'Content-Range': `bytes ${told.start}-${told.end - 1}/${source.sizeBytes}`,
    },
    body: { source, start, end },
  }
}

function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  return header.trim() === '*' || header.split(',').some((tag) => bareTag(tag) === bareTag(etag))
}

function bareTag(tag: string): string {
  return tag.trim().replace(/^W\//, '')
}
