import type { FlowEvent } from '@hfx/core'
import { array, assert, constantFrom, integer, nat, property, record } from 'fast-check'
import { expect, it } from 'vitest'
import { emptyState, type ProgressState, reduce } from '../src/index.ts'
import { stamp } from './support/fake-terminal.ts'

const path = constantFrom('a', 'b')
const bytes = nat({ max: 200 })
const outcomes = ['downloaded', 'cached', 'linked', 'failed', 'aborted'] as const

/** Events as a broken source would send them: in any order, with any numbers. */
const anyEvent = record({
  kind: nat({ max: 5 }),
  path,
  bytes,
  more: bytes,
  outcome: constantFrom(...outcomes),
}).map(toEvent)

function toEvent(from: {
  kind: number
  path: string
  bytes: number
  more: number
  outcome: (typeof outcomes)[number]
}): FlowEvent {
  const { path: name, bytes: some, more, outcome } = from
  const events: readonly FlowEvent[] = [
    { type: 'file:start', path: name, totalBytes: some, resumedBytes: more },
    { type: 'file:progress', path: name, doneBytes: some, totalBytes: more, hashedBytes: more },
    { type: 'file:progress', path: name, doneBytes: more, totalBytes: some, hashedBytes: some },
    { type: 'file:end', path: name, outcome, totalBytes: some, fetchedBytes: more, durationMs: 1 },
    { type: 'file:stall', path: name, silentMs: some },
    { type: 'file:wait', path: name, doneBytes: some, totalBytes: more, waitedMs: 1 },
  ]
  return events[from.kind] ?? { type: 'lanes:change', lanes: 1, reason: '' }
}

function begin(cachedBytes: number): ProgressState {
  const repo = { type: 'model', id: 'a/b' } as const
  const started = reduce(
    emptyState,
    stamp({ type: 'job:start', kind: 'snapshot', repo, revision: 'main' }),
  )
  const totals = { files: 2, cachedFiles: 0, totalBytes: 300, cachedBytes, resumeBytes: 0 }
  return reduce(started, stamp({ type: 'job:plan', commit: 'c', ...totals, fetchBytes: 0 }))
}

function checkJob(before: ProgressState, after: ProgressState): void {
  const [earlier, job] = [before.jobs.get('1'), after.jobs.get('1')]
  if (!earlier || !job) throw new Error('the job is gone')
  expect(job.doneBytes).toBeGreaterThanOrEqual(earlier.doneBytes)
  expect(job.doneBytes).toBeLessThanOrEqual(300)
  expect(job.arrivedBytes).toBeGreaterThanOrEqual(earlier.arrivedBytes)
  expect(job.window.length).toBeLessThan(100)
}

function checkFiles(before: ProgressState, after: ProgressState, event: FlowEvent): void {
  for (const [key, file] of after.files) {
    expect(file.doneBytes).toBeLessThanOrEqual(file.totalBytes)
    expect(file.hashedBytes).toBeLessThanOrEqual(file.doneBytes)
    const known = event.type === 'file:start' ? undefined : before.files.get(key)
    expect(file.doneBytes).toBeGreaterThanOrEqual(known?.doneBytes ?? 0)
  }
}

it('PR-2: bytes never go backwards and never pass their total, whatever the events say', () => {
  const steps = array(record({ event: anyEvent, stepMs: integer({ min: -5, max: 50 }) }), {
    maxLength: 60,
  })
  assert(
    property(steps, bytes, (taken, cached) => {
      let state = begin(cached)
      let atMs = 0
      for (const { event, stepMs } of taken) {
        const before = state
        atMs += stepMs
        state = reduce(state, stamp(event, atMs))
        checkJob(before, state)
        checkFiles(before, state, event)
      }
      const end = { type: 'job:end', outcome: 'failed', fetchedBytes: 0, durationMs: 1 } as const
      expect(reduce(state, stamp(end))).toEqual(emptyState)
    }),
    { numRuns: 200 },
  )
})

it('counts what is linked once: the plan has it already', () => {
  let state = reduce(
    emptyState,
    stamp({
      type: 'job:start',
      kind: 'snapshot',
      repo: { type: 'model', id: 'a/b' },
      revision: 'main',
    }),
  )
  state = reduce(
    state,
    stamp({
      type: 'job:plan',
      commit: 'c',
      files: 2,
      cachedFiles: 0,
      totalBytes: 100,
      cachedBytes: 40,
      resumeBytes: 0,
      fetchBytes: 60,
    }),
  )
  state = reduce(state, stamp({ type: 'file:start', path: 'a', totalBytes: 40, resumedBytes: 0 }))
  state = reduce(
    state,
    stamp({
      type: 'file:end',
      path: 'a',
      outcome: 'linked',
      totalBytes: 40,
      fetchedBytes: 0,
      durationMs: 1,
    }),
  )
  expect(state.jobs.get('1')?.doneBytes).toBe(40)
})

it('takes events of jobs and files that it does not know', () => {
  const strange = stamp(
    { type: 'file:progress', path: 'x', doneBytes: 1, totalBytes: 2, hashedBytes: 0 },
    0,
    'late',
  )
  expect(reduce(emptyState, strange)).toEqual(emptyState)
})
