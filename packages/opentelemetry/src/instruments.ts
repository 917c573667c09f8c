import type { Meter } from '@opentelemetry/api'
import type {
  FileEndMessage,
  JobEndMessage,
  PartEndMessage,
  RequestEndMessage,
  RequestStartMessage,
} from '@hfx/core'

/** The metrics of a process that downloads. Bytes are bytes, durations seconds. */
export interface Instruments {
  job(message: JobEndMessage): void
  file(message: FileEndMessage): void
  part(message: PartEndMessage): void
  requestStarted(message: RequestStartMessage): void
  requestEnded(message: RequestEndMessage): void
}

export function createInstruments(meter: Meter): Instruments {
  const jobs = meter.createHistogram('hfx.job.duration', {
    unit: 's',
    description: 'How long jobs take, by outcome.',
  })
  const files = meter.createCounter('hfx.files', {
    unit: '{file}',
    description: 'Files that came to an end, by outcome.',
  })
  const bytes = meter.createCounter('hfx.bytes', {
    unit: 'By',
    description: 'Bytes fetched over the network, by outcome of the file.',
  })
  const parts = meter.createCounter('hfx.parts', {
    unit: '{part}',
    description: 'Ranges that lanes fetched, by error.',
  })
  const requests = meter.createCounter('hfx.requests', {
    unit: '{request}',
    description: 'Requests, by bucket, status and error.',
  })
  const retries = meter.createCounter('hfx.retries', {
    unit: '{request}',
    description: 'Requests that were sent again.',
  })
  const buckets = new Map<string, string>()
  return {
    job({ outcome, durationMs, code }) {
      jobs.record(durationMs / 1000, { outcome, ...errorOf(code) })
    },
    file({ outcome, fetchedBytes, code }) {
      files.add(1, { outcome, ...errorOf(code) })
      bytes.add(fetchedBytes, { outcome })
    },
    part({ code }) {
      parts.add(1, errorOf(code))
    },
    requestStarted({ id, bucket, attempt }) {
      buckets.set(id, bucket)
      if (attempt > 1) retries.add(1, { bucket })
    },
    requestEnded({ id, status, code }) {
      const bucket = buckets.get(id) ?? 'unknown'
      buckets.delete(id)
      requests.add(1, { bucket, ...(status === undefined ? {} : { status }), ...errorOf(code) })
    },
  }
}

function errorOf(code: string | undefined): { readonly error?: string } {
  return code === undefined ? {} : { error: code }
}
