import { Writable } from 'node:stream'
import { createManualClock } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import {
  createRenderer,
  createTerminal,
  type Environment,
  type ProgressMode,
} from '../src/index.ts'
import { createFakeTerminal, screenOf, stamp } from './support/fake-terminal.ts'
import { sceneEvents } from './support/scene.ts'

/** Bars on a terminal and a clock of the test's own; `tick` is what the timer would do. */
function open(env: Environment = { NO_COLOR: '1' }) {
  const terminal = createFakeTerminal()
  const clock = createManualClock(0)
  const ticking = new Set<() => void>()
  const periods: number[] = []
  const every = (ms: number, run: () => void): (() => void) => {
    periods.push(ms)
    ticking.add(run)
    return () => void ticking.delete(run)
  }
  const renderer = createRenderer({ terminal, env, clock, every }, { mode: 'bars' })
  async function tick(ms = 100): Promise<void> {
    await clock.advance(ms)
    for (const run of ticking) run()
  }
  return { renderer, terminal, tick, ticking, periods }
}

const end = {
  type: 'job:end',
  outcome: 'downloaded',
  fetchedBytes: 13.7e9,
  durationMs: 30_000,
} as const
const progress = sceneEvents
  .filter(([, { type }]) => type === 'file:progress')
  .map(([atMs, event]) => stamp(event, atMs))

