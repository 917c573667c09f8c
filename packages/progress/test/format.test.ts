import { assert, integer, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  fitTo,
  formatBytes,
  formatBytesOf,
  formatCount,
  formatDuration,
  formatRate,
  percentOf,
  widthOf,
} from '../src/index.ts'

describe('numbers for readers', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [999.6, '1.0 kB'],
    [1500, '1.5 kB'],
    [99_949, '99.9 kB'],
    [99_960, '100 kB'],
    [412_000_000, '412 MB'],
    [999_600_000, '1.0 GB'],
    [2e18, '2000 PB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })

  it('both amounts have the unit of the total, and a width that does not change', () => {
    expect(formatBytesOf(3.8e9, 5e9)).toBe('3.8/5.0 GB')
    expect(formatBytesOf(8e6, 90e6)).toBe(' 8.0/90.0 MB')
    assert(
      property(
        integer({ min: 0, max: 2 ** 50 }),
        integer({ min: 0, max: 100 }),
        (total, percent) => {
          const text = formatBytesOf((total / 100) * percent, total)
          expect(text).toHaveLength(formatBytesOf(total, total).length)
          expect(text.length).toBeLessThanOrEqual(12)
        },
      ),
      { numRuns: 300 },
    )
  })

  it.each([
    [-5, '0.0s'],
    [400, '0.4s'],
    [949, '0.9s'],
    [12_400, '12s'],
    [59_600, '1m 00s'],
    [200_000, '3m 20s'],
    [3_900_000, '1h 05m'],
    [183_600_000, '2d 03h'],
  ])('%d ms are %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })

  it('a hundred percent means all of it', () => {
    expect([percentOf(999, 1000), percentOf(1000, 1000), percentOf(5, 0), percentOf(9, 3)]).toEqual(
      [99, 100, 100, 100],
    )
    expect([formatCount(1, 'file'), formatCount(2, 'file')]).toEqual(['1 file', '2 files'])
    expect(formatRate(-1)).toBe('0 B/s')
  })
})

describe('text in columns', () => {
  it('is as wide as asked, whatever letters it has', () => {
    assert(
      property(
        string({ unit: 'grapheme', maxLength: 40 }),
        integer({ min: 1, max: 60 }),
        (text, width) => {
          expect(widthOf(fitTo(text, width))).toBe(width)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('loses its middle', () => {
    expect(fitTo('model-00001.safetensors', 12)).toBe('model…ensors')
    expect(fitTo('データ', 4)).toBe('…タ ')
    expect(fitTo('🇯🇵🇫🇷🇩🇪🇮🇹', 6)).toBe('🇯🇵…🇮🇹 ')
    expect(fitTo('cafe\u0301s', 4)).toBe('c…e\u0301s')
    expect(fitTo('x', 0)).toBe('')
  })
})
