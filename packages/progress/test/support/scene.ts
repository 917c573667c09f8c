import type { FlowEvent } from '@hfx/core'
import { emptyState, type ProgressState, reduce } from '../../src/index.ts'
import { stamp } from './fake-terminal.ts'

const GB = 1e9
const MB = 1e6

/** A snapshot in its middle: one file resumed and hashed, one stalled, one small with a wide name, one just begun. */
export const sceneEvents: readonly (readonly [atMs: number, event: FlowEvent])[] = [
  [
    0,
    {
      type: 'job:start',
      kind: 'snapshot',
      repo: { type: 'model', id: 'meta-llama/Llama-3.1-8B-Instruct' },
      revision: 'main',
    },
  ],
  [
    0,
    {
      type: 'job:plan',
      commit: 'c',
      files: 9,
      cachedFiles: 4,
      totalBytes: 15 * GB,
      cachedBytes: 0.1 * GB,
      resumeBytes: 1.2 * GB,
      fetchBytes: 13.7 * GB,
    },
  ],
  [
    0,
    {
      type: 'file:start',
      path: 'model-00001-of-00004.safetensors',
      totalBytes: 4.976 * GB,
      resumedBytes: 1.2 * GB,
    },
  ],
  [
    0,
    {
      type: 'file:start',
      path: 'model-00002-of-00004.safetensors',
      totalBytes: 4.999 * GB,
      resumedBytes: 0,
    },
  ],
  [
    0,
    {
      type: 'file:start',
      path: 'データ/トークナイザー設定.json',
      totalBytes: 48 * MB,
      resumedBytes: 0,
    },
  ],
  [
    1000,
    {
      type: 'file:progress',
      path: 'model-00001-of-00004.safetensors',
      doneBytes: 2.5 * GB,
      totalBytes: 4.976 * GB,
      hashedBytes: 1.8 * GB,
    },
  ],
  [
    1000,
    {
      type: 'file:progress',
      path: 'model-00002-of-00004.safetensors',
      doneBytes: 0.4 * GB,
      totalBytes: 4.999 * GB,
      hashedBytes: 0,
    },
  ],
  [
    2000,
    {
      type: 'file:progress',
      path: 'データ/トークナイザー設定.json',
      doneBytes: 36 * MB,
      totalBytes: 48 * MB,
      hashedBytes: 36 * MB,
    },
  ],
  [3900, { type: 'file:start', path: 'tokenizer.json', totalBytes: 9 * MB, resumedBytes: 0 }],
  [4000, { type: 'file:stall', path: 'model-00002-of-00004.safetensors', silentMs: 3000 }],
]

export const sceneMs = 4000

export function play(
  events: typeof sceneEvents = sceneEvents,
  state: ProgressState = emptyState,
): ProgressState {
  let now = state
  for (const [atMs, event] of events) now = reduce(now, stamp(event, atMs))
  return now
}
