import { execFile } from 'node:child_process'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Contestant, type Place } from './contestants.ts'
import { type HubProcess } from './hub-process.ts'
import { measure, type MeasureDeps, type Measured } from './measure.ts'
import { type Row, type Sample, summarize } from './results.ts'
import { type Cdn } from './start-nginx.ts'

/** What every case works with. */
export interface RoundDeps extends MeasureDeps {
  readonly cdn: Cdn | undefined
  readonly say: (line: string) => void
}

export interface Rounds {
  readonly hub: HubProcess
  readonly contestants: readonly (Contestant | undefined)[]
  readonly runs: number
  /** What must be in the folder afterwards; a run that brings less does not count. */
  readonly expectedBytes: number
  /** Each run's folder stays until all have run: ext4 is slow to create files where thousands have just been deleted. @default false */
  readonly keepFolders?: boolean
}

/**
 * Everybody once, then everybody again, another one first: the machine's moods fall on all alike. Each run starts with an
 * empty folder.
 */
export async function runRounds(deps: RoundDeps, rounds: Rounds): Promise<readonly Row[]> {
  const contestants = rounds.contestants.filter((each) => each !== undefined)
  const samples = new Map<string, Sample[]>()
  const failures = new Map<string, string>()
  if (rounds.keepFolders) await spreadFolders(join(deps.folder, 'out'))
  for (let round = 0; round < rounds.runs; round++) {
    for (const [index, contestant] of rotate(contestants, round).entries()) {
      const place: Place = {
        folder: join(deps.folder, 'out', rounds.keepFolders ? `${round}-${index}` : 'run'),
        scratch: join(deps.folder, 'scratch'),
        hub: rounds.hub,
      }
      await emptyFolder(place.folder)
      const { measured, sample } = await runOnce(deps, contestant, place)
      const got = await countBytes(place.folder)
      const failure = findFailure(measured, {
        got,
        expected: contestant.bringsNothing ? 0 : rounds.expectedBytes,
      })
      if (failure === undefined) addTo(samples, contestant.name, sample)
      else failures.set(contestant.name, failure)
      deps.say(`  ${contestant.name}: ${failure ?? describeSample(sample)}`)
    }
  }
  await rm(join(deps.folder, 'out'), { recursive: true, force: true })
  return contestants.map(({ name }) => summarize(name, samples.get(name) ?? [], failures.get(name)))
}

function rotate<T>(all: readonly T[], by: number): readonly T[] {
  const start = by % all.length
  return [...all.slice(start), ...all.slice(0, start)]
}

/**
 * Asks ext4 to put each folder below in a part of the disk of its own: beside files that were deleted minutes ago, each
 * new one costs several times as much. Elsewhere nothing comes of it.
 */
async function spreadFolders(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await promisify(execFile)('chattr', ['+T', folder]).catch(() => undefined)
}

/** One run in a place as it is, with what it cost the servers. */
export async function runOnce(
  deps: RoundDeps,
  contestant: Contestant,
  place: Place,
): Promise<{ readonly measured: Measured; readonly sample: Sample }> {
  const command = await contestant.command(place)
  await takeCounts(deps, place.hub)
  const measured = await measure(deps, command)
  const counts = await takeCounts(deps, place.hub)
  const { wallMs, cpuMs, peakBytes } = measured
  return { measured, sample: { wallMs, cpuMs, peakBytes, ...counts } }
}

/** The Hub's and the data origin's counts since the last call. */
export async function takeCounts(
  deps: RoundDeps,
  hub: HubProcess,
): Promise<Pick<Sample, 'requests' | 'metadataRequests' | 'sentBytes' | 'dataMs'>> {
  const [api, data] = await Promise.all([
    hub.takeCounts(),
    deps.cdn?.takeCounts() ?? { requests: 0, sentBytes: 0 },
  ])
  return {
    requests: api.requests + data.requests,
    metadataRequests: api.metadataRequests,
    sentBytes: api.sentBytes + data.sentBytes,
    dataMs: api.dataMs,
  }
}

export async function emptyFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
}

/** Bytes of the regular files below a folder; with `allocated`, only what has been written of sparse ones. */
export async function countBytes(folder: string, allocated = false): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) =>
        stat(join(entry.parentPath, entry.name)).then(
          ({ size, blocks }) => (allocated ? blocks * 512 : size),
          () => 0,
        ),
      ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

function findFailure(
  measured: Measured,
  bytes: { readonly got: number; readonly expected: number },
): string | undefined {
  if (measured.exitCode !== 0)
    return `exit code ${measured.exitCode}: ${measured.output.trim().split('\n').at(-1)}`
  if (bytes.got < bytes.expected) return `brought ${bytes.got} of ${bytes.expected} bytes`
  return undefined
}

function describeSample({ wallMs, cpuMs, peakBytes, requests }: Sample): string {
  const seconds = `${(wallMs / 1000).toFixed(2)} s, CPU ${(cpuMs / 1000).toFixed(2)} s`
  return `${seconds}, ${Math.round(peakBytes / 1e6)} MB, ${requests} requests`
}

function addTo(samples: Map<string, Sample[]>, name: string, sample: Sample): void {
  const known = samples.get(name)
  if (known) known.push(sample)
  else samples.set(name, [sample])
}
