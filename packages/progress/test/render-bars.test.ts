import { describe, expect, it } from 'vitest'
import { type ProgressState, reduce, renderBars, widthOf } from '../src/index.ts'
import { escape, stamp } from './support/fake-terminal.ts'
import { sampleEvents } from './support/sample-events.ts'
import { play, sceneEvents, sceneMs } from './support/scene.ts'

function draw(
  state: ProgressState,
  columns: number,
  { rows = 24, nowMs = sceneMs }: { readonly rows?: number; readonly nowMs?: number } = {},
): string {
  return renderBars(state, { columns, rows }, { colour: false, nowMs }).join('\n')
}

describe('a frame', () => {
  it('at 100 columns has names, bars, percent, amounts, troubles, and a line for the job', () => {
    expect(draw(play(), 100)).toMatchInlineSnapshot(`
      "  model-00002-of-00004.safetensors            ╌╌───────────────────────────    8%  stalled 3s
        model-00001-of-00004.safetensors            ━━━━━━━━━━╌╌╌╌───────────────   50%  2.5/5.0 GB
        データ/トークナイザー設定.json              ━━━━━━━━━━━━━━━━━━━━━────────   75%  36.0/48.0 MB
      meta-llama/Llama-3.1-8B-Instruct  20% · 3.0/15.0 GB · 434 MB/s · 28s left · 5 files to go"
    `)
  })

  it('at 80 columns', () => {
    expect(draw(play(), 80)).toMatchInlineSnapshot(`
      "  model-00002-of…004.safetensors  ╌────────────────────    8%  stalled 3s
        model-00001-of…004.safetensors  ━━━━━━━╌╌╌───────────   50%  2.5/5.0 GB
        データ/トークナイザー設定.json  ━━━━━━━━━━━━━━━──────   75%  36.0/48.0 MB
      meta-llama/L…1-8B-Instruct  20% · 3.0/15.0 GB · 434 MB/s · 28s left"
    `)
  })

  it('at 40 columns has no bars', () => {
    expect(draw(play(), 40)).toMatchInlineSnapshot(`
      "  model-00…etensors    8%  stalled 3s
        model-00…etensors   50%  2.5/5.0 GB
        データ/ト…定.json   75%  36.0/48.0 MB
      meta-l…struct  20% · 3.0/15.0 GB"
    `)
  })

  it('at 24 columns has names and percent', () => {
    expect(draw(play(), 24)).toMatchInlineSnapshot(`
      "  model-…ensors    8% !
        model-…ensors   50%
        データ/….json   75%
      20% · 3.0/15.0 GB"
    `)
  })

  it('is never wider than the terminal, whatever its size, and never higher', () => {
    for (let columns = 10; columns <= 200; columns++) {
      for (const rows of [3, 4, 5, 24]) {
        const lines = renderBars(play(), { columns, rows }, { colour: true, nowMs: sceneMs })
        for (const line of lines) expect(widthOf(line)).toBeLessThan(columns)
        expect(lines.length).toBeLessThan(rows)
      }
    }
  })

  it('names no file that has only just begun: what ends at once would flicker', () => {
    expect(draw(play(), 100)).not.toContain('tokenizer.json')
    expect(draw(play(), 100, { nowMs: sceneMs + 300 })).toContain('tokenizer.json')
  })

  it('counts the files that find no room', () => {
    expect(draw(play(), 100, { rows: 5 })).toContain('  and 2 more')
  })

  it('paints what is verified, what came, what is missing, and trouble', () => {
    const [first = '', second = ''] = renderBars(
      play(),
      { columns: 80, rows: 24 },
      { colour: true, nowMs: sceneMs },
    )
    expect(first).toContain(`${escape}[33mstalled 3s${escape}[0m`)
    const plain = second.replaceAll(escape, '').replaceAll(/([━╌─])+/g, '$1')
    expect(plain).toContain('[32m━[0m[36m╌[0m[2m─[0m')
  })

  it('keeps columns in line where terminals draw joined pictures differently', () => {
    const family = '👩\u200D👩\u200D👧/❤\uFE0F.bin'
    const state = reduce(
      play(),
      stamp({ type: 'file:start', path: family, totalBytes: 1e12, resumedBytes: 0 }),
    )
    expect(draw(state, 100)).toContain('  👩👩👧/❤.bin   ')
  })

  it('shows no control characters and no reversed text of a name from a server', () => {
    const evil = 'a\u001B[2J\u202Egpj.\r\nexe'
    const state = reduce(
      play(),
      stamp({ type: 'file:start', path: evil, totalBytes: 1e12, resumedBytes: 0 }),
    )
    expect(draw(state, 100)).toContain('  a[2Jgpj.exe ')
  })
})

