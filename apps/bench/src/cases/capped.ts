import { atMostTimes, type CaseResult, medianOf } from '../results.ts'
import { runRounds } from '../run-rounds.ts'
import { makeFiles, MiB, sizeOf, withHub, type World } from '../world.ts'

export const cappedBytesPerSecond = 30_000_000
const connections = 16

/** (c) 512 MiB from a data origin that gives each connection 30 MB/s. */
export async function runCapped(world: World): Promise<CaseResult> {
  const sizeBytes = sizeOf(world, 512 * MiB)
  const blobs = await makeFiles(world, { count: 1, sizeBytes, seed: 30 })
  const { contestants: by, options } = world
  const plan = { blobs, cdnUrl: undefined, cdnBytesPerSecond: cappedBytesPerSecond }
  const rows = await withHub(world, plan, (hub) =>
    runRounds(world.deps, {
      hub,
      runs: options.runs,
      expectedBytes: sizeBytes,
      contestants: [
        by.hfx('hfx'),
        by.hfx('hfx, 16 connections', { connections }),
        by.aria2('aria2c -x16 -s16', {}),
        by.curl(),
        by.huggingface('@huggingface/hub, to its cache', 1),
        by.ipull(),
      ],
    }),
  )
  const dataMs = medianOf(rows, 'hfx, 16 connections', 'dataMs')
  const share = sizeBytes / (dataMs / 1000) / (connections * cappedBytesPerSecond)
  return {
    id: 'c',
    title: '512 MiB at 30 MB/s per connection',
    rows,
    targets: [
      atMostTimes(
        'wall ≤ 1.1 × aria2c -x16 -s16',
        { rows, name: 'hfx', other: 'aria2c -x16 -s16' },
        1.1,
      ),
      {
        text: '≥ 0.9 of 16 connections × 30 MB/s, from the first request for bytes to the last byte',
        value: share.toFixed(2),
        met: share >= 0.9,
      },
    ],
    notes: [
      'The fake Hub serves these bytes itself: nginx counts its limit per request, and lets the first second pass free.',
    ],
  }
}
