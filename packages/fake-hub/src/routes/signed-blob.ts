import { createHash } from 'node:crypto'
import { type Answer, answerText } from '../answer.ts'
import { findFault } from '../fault.ts'
import { type HubRequest } from '../hub-request.ts'
import { type HubState } from '../hub-state.ts'
import { answerFile } from '../serve-file.ts'

/** The data origin: `GET|HEAD /repos/{repo}/{sha256}?…&Expires=…&Signature=…`. Speaks XML when it refuses. */
export function answerSignedBlob(state: HubState, request: HubRequest): Answer {
  if (request.headers['authorization'] !== undefined)
    return refuse(400, 'InvalidArgument', 'Only one auth mechanism allowed')
  const check = state.signer.check(request.rawPath, request.query)
  if (check === 'forged') return refuse(403, 'SignatureDoesNotMatch', 'The signature is wrong')
  if (check === 'expired' || findFault(request.faults, 'expireUrl'))
    return refuse(403, 'AccessDenied', 'Request has expired')
  const file = state.blobs.get(request.rawPath)
  if (!file) return refuse(404, 'NoSuchKey', 'The specified key does not exist.')
  return answerFile(request, file.source, {
    'Content-Type': request.query.get('response-content-type') ?? 'binary/octet-stream',
    'Content-Disposition': request.query.get('response-content-disposition') ?? 'inline',
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'public, max-age=604800, immutable, s-maxage=604800',
    'Last-Modified': 'Wed, 21 Jan 2026 03:45:36 GMT',
    // Of a multipart upload: neither the sha256 nor any other digest of the whole file.
    Etag: `"${createHash('md5').update(request.rawPath).digest('hex')}-8"`,
    'X-Cache': 'Hit from cloudfront',
  })
}

function refuse(status: number, code: string, message: string): Answer {
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`
  return answerText(status, text, { 'Content-Type': 'application/xml' })
}
