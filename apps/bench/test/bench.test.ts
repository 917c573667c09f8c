import { describe, expect, it } from 'vitest'
import { parseBenchOptions } from '../src/options.ts'
import { plotCases } from '../src/plot-cases.ts'
import { renderCase } from '../src/render-case.ts'
import { atMostTimes, type CaseResult, spreadOf, summarize } from '../src/results.ts'

const sample = {
  wallMs: 0,
  cpuMs: 0,
  peakBytes: 0,
  requests: 0,
  metadataRequests: 0,
  sentBytes: 0,
  dataMs: 0,
}

function resultOf(walls: Readonly<Record<string, readonly number[]>>): CaseResult {
  const rows = Object.entries(walls).map(([name, times]) =>
    summarize(
      name,
      times.map((wallMs) => ({ ...sample, wallMs })),
      'exit code 1',
    ),
  )
  const targets = [atMostTimes('wall ≤ 2 × curl', { rows, name: 'hfx', other: 'curl' }, 2)]
  return { id: 'a', title: 'One file', rows, targets, notes: [] }
}

describe('the figures', () => {
  it('are medians, so that one slow run changes nothing', () => {
    expect(spreadOf([3, 1, 900])).toMatchObject({ median: 3, min: 1, max: 900 })
    expect(spreadOf([4, 1, 2, 9])).toMatchObject({ median: 3, min: 1, max: 9 })
  })

  it('are compared round by round: a slow spell falls on both', () => {
    const walls = { hfx: [2000, 9000, 1900], curl: [1000, 4500, 1000] }
    expect(resultOf(walls).targets[0]?.value).toBe('2.00 ×')
  })

  it('are compared by their medians where a round is missing', () => {
    expect(resultOf({ hfx: [2000, 9000, 1900], curl: [1000] }).targets).toEqual([
      { text: 'wall ≤ 2 × curl', value: '2.00 ×', met: true },
    ])
    expect(resultOf({ hfx: [2001], curl: [1000] }).targets[0]?.met).toBe(false)
  })

  it('never call a target met when a contestant did not run', () => {
    expect(resultOf({ hfx: [2000], curl: [] }).targets[0]?.met).toBe(false)
    expect(resultOf({ curl: [2000], hfx: [] }).targets[0]?.met).toBe(false)
  })
})

describe('the report', () => {
  it('has a row for each contestant and says who failed', () => {
    const text = renderCase(resultOf({ hfx: [1500], curl: [] }))
    expect(text).toContain('| hfx | 1.50 s | 1.50–1.50 |')
    expect(text).toContain('| curl | failed: exit code 1 |')
    expect(text).toContain('| wall ≤ 2 × curl | NaN × | **missed** |')
  })

  it('draws the bars of a case to one scale, and leaves out who has no figure', () => {
    const plot = plotCases([resultOf({ hfx: [500], 'curl <&>': [1000], wget: [] })])
    const widths = [...plot.matchAll(/<rect[^>]*width="([\d.]+)"/g)].map(([, width]) =>
      Number(width),
    )
    expect(widths).toEqual([225, 450])
    expect(plot).toContain('curl &lt;&amp;&gt;')
  })
})

describe('the command line', () => {
  it('takes cases in their own order, runs and quick', () => {
    expect(parseBenchOptions(['--cases', 'd,a', '--runs=5'])).toEqual({
      cases: ['a', 'd'],
      runs: 5,
      quick: false,
    })
    expect(parseBenchOptions(['--', '--quick'])).toMatchObject({ runs: 1, quick: true })
    expect(parseBenchOptions([])).toMatchObject({ runs: 3 })
    expect(parseBenchOptions(['-h'])).toBe('help')
  })

  it.each([['--cases=z'], ['--cases'], ['--runs=0'], ['--runs=1.5'], ['--fast']])(
    'refuses %s',
    (...args) => {
      expect(() => parseBenchOptions(args)).toThrow(/cases|runs|fast/)
    },
  )
})
