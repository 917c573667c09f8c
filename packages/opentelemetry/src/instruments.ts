import type { Counter, Meter } from '@opentelemetry/api'
import type {
  FileEndMessage,
  HubEvent,
  JobEndMessage,
  PartEndMessage,
  RequestEndMessage,
  RequestStartMessage,
} from '@hfx/core'
import { createPhaseClock } from './phase-clock.ts'

/** The metrics of a process that downloads. Bytes are bytes, durations seconds. */
export interface Instruments {
  job(message: JobEndMessage): void
  file(message: FileEndMessage): void
  part(message: PartEndMessage): void
  requestStarted(message: RequestStartMessage): void
  requestEnded(message: RequestEndMessage): void
  /** What no channel of its own tells: stalls, waits, failed ranges, phases. */
  event(event: HubEvent): void
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
    description: 'Requests that were sent again, by bucket, and by error for ranges.',
  })
  const hearEvent = createEventInstruments(meter, retries)
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
    event: hearEvent,
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

function createEventInstruments(meter: Meter, retries: Counter): (event: HubEvent) => void {
  const stalls = meter.createCounter('hfx.stalls', {
    unit: '{stall}',
    description: 'Connections that fell silent and were replaced.',
  })
  const waits = meter.createHistogram('hfx.request.wait', {
    unit: 's',
    description: 'How long requests were held back, by bucket and reason.',
  })
  const phases = meter.createHistogram('hfx.phase.duration', {
    unit: 's',
    description: 'How long phases took; `wait` is the time for the lock of another process.',
  })
  const toPhaseTime = createPhaseClock()
  return (event) => {
    const ended = toPhaseTime(event)
    if (ended) phases.record(ended.seconds, { phase: ended.phase })
    if (event.type === 'file:stall') stalls.add(1)
    if (event.type === 'file:retry') retries.add(1, { bucket: 'data', error: event.code })
    if (event.type === 'request:wait')
      waits.record(event.waitMs / 1000, { bucket: event.bucket, reason: event.reason })
  }
}

function errorOf(code: string | undefined): { readonly error?: string } {
  return code === undefined ? {} : { error: code }
}
