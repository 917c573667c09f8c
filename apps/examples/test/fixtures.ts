import { EventEmitter } from 'node:events'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FakeHub, type RepoSpec, startFakeHub } from '@hfx/fake-hub'
import type { Terminal } from '@hfx/progress'
import { onTestFinished } from 'vitest'
import { runSample, type Sample, type SampleIo } from '../src/sample.ts'

/** A model that is gated, a dataset and a space; ada may have all of them. */
const repos: readonly RepoSpec[] = [
  {
    id: 'acme/tiny',
    gated: 'manual',
    commits: [
      {
        files: {
          'config.json': '{}\n',
          'tokenizer.json': '{"a": 1}\n',
          'model.safetensors': { lfs: true, generate: { sizeBytes: 20 * 2 ** 20, seed: 1 } },
          'original/weights.pth': { lfs: true, generate: { sizeBytes: 2 ** 20, seed: 2 } },
        },
      },
    ],
  },
  {
    id: 'acme/open',
    commits: [
      {
        files: {
          'config.json': '{}\n',
          'model.bin': { lfs: true, generate: { sizeBytes: 3 * 2 ** 20, seed: 3 } },
          ...Object.fromEntries(Array.from({ length: 5 }, (_, n) => [`part-${n}.txt`, `${n}\n`])),
        },
      },
    ],
  },
  {
    id: 'acme/large',
    commits: [
      {
        files: {
          'config.json': '{}\n',
          'large.safetensors': { lfs: true, generate: { sizeBytes: 40 * 2 ** 20, seed: 4 } },
        },
      },
    ],
  },
  { id: 'acme/data', type: 'dataset', commits: [{ files: { 'train.csv': 'a,b\n' } }] },
  { id: 'acme/app', type: 'space', commits: [{ files: { 'app.py': 'print()\n' } }] },
]

export interface Stage {
  readonly hub: FakeHub
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
}

/** A fake Hub and a machine that knows only it. */
export async function useStage(): Promise<Stage> {
  const users = [
    { token: 'hf_ada_token', name: 'ada', access: ['acme/tiny'] },
    { token: 'hf_bob_token', name: 'bob' },
  ]
  const hub = await startFakeHub({ repos, users })
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'hfx-sample-')))
  onTestFinished(async () => {
    await hub.close()
    await rm(folder, { recursive: true, force: true })
  })
  return { hub, folder, env: { HF_ENDPOINT: hub.url, HF_HOME: folder, HF_TOKEN: 'hf_ada_token' } }
}

export interface Played {
  readonly exitCode: number
  readonly lines: readonly string[]
  /** All lines as one text. */
  readonly text: string
  /** What was drawn on the terminal. */
  readonly drawn: string
}

export interface Play extends Partial<
  Pick<SampleIo, 'args' | 'env' | 'signal' | 'confirm' | 'signals'>
> {
  readonly isTTY?: boolean
  readonly onLine?: (line: string) => void
}

/** Runs a sample to its end. */
export async function play(
  sample: Sample,
  { isTTY = false, onLine, ...given }: Play,
): Promise<Played> {
  const lines: string[] = []
  let drawn = ''
  const terminal: Terminal = {
    write: (text) => void (drawn += text),
    busy: false,
    isTTY,
    columns: 80,
    rows: 24,
  }
  const exitCode = await runSample(sample, {
    args: [],
    env: {},
    confirm: () => Promise.resolve(true),
    signal: new AbortController().signal,
    signals: new EventEmitter(),
    terminal,
    ...given,
    print: (line) => {
      lines.push(line)
      onLine?.(line)
    },
  })
  return { exitCode, lines, text: lines.join('\n'), drawn }
}

/** The records among lines of output. */
export function recordsOf(lines: readonly string[]): readonly Record<string, unknown>[] {
  return lines
    .filter((line) => line.startsWith('{'))
    .map((line) => {
      const record: Record<string, unknown> = JSON.parse(line)
      return record
    })
}
