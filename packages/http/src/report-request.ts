import { channel } from 'node:diagnostics_channel'
import { randomUUID } from 'node:crypto'
import {
  channels,
  isHubError,
  redactUrl,
  type RequestEndMessage,
  type RequestStartMessage,
} from '@hfx/core'
import type { Report, ReportedRequest } from './report.ts'

const requestStart = channel(channels.requestStart)
const requestEnd = channel(channels.requestEnd)

/** Tells the diagnostics channels; nothing is built when nobody listens. */
export function startReport(request: ReportedRequest): Report | undefined {
  if (!requestStart.hasSubscribers && !requestEnd.hasSubscribers) return undefined
  const { sending, hop, bucket } = request
  const id = randomUUID()
  const start: RequestStartMessage = {
    id,
    method: sending.method,
    url: redactUrl(hop.url),
    bucket,
    attempt: sending.attempt,
    ...(sending.step.trace ? { trace: sending.step.trace } : {}),
  }
  requestStart.publish(start)
  let status: number | undefined
  let requestId: string | undefined
  let receivedBytes = 0
  return {
    onHead(head) {
      status = head.status
      requestId = head.headers['x-request-id']
    },
    count: (take) => (chunk, resume) => {
      receivedBytes += chunk.length
      return take(chunk, resume)
    },
    end(error) {
      const message: RequestEndMessage = {
        id,
        receivedBytes,
        ...(status === undefined ? {} : { status }),
        ...(requestId === undefined ? {} : { requestId }),
        ...(isHubError(error) ? { code: error.code } : {}),
      }
      requestEnd.publish(message)
    },
  }
}
