import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventVersion, type FlowEvent, type HubEvent } from '@hfx/core'
import { useTempDir } from '@hfx/testing'
import { expect, it } from 'vitest'
import { createPrometheusTextfile } from '../src/prometheus.ts'

/** Ends of phases come two seconds later. */
const stamp = (event: FlowEvent): HubEvent => ({
  ...event,
  v: eventVersion,
  jobId: 'j',
  atMs: 1_700_000_000_000 + (event.type === 'phase:end' ? 2000 : 0),
})

it('counts what happened and writes it whole, in the text format', async () => {
  const metrics = createPrometheusTextfile()
  const events: FlowEvent[] = [
    {
      type: 'job:plan',
      commit: 'c',
      files: 2,
      cachedFiles: 1,
      totalBytes: 30,
      cachedBytes: 10,
      resumeBytes: 0,
      fetchBytes: 20,
    },
    {
      type: 'file:retry',
      path: 'a',
      attempt: 2,
      maxRetries: 5,
      waitMs: 5,
      code: 'HUB_SERVER_ERROR',
      lane: 0,
    },
    { type: 'phase:start', phase: 'wait', path: 'a' },
    { type: 'phase:end', phase: 'wait', path: 'a' },
    { type: 'file:stall', path: 'a', silentMs: 9 },
    { type: 'request:wait', host: 'h', bucket: 'api', waitMs: 1500, reason: 'rate-limit' },
    {
      type: 'file:end',
      path: 'a',
      outcome: 'downloaded',
      totalBytes: 20,
      fetchedBytes: 20,
      durationMs: 5,
    },
    { type: 'job:end', outcome: 'downloaded', fetchedBytes: 20, durationMs: 2500 },
  ]
  for (const event of events) metrics.sink(stamp(event))
  const folder = await useTempDir()
  await metrics.write(join(folder, 'hfx.prom'))
  expect(await readdir(folder)).toEqual(['hfx.prom'])
  const text = await readFile(join(folder, 'hfx.prom'), 'utf8')
  for (const line of [
    'hfx_jobs_total{outcome="downloaded"} 1',
    'hfx_job_duration_seconds 2.5',
    'hfx_files_total{outcome="downloaded"} 1',
    'hfx_fetched_bytes_total 20',
    'hfx_cached_bytes_total 10',
    'hfx_retries_total{error="HUB_SERVER_ERROR"} 1',
    'hfx_stalls_total 1',
    'hfx_held_back_seconds_total{bucket="api",reason="rate-limit"} 1.5',
    'hfx_lock_wait_seconds_total 2',
    'hfx_last_success_timestamp_seconds 1700000000',
  ]) {
    expect(text.split('\n')).toContain(line)
  }
  expect(text).toMatch(/^(# (HELP|TYPE) \w+ .+\n|\w+(\{.*\})? [\d.]+\n)+$/)
})

it('a failed job is no success', () => {
  const metrics = createPrometheusTextfile()
  metrics.sink(
    stamp({
      type: 'job:end',
      outcome: 'failed',
      fetchedBytes: 0,
      durationMs: 1,
      code: 'HUB_DNS_FAILED',
    }),
  )
  expect(metrics.render()).not.toMatch(/^hfx_last_success/m)
})