describe('the troubles of a file', () => {
  const path = 'model-00002-of-00004.safetensors'
  it.each([
    ['trying again', { ...sampleEvents['file:retry'], path }],
    [
      'another has 50%',
      { type: 'file:wait', path, doneBytes: 2.4995e9, totalBytes: 4.999e9, waitedMs: 5 },
    ],
    ['stalled 12s', { type: 'file:stall', path, silentMs: 12_000 }],
  ] as const)('%s', (words, event) => {
    const state = reduce(play(), stamp(event, sceneMs))
    expect(draw(state, 80).split('\n')[0]).toContain(words)
    const going = reduce(
      state,
      stamp(
        { type: 'file:progress', path, doneBytes: 1e9, totalBytes: 4.999e9, hashedBytes: 0 },
        sceneMs,
      ),
    )
    expect(draw(going, 80)).not.toContain(words)
  })
})

describe('the line of a job', () => {
  const start = sceneEvents.slice(0, 1)

  it('says what it does before totals are known, and for how long', () => {
    const listing = reduce(play(start), stamp({ type: 'phase:start', phase: 'list' }, 100))
    expect(draw(listing, 80, { nowMs: 200 })).toMatch(/^meta-llama\S+Instruct {2}listing files…$/)
    expect(draw(listing, 80, { nowMs: 3100 })).toMatch(/ {2}listing files… · 3s$/)
  })

  it('a phase of one file says nothing about the job', () => {
    const state = reduce(play(start), stamp({ type: 'phase:start', phase: 'wait', path: 'a' }, 0))
    expect(draw(state, 80, { nowMs: 0 })).toContain('asking for the revision…')
  })

  it('has bytes and rate of a source that tells no totals', () => {
    const state = play([...start, ...sceneEvents.slice(2)])
    expect(draw(state, 100).split('\n').at(-1)).toMatch(/ {2}2\.9 GB · \d+ MB\/s$/)
  })

  it('tells no rate from the first bytes: six days left would be a lie', () => {
    const begun = play(sceneEvents.slice(0, 6))
    expect(draw(begun, 100, { nowMs: 950 })).not.toMatch(/\/s|left/)
    expect(draw(begun, 100, { nowMs: 2000 })).toMatch(/MB\/s · \d+s left/)
  })

  it('says that it verifies when every byte is there', () => {
    const state = play([
      ...start,
      [
        0,
        {
          type: 'job:plan',
          commit: 'c',
          files: 1,
          cachedFiles: 0,
          totalBytes: 10,
          cachedBytes: 0,
          resumeBytes: 0,
          fetchBytes: 10,
        },
      ],
      [0, { type: 'file:start', path: 'a', totalBytes: 10, resumedBytes: 0 }],
      [5, { type: 'file:progress', path: 'a', doneBytes: 10, totalBytes: 10, hashedBytes: 3 }],
    ])
    expect(draw(state, 100, { nowMs: 10 })).toContain('100% · 10/10 B · verifying · 1 file to go')
  })

  it('of several jobs, each has its own rate', () => {
    let state = play()
    const squad = { type: 'dataset', id: 'squad' } as const
    state = reduce(
      state,
      stamp({ type: 'job:start', kind: 'file', repo: squad, revision: 'main' }, 0, '2'),
    )
    const lines = draw(state, 100).split('\n')
    expect(lines.at(-1)).toBe('datasets/squad  asking for the revision… · 4s')
    expect(lines.at(-2)).toMatch(/MB\/s/)
  })

  it('tells when requests are held back, until they go on', () => {
    const state = reduce(
      play(),
      stamp(
        {
          type: 'request:wait',
          host: 'hub.example',
          bucket: 'api',
          waitMs: 90_000,
          reason: 'rate-limit',
        },
        sceneMs,
      ),
    )
    expect(draw(state, 80).split('\n').at(-1)).toBe(
      'hub.example limits requests; going on in 1m 30s',
    )
    expect(draw(state, 80, { nowMs: sceneMs + 90_000 })).not.toContain('hub.example')
  })
})
