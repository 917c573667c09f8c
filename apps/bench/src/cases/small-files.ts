import { formatCount, formatSeconds } from '../format.ts'
import { type HubProcess } from '../hub-process.ts'
import { hfxCommand, type Contestant } from '../contestants.ts'
import {
  atMost,
  atMostTimes,
  type CaseResult,
  medianOf,
  ratioOf,
  type Row,
  type Sample,
  summarize,
} from '../results.ts'
import { emptyFolder, runOnce, runRounds } from '../run-rounds.ts'
import { outFolder, scratchFolder, sizeOf, withHub, type World } from '../world.ts'

const latencyMs = 20
const byHand = '@huggingface/hub, 8 at a time by hand'

/** (d) 2,200 files of a few KiB, every answer 20 ms late. */
export async function runSmallFiles(world: World): Promise<CaseResult> {
  const smallFiles = sizeOf(world, 2200)
  const { contestants: by, options } = world
  const rows = await withHub(world, { smallFiles, latencyMs }, (hub) =>
    runRounds(world.deps, {
      hub,
      runs: options.runs,
      expectedBytes: smallFiles * 1024,
      keepFolders: true,
      contestants: [
        by.hfx('hfx'),
        by.curlParallel(64),
        by.curlParallel(8),
        by.aria2('aria2c -j8', { atOnce: 8 }),
        by.huggingface(byHand, 8),
      ],
    }),
  )
  const times = 1 / ratioOf(rows, { name: 'hfx', other: byHand })
  return {
    id: 'd',
    title: '2,200 small files, 20 ms latency',
    rows,
    targets: [
      atMostTimes(
        'wall ≤ 1.5 × curl -Z --parallel-max 64',
        { rows, name: 'hfx', other: 'curl -Z --parallel-max 64' },
        1.5,
      ),
      {
        text: '≥ 8 × faster than @huggingface/hub',
        value: `${times.toFixed(1)} ×`,
        met: times >= 8,
      },
      atMost(
        'metadata requests ≤ ⌈files / 1000⌉ + 2',
        {
          value: medianOf(rows, 'hfx', 'metadataRequests'),
          limit: Math.ceil(smallFiles / 1000) + 2,
        },
        formatCount,
      ),
    ],
    notes: ['Each file is two requests for everyone: the Hub redirects to where its bytes are.'],
  }
}

/** (e) The same again when everything is here. */
export async function runWarm(world: World): Promise<CaseResult> {
  const smallFiles = sizeOf(world, 2200)
  const rows = await withHub(world, { smallFiles, latencyMs }, (hub) => runAgain(world, hub))
  return {
    id: 'e',
    title: 'The same again, everything cached',
    rows,
    targets: [
      requestTarget(rows, { name: 'hfx, by branch', limit: 1 }),
      requestTarget(rows, { name: 'hfx, by commit', limit: 0 }),
      timeTarget(rows, 'hfx, by branch'),
      timeTarget(rows, 'hfx, by commit'),
    ],
    notes: ['Whole processes: the start of Node is in every figure.'],
  }
}

async function runAgain(world: World, hub: HubProcess): Promise<readonly Row[]> {
  const { copy, contestants: by, deps, options } = world
  const again: readonly (Contestant & { readonly folder: string })[] = [
    { name: 'hfx, by branch', folder: 'hfx', command: (place) => hfxCommand(copy, place) },
    {
      name: 'hfx, by commit',
      folder: 'hfx',
      command: (place) => hfxCommand(copy, place, { revision: hub.commit }),
    },
    { ...by.huggingface(byHand, 8), folder: 'huggingface' },
  ]
  const placeOf = (name: string) => ({
    folder: `${outFolder(world)}-${name}`,
    scratch: scratchFolder(world),
    hub,
  })
  for (const contestant of again.filter(({ name }) => name !== 'hfx, by commit')) {
    await emptyFolder(placeOf(contestant.folder).folder)
    await runOnce(deps, contestant, placeOf(contestant.folder))
  }
  const samples = new Map<string, Sample[]>(again.map(({ name }) => [name, []]))
  for (let round = 0; round < options.runs * 3; round++) {
    for (const contestant of again) {
      const { measured, sample } = await runOnce(deps, contestant, placeOf(contestant.folder))
      if (measured.exitCode === 0) samples.get(contestant.name)?.push(sample)
      else deps.say(`  ${contestant.name}: ${measured.output}`)
    }
  }
  return again.map(({ name }) => summarize(name, samples.get(name) ?? [], 'every run failed'))
}

function requestTarget(
  rows: readonly Row[],
  which: { readonly name: string; readonly limit: number },
) {
  const figure = { value: medianOf(rows, which.name, 'requests'), limit: which.limit }
  return atMost(`${which.name}: requests ≤ ${which.limit}`, figure, formatCount)
}

function timeTarget(rows: readonly Row[], name: string) {
  const figure = { value: medianOf(rows, name, 'wallMs'), limit: 500 }
  return atMost(`${name}: wall ≤ 0.5 s`, figure, formatSeconds)
}
