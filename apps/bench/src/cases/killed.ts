import { setTimeout as sleep } from 'node:timers/promises'
import { type Contestant } from '../contestants.ts'
import { type HubProcess } from '../hub-process.ts'
import { measure } from '../measure.ts'
import { atMost, type CaseResult, medianOf, type Row, type Sample, summarize } from '../results.ts'
import { countBytes, emptyFolder, runOnce } from '../run-rounds.ts'
import { cappedBytesPerSecond } from './capped.ts'
import { makeFiles, MiB, outFolder, scratchFolder, sizeOf, withHub, type World } from '../world.ts'

const lanes = 16
const partBytes = 8 * MiB

/** (g) SIGKILL when half of 512 MiB is on disk, then the same command again. Figures are of the second run. */
export async function runKilled(world: World): Promise<CaseResult> {
  const sizeBytes = sizeOf(world, 512 * MiB)
  const blobs = await makeFiles(world, { count: 1, sizeBytes, seed: 30 })
  const plan = { blobs, cdnUrl: undefined, cdnBytesPerSecond: cappedBytesPerSecond }
  const rows = await withHub(world, plan, (hub) => killEach(world, hub, sizeBytes))
  const refetched = medianOf(rows, 'hfx', 'sentBytes') - sizeBytes
  return {
    id: 'g',
    title: 'Killed at half of 512 MiB and run again',
    rows,
    targets: [
      atMost(
        `bytes sent twice ≤ ${lanes} lanes × ${partBytes / MiB} MiB`,
        { value: refetched, limit: lanes * partBytes },
        (bytes) => `${(bytes / MiB).toFixed(1)} MiB`,
      ),
    ],
    notes: [
      'Time, CPU and memory are of the second run; bytes sent are those that were on disk when it was killed and those that the second run was sent.',
    ],
  }
}

async function killEach(world: World, hub: HubProcess, sizeBytes: number): Promise<readonly Row[]> {
  const { contestants: by, deps, options } = world
  const all: readonly (Contestant | undefined)[] = [
    by.hfx('hfx'),
    by.aria2('aria2c -x16 -s16 -c', {}),
    by.huggingface('@huggingface/hub, to its cache', 1),
    by.ipull(),
  ]
  const rows: Row[] = []
  for (const contestant of all.filter((each) => each !== undefined)) {
    const samples: Sample[] = []
    for (let round = 0; round < options.runs; round++) {
      const sample = await killOne(world, { contestant, hub, sizeBytes })
      if (sample) samples.push(sample)
    }
    deps.say(
      `  ${contestant.name}: ${samples.map((each) => Math.round((each.sentBytes - sizeBytes) / MiB)).join(', ')} MiB sent twice`,
    )
    rows.push(summarize(contestant.name, samples, 'no run ended well'))
  }
  return rows
}

async function killOne(
  world: World,
  what: { readonly contestant: Contestant; readonly hub: HubProcess; readonly sizeBytes: number },
): Promise<Sample | undefined> {
  const { contestant, hub, sizeBytes } = what
  const place = { folder: outFolder(world), scratch: scratchFolder(world), hub }
  await emptyFolder(place.folder)
  const half = new AbortController()
  const killed = measure(
    // GNU time dies with its child: there is nothing to read.
    { ...world.deps, gnuTime: undefined },
    await contestant.command(place),
    { kill: half.signal },
  ).finally(() => half.abort())
  while (!half.signal.aborted) {
    if ((await countBytes(place.folder, true)) >= sizeBytes / 2) half.abort()
    await sleep(20)
  }
  await killed
  const keptBytes = Math.min(sizeBytes, await countBytes(place.folder, true))
  const { measured, sample } = await runOnce(world.deps, contestant, place)
  if (measured.exitCode !== 0) {
    world.deps.say(`  ${contestant.name}: exit code ${measured.exitCode}: ${measured.output}`)
    return undefined
  }
  return { ...sample, sentBytes: sample.sentBytes + keptBytes }
}