describe('bars', () => {
  it('draw ten frames a second at most, each in one write, however many events come', async () => {
    const { renderer, terminal, tick, periods } = open()
    for (const [atMs, event] of sceneEvents) renderer.sink(stamp(event, atMs))
    for (let at = 0; at < 10_000; at++) for (const event of progress) renderer.sink(event)
    expect(terminal.writes).toEqual([])
    await tick(4000)
    expect(terminal.writes).toHaveLength(1)
    expect(periods).toEqual([100])
  })

  it('write nothing while nothing differs', async () => {
    const { renderer, terminal, tick } = open()
    renderer.sink(stamp(sceneEvents[0]?.[1] ?? end))
    await tick()
    await tick()
    await tick()
    expect(terminal.writes).toHaveLength(1)
  })

  it('leave one line for a job that is done, and nothing that moves', async () => {
    const { renderer, terminal, tick, ticking } = open()
    for (const [atMs, event] of sceneEvents) renderer.sink(stamp(event, atMs))
    await tick(4000)
    expect(screenOf(terminal.writes)).toHaveLength(4)
    renderer.sink(stamp(end))
    expect(screenOf(terminal.writes)).toEqual([
      '✓ meta-llama/Llama-3.1-8B-Instruct  9 files, 15.0 GB; 13.7 GB fetched in 30s (457 MB/s), verified',
    ])
    expect(ticking.size).toBe(0)
    renderer.close()
    expect(terminal.writes).toHaveLength(2)
  })

  it('say that all was here already, and do not say verified where it was not', () => {
    const { renderer, terminal } = open()
    for (const [atMs, event] of sceneEvents) renderer.sink(stamp(event, atMs))
    renderer.sink(stamp({ type: 'job:warning', code: 'UNVERIFIED', message: 'size only' }))
    renderer.sink(stamp(end))
    expect(screenOf(terminal.writes)).toEqual([
      '! size only',
      '✓ meta-llama/Llama-3.1-8B-Instruct  9 files, 15.0 GB; 13.7 GB fetched in 30s (457 MB/s)',
    ])
    for (const [atMs, event] of sceneEvents) renderer.sink(stamp(event, atMs))
    renderer.sink(stamp({ ...end, outcome: 'cached', fetchedBytes: 0 }))
    expect(screenOf(terminal.writes).at(-1)).toMatch(/9 files, 15.0 GB, all here already$/)
  })

  it.each(['failed', 'aborted'] as const)('leave nothing of a job that %s', async (outcome) => {
    const { renderer, terminal, tick } = open()
    for (const [atMs, event] of sceneEvents) renderer.sink(stamp(event, atMs))
    await tick(4000)
    renderer.sink(stamp({ ...end, outcome }))
    expect(screenOf(terminal.writes)).toEqual([])
  })

  it('say nothing for a job that only planned', () => {
    const { renderer, terminal } = open()
    const [first] = sceneEvents
    if (first?.[1].type === 'job:start') renderer.sink(stamp({ ...first[1], kind: 'plan' }))
    for (const [atMs, event] of sceneEvents.slice(1)) renderer.sink(stamp(event, atMs))
    renderer.sink(stamp({ ...end, fetchedBytes: 0 }))
    expect(terminal.writes).toEqual([])
  })

  it('put warnings above what moves, without secrets and control characters', async () => {
    const { renderer, terminal, tick } = open()
    for (const [atMs, event] of sceneEvents) renderer.sink(stamp(event, atMs))
    await tick(4000)
    const message =
      'odd\u001B[2J answer from https://cdn.example/f?Signature=abc with hf_abcdefghijkl'
    renderer.sink(stamp({ type: 'job:warning', code: 'SERVER_NOTICE', message }))
    await tick()
    const screen = screenOf(terminal.writes)
    expect(screen).toHaveLength(5)
    expect(screen[0]).toMatch(/^! odd\[2J answer from https:\/\/cdn\.example\/f\?/)
    expect(terminal.writes.join('')).not.toMatch(/Signature=abc|abcdefghijkl/)
  })

  it('on abort, close clears what moves and gives the line back', async () => {
    const { renderer, terminal, tick, ticking } = open()
    for (const [atMs, event] of sceneEvents) renderer.sink(stamp(event, atMs))
    await tick(4000)
    renderer.close()
    renderer.close()
    expect(screenOf(terminal.writes)).toEqual([])
    expect(terminal.writes).toHaveLength(2)
    expect(ticking.size).toBe(0)
    for (const code of ['[?25l', '[?1049h']) expect(terminal.writes.join('')).not.toContain(code)
  })

  it('take back as many rows as a terminal that became narrower has wrapped them to', async () => {
    const { renderer, terminal, tick } = open()
    for (const [atMs, event] of sceneEvents) renderer.sink(stamp(event, atMs))
    await tick(4000)
    terminal.columns = 50
    await tick()
    expect(terminal.writes[1]).toContain('\u001B[8A\r')
  })

  it('ST-6: an undrained terminal costs no frame, no wait and no memory', async () => {
    const { renderer, terminal, tick } = open()
    terminal.busy = true
    for (const [atMs, event] of sceneEvents) renderer.sink(stamp(event, atMs))
    for (let at = 0; at < 1000; at++) {
      renderer.sink(stamp({ type: 'job:warning', code: 'SERVER_NOTICE', message: `notice ${at}` }))
      await tick()
    }
    expect(terminal.writes).toEqual([])
    terminal.busy = false
    await tick()
    expect(terminal.writes).toHaveLength(1)
    expect(screenOf(terminal.writes).filter((line) => line.startsWith('! '))).toHaveLength(200)
  })
})

describe('a stream that nobody reads', () => {
  it.each(['bars', 'log', 'json'] as const)(
    'ST-6: mode %s buffers within bounds and goes on',
    (mode) => {
      const stream = Object.assign(new Writable({ write: () => undefined, decodeStrings: false }), {
        isTTY: true,
      })
      const renderer = createRenderer({ terminal: createTerminal(stream), env: {} }, { mode })
      for (const [atMs, event] of sceneEvents) renderer.sink(stamp(event, atMs))
      for (let at = 0; at < 20_000; at++) {
        for (const event of progress) renderer.sink(event)
        renderer.sink(
          stamp({ type: 'file:stall', path: `a-long-name-of-a-file-${at}`, silentMs: at }),
        )
      }
      renderer.close()
      expect(stream.writableLength).toBeLessThan(5 * 1024 ** 2)
    },
  )
})

describe('json', () => {
  it('writes each event as it is, a line each', () => {
    const terminal = createFakeTerminal(false)
    const renderer = createRenderer({ terminal }, { mode: 'json' })
    const events = sceneEvents.map(([atMs, event]) => stamp(event, atMs))
    for (const event of events) renderer.sink(event)
    expect(terminal.writes.map((line): unknown => JSON.parse(line))).toEqual(events)
    expect(terminal.writes.every((line) => line.endsWith('\n'))).toBe(true)
  })

  it('keeps all but progress, in order, while nobody reads', () => {
    const terminal = createFakeTerminal(false)
    const renderer = createRenderer({ terminal }, { mode: 'json' })
    terminal.busy = true
    for (const [atMs, event] of sceneEvents) renderer.sink(stamp(event, atMs))
    terminal.busy = false
    renderer.sink(stamp(end))
    const types = terminal.writes
      .join('')
      .trim()
      .split('\n')
      .map((line) => /"type":"([^"]+)"/.exec(line)?.[1])
    expect(types).toEqual([
      ...sceneEvents.map(([, { type }]) => type).filter((type) => type !== 'file:progress'),
      'job:end',
    ])
  })
})

