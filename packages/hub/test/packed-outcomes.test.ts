import { expect, it } from 'vitest'
import type { DoneFile } from '../src/bring-file.ts'
import { createPackedOutcomes } from '../src/packed-outcomes.ts'

const outcomes: readonly DoneFile[] = (['cache', 'link', 'hub'] as const).flatMap((source) =>
  (['sha256', 'git-sha1', 'size', 'earlier'] as const).map((verifiedBy, at) => ({
    kind: 'ok',
    path: `${source}/é 😀 ${verifiedBy}.bin`,
    localPath: at === 0 ? '/layer/x' : `/folder/${source}/é 😀 ${verifiedBy}.bin`,
    sizeBytes: 2 ** 45 + at,
    source,
    fetchedBytes: 2 ** 40 + at,
    attempts: at * 7,
    verifiedBy,
  })),
)

it('outcomes come back as they were added, as often as they are asked for', () => {
  const packed = createPackedOutcomes('/folder')
  for (let round = 0; round < 100; round += 1) {
    for (const outcome of outcomes) packed.add(outcome)
  }
  expect([...packed].slice(0, 12)).toEqual(outcomes)
  expect(packed.list().slice(-12)).toEqual(outcomes)
  expect(packed.list()).toHaveLength(1200)
  expect(packed.count).toBe(1200)
  expect(packed.filesFrom).toEqual({ cache: 400, link: 400, hub: 400 })
})
