import type { HubEvent } from '@hfx/core'

type EventOf<T extends HubEvent['type']> = Extract<HubEvent, { readonly type: T }>

const stamp = { v: 1, jobId: '1', atMs: 0 } as const
const path = 'a/model.bin'
const requestId = 'req-1'
const end = {
  outcome: 'failed',
  fetchedBytes: 12,
  durationMs: 12.5,
  code: 'HUB_STALLED',
  requestId,
} as const
const failure = { attempt: 1, maxRetries: 5, code: 'HUB_SERVER_ERROR', requestId } as const
const retry = { ...failure, waitMs: 500, status: 503, lane: 2 } as const

/** One event of each type, with every field that it can have: the compiler asks for both. */
export const sampleEvents: { readonly [T in HubEvent['type']]: Required<EventOf<T>> } = {
  'job:start': {
    ...stamp,
    type: 'job:start',
    kind: 'snapshot',
    repo: { type: 'model', id: 'acme/tiny' },
    revision: 'main',
  },
  'job:plan': {
    ...stamp,
    type: 'job:plan',
    commit: 'c'.repeat(40),
    files: 3,
    cachedFiles: 1,
    totalBytes: 100,
    cachedBytes: 10,
    resumeBytes: 20,
    fetchBytes: 70,
  },
  'job:warning': { ...stamp, type: 'job:warning', code: 'STALE_COPY', message: 'old' },
  'job:end': { ...stamp, type: 'job:end', ...end },
  'phase:start': { ...stamp, type: 'phase:start', phase: 'verify', path },
  'phase:end': { ...stamp, type: 'phase:end', phase: 'verify', path },
  'file:start': { ...stamp, type: 'file:start', path, totalBytes: 90, resumedBytes: 20, worker: 1 },
  'file:progress': {
    ...stamp,
    type: 'file:progress',
    path,
    doneBytes: 40,
    totalBytes: 90,
    hashedBytes: 30,
  },
  'file:retry': { ...stamp, type: 'file:retry', path, ...retry },
  'file:wait': {
    ...stamp,
    type: 'file:wait',
    path,
    doneBytes: 1,
    totalBytes: 90,
    waitedMs: 1000,
  },
  'file:stall': { ...stamp, type: 'file:stall', path, silentMs: 10_000 },
  'file:end': { ...stamp, type: 'file:end', path, totalBytes: 90, ...end },
  'request:wait': {
    ...stamp,
    type: 'request:wait',
    host: 'hub.example',
    bucket: 'api',
    waitMs: 1000,
    reason: 'retry-after',
    status: 429,
    failure,
  },
  'lanes:change': { ...stamp, type: 'lanes:change', lanes: 8, reason: 'faster with more' },
}
