import { eventVersion, type FlowEvent, type HubEvent, type LogFields } from '@hfx/core'
import { expect, it } from 'vitest'
import { createEventLogger } from '../src/index.ts'

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
  },
  { type: 'file:start', path: 'a.bin', totalBytes: 300, resumedBytes: 100 },
  {
    type: 'file:retry',
    path: 'a.bin',
    attempt: 2,
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
  expect(extra.map(({ level, message }) => `${level}: ${message}`)).toEqual([
    'warn: requests are held back',
    'debug: file started',
    'warn: range failed, trying again',
    'warn: connection is silent',
    'info: file ended',
  ])
  expect(Object.assign({}, ...extra.map(({ fields }) => fields))).toMatchObject({
    repo_id: 'acme/tiny',
    filename: 'a.bin',
    attempt: 2,
    delay: 500,
    status_code: 503,
    error: 'HUB_SERVER_ERROR',
    retry_after: 1.5,
    resume_size: 100,
    size: 300,
    speed_bps: 2000,
  })
})
