import { fuzzRuns } from '@hfx/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addRange, type ByteRange, mergeRanges } from '../src/file-ranges.ts'
import { parseJournalName } from '../src/partial-name.ts'
import { formatJournalHead, parseJournal } from '../src/resume-journal.ts'

const runs = fuzzRuns()
const hash = { algorithm: 'sha256', digest: 'a'.repeat(64) } as const
const number = fc.oneof(fc.integer({ min: -5, max: 120 }), fc.double(), fc.string())
const line = fc.oneof(
  fc.string(),
  fc.constantFrom('free', 'reset', 'owner here 1', 'owner  x'),
  fc.tuple(number, number).map(([start, end]) => `range ${start} ${end}`),
)

describe('fuzz: journals', () => {
  it('parseJournal: ranges inside the file, sorted and apart, or nothing', () => {
    const head = formatJournalHead({ hash, sizeBytes: 100 }, { place: 'here', pid: 1 })
    fc.assert(
      fc.property(fc.constantFrom(head, '{"v":1}\n', ''), fc.array(line), (first, lines) => {
        const journal = parseJournal(`${first}${lines.join('\n')}\n`)
        let end = -1
        for (const range of journal?.done ?? []) {
          expect(range.start).toBeGreaterThan(end)
          expect(range.end).toBeGreaterThan(range.start)
          end = range.end
        }
        expect(end).toBeLessThanOrEqual(100)
      }),
      runs,
    )
  })

  it('mergeRanges: what adding one by one comes to', () => {
    const range = fc.tuple(fc.nat(60), fc.nat(60)).map(([start, end]) => ({ start, end }))
    fc.assert(
      fc.property(fc.array(range), (ranges) => {
        const added = ranges.reduce<readonly ByteRange[]>((done, one) => addRange(done, one), [])
        expect(mergeRanges(ranges)).toEqual(added)
      }),
      runs,
    )
  })

  it('SE-4: a journal of the largest size in the smallest pieces is read at once', () => {
    const head = formatJournalHead({ hash, sizeBytes: 1e9 }, { place: 'here', pid: 1 })
    const lines = Array.from({ length: 120_000 }, (_, at) => `range ${at * 2} ${at * 2 + 1}\n`)
    expect(parseJournal(head + lines.toReversed().join(''))?.done).toHaveLength(120_000)
  })

  it('parseJournalName: an id of eight digits, or none', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (stem, rest) => {
        const staged = { folder: '/x', stem }
        for (const name of [rest, stem + rest, `${stem}.01234567.89abcdef.journal.incomplete`]) {
          const id = parseJournalName(staged, name)
          if (id !== undefined) expect(id).toMatch(/^[0-9a-f]{8}$/)
        }
      }),
      runs,
    )
  })
})
