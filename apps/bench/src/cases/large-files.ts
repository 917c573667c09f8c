import { availableParallelism } from 'node:os'
import { hashOnly } from '../contestants.ts'
import { formatMegabytes, formatSeconds } from '../format.ts'
import {
  atMost,
  atMostTimes,
  type CaseResult,
  medianOf,
  type Row,
  type Target,
} from '../results.ts'
import { runRounds } from '../run-rounds.ts'
import { makeFiles, MiB, sizeOf, withHub, type World } from '../world.ts'

const checked = 'aria2c -x16 -s16, sha256 check'

/** (a) One file of 2 GiB as fast as the machine can. */
export async function runOneFile(world: World): Promise<CaseResult> {
  const blobs = await makeFiles(world, { count: 1, sizeBytes: sizeOf(world, 2048 * MiB), seed: 1 })
  const rows = await withHub(world, { blobs }, (hub) => race(world, { hub }))
  return {
    id: 'a',
    title: 'One file of 2 GiB',
    rows,
    targets: judgeOneFile(rows),
    notes: [
      'Only hfx and the rows that say sha256 verify what they bring.',
      describeLimit(rows, 'curl'),
    ],
  }
}

/** (h) The same over TLS, to the Hub and to the data origin. */
export async function runTls(world: World): Promise<CaseResult | undefined> {
  const { certificate, deps } = world
  if (!certificate) return undefined
  const blobs = await makeFiles(world, { count: 1, sizeBytes: sizeOf(world, 2048 * MiB), seed: 1 })
  const rows = await withHub(world, { blobs, tls: certificate, cdnUrl: deps.cdn?.tlsUrl }, (hub) =>
    race(world, { hub }),
  )
  return {
    id: 'h',
    title: 'One file of 2 GiB over TLS',
    rows,
    targets: judgeOneFile(rows),
    notes: ['Certificates are checked by everyone.'],
  }
}

function race(world: World, { hub }: Pick<Parameters<typeof runRounds>[1], 'hub'>) {
  const { contestants: by, options } = world
  return runRounds(world.deps, {
    hub,
    runs: options.runs,
    expectedBytes: sizeOf(world, 2048 * MiB),
    contestants: [
      by.hfx('hfx'),
      by.curl(),
      by.curlWithSha256(),
      by.wget(),
      by.aria2('aria2c -x16 -s16', {}),
      by.aria2(checked, { check: true }),
      by.huggingface('@huggingface/hub, to its cache', 1),
      by.huggingface('@huggingface/hub, Blob to a file', 'blob'),
      by.ipull(),
      by.sha256(),
    ],
  })
}

/** What no client that verifies can go below here: who moves the bytes, and who hashes them, need a processor. */
function describeLimit(rows: readonly Row[], mover: string): string {
  const moveMs = medianOf(rows, mover, 'cpuMs')
  const hashMs = medianOf(rows, hashOnly, 'cpuMs')
  const processors = availableParallelism()
  const leastMs = (moveMs + hashMs) / processors
  return `The limit: moving the bytes takes curl ${formatSeconds(moveMs)} of processor time and their SHA-256 takes ${formatSeconds(hashMs)}. Shared evenly by the ${processors} processors of this machine, which the server needs too, that is ${formatSeconds(leastMs)}.`
}

function judgeOneFile(rows: readonly Row[]): readonly Target[] {
  return [
    atMostTimes('wall ≤ 1.15 × curl', { rows, name: 'hfx', other: 'curl' }, 1.15),
    atMostTimes(
      'wall ≤ 0.3 × aria2c with its sha256 check',
      { rows, name: 'hfx', other: checked },
      0.3,
    ),
    atMostTimes(
      'CPU ≤ 1.3 × (curl + sha256sum)',
      { rows, name: 'hfx', other: 'curl + sha256sum', figure: 'cpuMs' },
      1.3,
    ),
    memoryTarget(rows),
  ]
}

function memoryTarget(rows: readonly Row[]): Target {
  const figure = { value: medianOf(rows, 'hfx', 'peakBytes'), limit: 160e6 }
  return atMost('peak memory ≤ 160 MB', figure, formatMegabytes)
}

/** (b) Eight files of 256 MiB. */
export async function runEightFiles(world: World): Promise<CaseResult> {
  const sizeBytes = sizeOf(world, 256 * MiB)
  const blobs = await makeFiles(world, { count: 8, sizeBytes, seed: 10 })
  const { contestants: by, options } = world
  const rows = await withHub(world, { blobs }, (hub) =>
    runRounds(world.deps, {
      hub,
      runs: options.runs,
      expectedBytes: 8 * sizeBytes,
      contestants: [
        by.hfx('hfx'),
        by.curlParallel(8),
        by.aria2('aria2c -j8', { atOnce: 8 }),
        by.huggingface('@huggingface/hub, 8 at a time by hand', 8),
        by.sha256(),
      ],
    }),
  )
  return {
    id: 'b',
    title: 'Eight files of 256 MiB',
    rows,
    targets: [
      atMostTimes(
        'wall ≤ 0.9 × curl -Z --parallel-max 8',
        { rows, name: 'hfx', other: 'curl -Z --parallel-max 8' },
        0.9,
      ),
      memoryTarget(rows),
    ],
    notes: [describeLimit(rows, 'curl -Z --parallel-max 8')],
  }
}
