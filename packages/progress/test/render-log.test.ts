import type { LogFields } from '@hfx/core'
import { describe, expect, it } from 'vitest'
import { createLogRecords, createRenderer, type LogRecord } from '../src/index.ts'
import { createFakeTerminal, stamp } from './support/fake-terminal.ts'
import { sampleEvents } from './support/sample-events.ts'

const path = 'model.bin'

/** Progress of a file of 1000 bytes: `[seconds, bytes]` each. */
function run(
  steps: readonly (readonly [seconds: number, bytes: number])[],
  resumedBytes = 0,
): readonly LogRecord[] {
  const toRecord = createLogRecords()
  toRecord(
    stamp({
      type: 'job:start',
      kind: 'file',
      repo: { type: 'model', id: 'a/b' },
      revision: 'main',
    }),
  )
  toRecord(stamp({ type: 'file:start', path, totalBytes: 1000, resumedBytes }))
  return steps.flatMap(([seconds, doneBytes]) => {
    const event = {
      type: 'file:progress',
      path,
      doneBytes,
      totalBytes: 1000,
      hashedBytes: 0,
    } as const
    const record = toRecord(stamp(event, seconds * 1000))
    return record ? [record] : []
  })
}

describe('the record of progress', () => {
  it('comes when a tenth was gained or five seconds passed, and not at the end', () => {
    const told = run([
      [1, 50],
      [2, 99],
      [3, 100],
      [4, 150],
      [7.9, 199],
      [8, 199],
      [12.9, 200],
      [13, 201],
      [14, 1000],
    ])
    expect(told.map(({ fields }) => fields['downloaded'])).toEqual([100, 199, 201])
  })

  it('has filename, progress, speed, downloaded, total and eta', () => {
    const [record] = run([[2, 500]])
    expect(record).toEqual({
      level: 'info',
      text: 'model.bin: 50%, 0.5/1.0 kB, 250 B/s, 2s left',
      fields: { filename: path, progress: 50, speed: 250, downloaded: 500, total: 1000, eta: 2 },
    })
  })

  it('counts from what an earlier run left, and has no eta while nothing comes', () => {
    expect(run([[1, 450]], 400)).toEqual([])
    expect(run([[1, 500]], 400)[0]?.fields).toMatchObject({ speed: 100, eta: 5 })
    expect(run([[5, 400]], 400)[0]?.fields).toEqual({
      filename: path,
      progress: 40,
      speed: 0,
      downloaded: 400,
      total: 1000,
    })
  })
})

describe('records', () => {
  const end = sampleEvents['file:end']
  it.each<[string, Parameters<typeof stamp>[0], string, string | undefined, LogFields]>([
    [
      'a plan',
      sampleEvents['job:plan'],
      'info',
      '1: 3 files, 100 B, 70 B to fetch',
      { file_count: 3, total_size: 100, to_fetch: 70, commit: 'c'.repeat(40) },
    ],
    [
      'a file',
      { ...end, outcome: 'downloaded', durationMs: 2000, fetchedBytes: 80 },
      'info',
      'a/model.bin: done, 90 B in 2s',
      { filename: 'a/model.bin', size: 90, duration_ms: 2000, speed_bps: 40 },
    ],
    [
      'a file that failed',
      end,
      'error',
      'a/model.bin: failed (HUB_STALLED)',
      { error: 'HUB_STALLED' },
    ],
    [
      'a job',
      { ...sampleEvents['job:end'], outcome: 'downloaded', fetchedBytes: 70 },
      'info',
      '1: downloaded, fetched 70 B in 0.0s',
      { fetched: 70 },
    ],
    [
      'a job that failed',
      sampleEvents['job:end'],
      'error',
      '1: failed, fetched 12 B in 0.0s',
      { outcome: 'failed', error: 'HUB_STALLED', request_id: 'req-1' },
    ],
    [
      'a retry',
      sampleEvents['file:retry'],
      'warn',
      'a/model.bin: attempt 1 of 6 failed (HUB_SERVER_ERROR), again in 0.5s',
      { attempt: 1, max_retries: 5, delay: 500, status_code: 503, error: 'HUB_SERVER_ERROR' },
    ],
    [
      'a stall',
      sampleEvents['file:stall'],
      'warn',
      'a/model.bin: no byte for 10s, asking again',
      { silent_ms: 10_000 },
    ],
    [
      'a wait',
      sampleEvents['request:wait'],
      'warn',
      'hub.example: waiting 1s (retry-after)',
      { host: 'hub.example', retry_after: 1, status_code: 429, max_retries: 5 },
    ],
    ['a warning', sampleEvents['job:warning'], 'warn', 'old', { code: 'STALE_COPY' }],
  ])('of %s', (...[, event, level, text, fields]) => {
    const record = createLogRecords()(stamp(event))
    expect(record).toMatchObject({ level, text })
    expect(record?.fields).toMatchObject({ ...fields })
  })

  it('are not made of what is in place, and of phases', () => {
    const toRecord = createLogRecords()
    for (const outcome of ['cached', 'linked', 'aborted'] as const)
      expect(toRecord(stamp({ ...end, outcome }))).toBeUndefined()
    expect(toRecord(sampleEvents['phase:start'])).toBeUndefined()
    expect(toRecord(sampleEvents['lanes:change'])).toBeUndefined()
  })
})

describe('mode log', () => {
  const warning = stamp({
    type: 'job:warning',
    code: 'SERVER_NOTICE',
    message: 'a\u001B[2Jb hf_abcdefghijkl',
  })

  it('writes lines, without secrets and control characters, and drops them while nobody reads', () => {
    const terminal = createFakeTerminal(false)
    const renderer = createRenderer({ terminal }, { mode: 'log' })
    renderer.sink(warning)
    terminal.busy = true
    renderer.sink(warning)
    renderer.close()
    expect(terminal.writes).toHaveLength(1)
    expect(terminal.writes[0]).toMatch(/^a\[2Jb .*\n$/)
    expect(terminal.writes[0]).not.toContain('abcdefghijkl')
  })

  it('gives records to a logger instead, where there is one', () => {
    const terminal = createFakeTerminal(false)
    const heard: unknown[] = []
    const hear = (message: string, fields?: LogFields): void => void heard.push([message, fields])
    const logger = { debug: hear, info: hear, warn: hear, error: hear }
    createRenderer({ terminal, logger }, { mode: 'log' }).sink(sampleEvents['file:stall'])
    expect(heard).toEqual([
      [
        'a/model.bin: no byte for 10s, asking again',
        { filename: 'a/model.bin', silent_ms: 10_000 },
      ],
    ])
    expect(terminal.writes).toEqual([])
  })
})