describe('the mode', () => {
  it.each<[ProgressMode, Environment, boolean, string]>([
    ['auto', {}, true, 'bars'],
    ['auto', {}, false, 'log'],
    ['auto', { CI: '1' }, true, 'log'],
    ['auto', { CI: 'true' }, true, 'log'],
    ['auto', { GITHUB_ACTIONS: 'true' }, true, 'log'],
    ['auto', { TERM: 'dumb' }, true, 'log'],
    ['auto', { FORCE_PROGRESS_BAR: '1', CI: '1' }, false, 'bars'],
    ['auto', { TQDM_POSITION: '-1' }, false, 'bars'],
    ['auto', { TQDM_POSITION: '0' }, false, 'log'],
    ['auto', { HF_HUB_DISABLE_PROGRESS_BARS: '1' }, true, 'log'],
    ['auto', { HF_HUB_DISABLE_PROGRESS_BARS: '0' }, false, 'bars'],
    ['bars', { HF_HUB_DISABLE_PROGRESS_BARS: '1' }, true, 'log'],
    ['auto', { HF_HUB_DISABLE_PROGRESS_BARS: '1', HF_PROGRESS_MODE: 'bars' }, true, 'log'],
    ['auto', { HF_HUB_DISABLE_PROGRESS_BARS: 'yes', FORCE_PROGRESS_BAR: '1' }, true, 'log'],
    ['json', { HF_HUB_DISABLE_PROGRESS_BARS: '1' }, true, 'json'],
    ['none', { HF_HUB_DISABLE_PROGRESS_BARS: '0' }, true, 'none'],
    ['auto', { HF_HUB_DISABLE_PROGRESS: '1' }, true, 'none'],
    ['auto', { HF_HUB_DISABLE_PROGRESS: '0' }, true, 'bars'],
    ['auto', { HF_PROGRESS_MODE: 'json', HF_HUB_DISABLE_PROGRESS: '1' }, true, 'json'],
    ['auto', { HF_PROGRESS_MODE: 'progress' }, false, 'bars'],
    ['auto', { HF_PROGRESS_MODE: 'LOG' }, true, 'log'],
    ['auto', { HF_PROGRESS_MODE: 'nonsense' }, true, 'bars'],
    ['none', { HF_PROGRESS_MODE: 'json', FORCE_PROGRESS_BAR: '1' }, true, 'none'],
    ['bars', { CI: '1', HF_HUB_DISABLE_PROGRESS: '1' }, false, 'bars'],
  ])('%s with %j on a terminal (%s) is %s', (asked, env, ...[isTTY, mode]) => {
    expect(createRenderer({ terminal: createFakeTerminal(isTTY), env }, { mode: asked }).mode).toBe(
      mode,
    )
  })

  it('who asks for bars that HF_HUB_DISABLE_PROGRESS_BARS forbids is told so, once', () => {
    const env = { HF_HUB_DISABLE_PROGRESS_BARS: '1' }
    const terminal = createFakeTerminal()
    createRenderer({ terminal, env }, { mode: 'bars' })
    expect(terminal.writes.join('')).toBe(
      'HF_HUB_DISABLE_PROGRESS_BARS is set: log lines take the place of bars\n',
    )
    const silent = createFakeTerminal()
    createRenderer({ terminal: silent, env }, { mode: 'auto' })
    expect(silent.writes).toEqual([])
  })

  it('none says nothing', () => {
    const terminal = createFakeTerminal()
    const renderer = createRenderer({ terminal }, { mode: 'none' })
    for (const [atMs, event] of sceneEvents) renderer.sink(stamp(event, atMs))
    renderer.close()
    expect(terminal.writes).toEqual([])
  })

  it.each<[Environment, boolean]>([
    [{}, true],
    [{ NO_COLOR: '1' }, false],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    [{ NO_COLOR: '' }, true],
    [{ FORCE_COLOR: '0' }, false],
    [{ TERM: 'dumb' }, false],
    [{ TERM: 'dumb', FORCE_COLOR: '1' }, true],
  ])('with %j there are colours: %s', async (env, isColoured) => {
    const { renderer, terminal, tick } = open(env)
    for (const [atMs, event] of sceneEvents) renderer.sink(stamp(event, atMs))
    await tick(4000)
    expect(/\[\d+m/.test(terminal.writes.join(''))).toBe(isColoured)
  })
})
