import { eventVersion, type FlowEvent, type HubEvent, type LogFields } from '@hfx/core'
import { expect, it } from 'vitest'
import { createEventLogger } from '../src/index.ts'

const job = { repo_id: 'acme/tiny', commit: 'c0ffee' }
const file = { ...job, filename: 'a.bin', worker_id: 3 }
const repo = { type: 'model', id: 'acme/tiny' } as const
const events: readonly FlowEvent[] = [
  { type: 'job:start', kind: 'snapshot', repo, revision: 'main' },
  {
    type: 'job:plan',
    commit: 'c0ffee',
    files: 2,
    cachedFiles: 0,
    totalBytes: 300,
    cachedBytes: 0,
    resumeBytes: 100,
    fetchBytes: 200,
  },
  {
    type: 'request:wait',
    host: 'hub',
    bucket: 'api',
    waitMs: 1500,
    reason: 'retry-after',
    status: 429,
    failure: { attempt: 1, maxRetries: 5, code: 'HUB_RATE_LIMITED', requestId: 'req-7' },
  },
  { type: 'request:wait', host: 'hub', bucket: 'api', waitMs: 40, reason: 'backoff' },
  { type: 'file:start', path: 'a.bin', totalBytes: 300, resumedBytes: 100, worker: 3 },
  {
    type: 'file:retry',
    path: 'a.bin',
    attempt: 2,
    maxRetries: 5,
    lane: 1,
    requestId: 'req-8',
    waitMs: 500,
    code: 'HUB_SERVER_ERROR',
    status: 503,
  },
  { type: 'file:stall', path: 'a.bin', silentMs: 10_000 },
  {
    type: 'file:end',
    path: 'a.bin',
    outcome: 'downloaded',
    totalBytes: 300,
    fetchedBytes: 200,
    durationMs: 100,
  },
  { type: 'job:warning', code: 'STALE_COPY', message: 'using the local copy' },
  { type: 'job:end', outcome: 'downloaded', fetchedBytes: 200, durationMs: 400 },
]

function record(
  detailed: boolean,
): { readonly level: string; readonly message: string; readonly fields: LogFields }[] {
  const records: { level: string; message: string; fields: LogFields }[] = []
  const write =
    (level: string) =>
    (message: string, fields: LogFields = {}) =>
      void records.push({ level, message, fields })
  const sink = createEventLogger(
    { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    { detailed },
  )
  for (const event of events) {
    const stamped: HubEvent = { ...event, v: eventVersion, jobId: 'j', atMs: 0 }
    sink(stamped)
  }
  return records
}

it('tells of jobs and warnings, with the fields that operators know', () => {
  expect(record(false)).toEqual([
    {
      level: 'info',
      message: 'job started',
      fields: { operation: 'snapshot', repo_id: 'acme/tiny', repo_type: 'model', revision: 'main' },
    },
    {
      level: 'info',
      message: 'job planned',
      fields: expect.objectContaining({
        repo_id: 'acme/tiny',
        commit: 'c0ffee',
        file_count: 2,
        total_size: 300,
        resume_size: 100,
      }),
    },
    {
      level: 'warn',
      message: 'using the local copy',
      fields: expect.objectContaining({ warning: 'STALE_COPY', repo_id: 'acme/tiny' }),
    },
    {
      level: 'info',
      message: 'job ended',
      fields: expect.objectContaining({
        outcome: 'downloaded',
        size: 200,
        duration_ms: 400,
        avg_speed: 500,
        file_count: 2,
      }),
    },
  ])
})

it('detailed, it tells of files, retries, stalls and waits as well', () => {
  const extra = record(true).filter(({ message }) => !/^job|local copy/.test(message))
  expect(extra).toEqual([
    {
      level: 'warn',
      message: 'requests are held back',
      fields: {
        ...job,
        host: 'hub',
        bucket: 'api',
        reason: 'retry-after',
        retry_after: 1.5,
        status_code: 429,
        attempt: 1,
        max_retries: 5,
        error: 'HUB_RATE_LIMITED',
        request_id: 'req-7',
      },
    },
    {
      level: 'warn',
      message: 'requests are held back',
      fields: { ...job, host: 'hub', bucket: 'api', reason: 'backoff', delay: 40 },
    },
    { level: 'debug', message: 'file started', fields: { ...file, size: 300, resume_size: 100 } },
    {
      level: 'warn',
      message: 'range failed, trying again',
      fields: {
        ...file,
        attempt: 2,
        max_retries: 5,
        delay: 500,
        lane: 1,
        status_code: 503,
        error: 'HUB_SERVER_ERROR',
        request_id: 'req-8',
      },
    },
    { level: 'warn', message: 'connection is silent', fields: { ...file, silent_ms: 10_000 } },
    {
      level: 'info',
      message: 'file ended',
      fields: { ...file, outcome: 'downloaded', size: 300, duration_ms: 100, speed_bps: 2000 },
    },
  ])
})
