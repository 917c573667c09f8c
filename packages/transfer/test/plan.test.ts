import { array, assert, nat, property, tuple } from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addRange,
  contiguousEnd,
  missingRanges,
  subtractRanges,
  sumRanges,
  type ByteRange,
} from '../src/file-ranges.ts'
import { planPartBytes, planParts } from '../src/plan-parts.ts'
import { emptyPrint, extendPrint } from '../src/spot-print.ts'
import { makeBytes } from './support/hub-source.ts'
import { formatJournalHead, formatRange, parseJournal, resetRecord } from '../src/resume-journal.ts'

const mib = 1024 ** 2

describe('ranges', () => {
  const range = tuple(nat(60), nat(20)).map(([start, length]): ByteRange => ({
    start,
    end: start + length,
  }))

  it('say of each byte whether it is there, however they were added', () => {
    assert(
      property(array(range, { maxLength: 12 }), (added) => {
        const ranges = added.reduce(addRange, [] as readonly ByteRange[])
        const there = new Set(added.flatMap(bytesOf))
        expect(ranges.flatMap(bytesOf)).toEqual([...there].toSorted((a, b) => a - b))
        expect(sumRanges(ranges)).toBe(there.size)
        const missing = missingRanges(ranges, 80).flatMap(bytesOf)
        expect(missing.length + there.size).toBe(80)
        expect(missing.some((byte) => there.has(byte))).toBe(false)
        expect(contiguousEnd(ranges)).toBe(there.has(0) ? (missing[0] ?? 80) : 0)
      }),
    )
  })

  it('are taken from one another byte for byte', () => {
    assert(
      property(array(range), array(range), (a, b) => {
        const wanted = a.reduce(addRange, [] as readonly ByteRange[])
        const there = b.reduce(addRange, [] as readonly ByteRange[])
        const left = new Set(wanted.flatMap(bytesOf))
        for (const byte of there.flatMap(bytesOf)) left.delete(byte)
        expect(subtractRanges(wanted, there).flatMap(bytesOf)).toEqual([...left])
      }),
    )
  })
})

describe('parts', () => {
  it('cover what is missing once, in file order, past 2^32 too', () => {
    const missing = [
      { start: 3 * mib, end: 20 * mib },
      { start: 2 ** 33 + 5, end: 2 ** 33 + 9 * mib },
    ]
    const parts = planParts(missing, 8 * mib)
    expect(parts[0]).toEqual({ start: 3 * mib, end: 8 * mib })
    expect(parts.reduce(addRange, [] as readonly ByteRange[])).toEqual(missing)
    expect(sumRanges(parts)).toBe(sumRanges(missing))
  })

  it('are twice as large past 4 GiB', () => {
    expect(planPartBytes(4 * 1024 ** 3, 8 * 1024 ** 2)).toBe(8 * 1024 ** 2)
    expect(planPartBytes(4 * 1024 ** 3 + 1, 8 * 1024 ** 2)).toBe(16 * 1024 ** 2)
  })

  it('SU-3: stay few for a file of 1 TiB', () => {
    const partBytes = planPartBytes(2 ** 40, 8 * mib)
    expect(planParts([{ start: 0, end: 2 ** 40 }], partBytes)).toHaveLength(16_384)
    expect(planPartBytes(5 * 1024 * mib, 8 * mib)).toBe(16 * mib)
    expect(planPartBytes(mib, 8 * mib)).toBe(8 * mib)
  })
})

describe('the fingerprint of a range', () => {
  it('is the same however its bytes were cut, and another where a page is lost', () => {
    const bytes = makeBytes(20_000)
    assert(
      property(nat(8_000), array(nat(4_100), { maxLength: 6 }), (start, lengths) => {
        const printOf = (content: Buffer, cuts: readonly number[]): number => {
          let [print, at] = [emptyPrint, start]
          for (const length of [...cuts, content.length - at]) {
            const end = Math.min(content.length, at + length)
            print = extendPrint(print, content.subarray(at, end), at)
            at = end
          }
          return print
        }
        expect(printOf(bytes, lengths)).toBe(printOf(bytes, []))
        const lost = Buffer.from(bytes).fill(0, 8_192, 12_288)
        expect(printOf(lost, [])).not.toBe(printOf(bytes, []))
      }),
    )
  })
})

describe('the journal', () => {
  const key = { hash: { algorithm: 'sha256', digest: 'ab' }, sizeBytes: 100 } as const
  const head = formatJournalHead(key, { place: 'here', pid: 7 })

  it('loses only the record that was being written', () => {
    const text = head + formatRange({ start: 0, end: 10 }) + formatRange({ start: 10, end: 20 })
    expect(parseJournal(text)?.done).toEqual([{ start: 0, end: 20 }])
    expect(parseJournal(text.slice(0, -1))?.done).toEqual([{ start: 0, end: 10 }])
  })

  it.each(['range -1 5\n', 'range 5 101\n', 'range a b\n', 'range 9 2\n', 'range 1e999 1\n'])(
    'takes nothing from %j',
    (line) => expect(parseJournal(head + line)?.done).toEqual([]),
  )

  it('keeps the fingerprints of ranges, until what was written no longer counts', () => {
    const ranges = [
      { start: 0, end: 10, print: 4_294_967_295 },
      { start: 10, end: 20 },
      { start: 20, end: 30, print: 0 },
    ]
    const text = head + ranges.map(formatRange).join('')
    expect(parseJournal(text)).toMatchObject({ done: [{ start: 0, end: 30 }] })
    expect(parseJournal(text)?.printed).toEqual([ranges[0], ranges[2]])
    const again = parseJournal(text + resetRecord + formatRange({ start: 5, end: 6, print: 7 }))
    expect(again?.printed).toEqual([{ start: 5, end: 6, print: 7 }])
  })

  it('is none when it holds a word of another version', () => {
    expect(parseJournal(`${head}chunk 1 2\n`)).toBeUndefined()
  })
})

function bytesOf(range: ByteRange): number[] {
  return Array.from({ length: range.end - range.start }, (_, index) => range.start + index)
}
