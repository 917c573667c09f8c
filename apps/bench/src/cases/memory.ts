import { statfs } from 'node:fs/promises'
import { makeBlob } from '../blobs.ts'
import { clientPath, type Contestant, hfxCommand } from '../contestants.ts'
import { formatMegabytes } from '../format.ts'
import { type HubPlan } from '../hub-process.ts'
import { atMost, type CaseResult, medianOf, type Row } from '../results.ts'
import { runRounds } from '../run-rounds.ts'
import { makeFiles, MiB, sizeOf, withHub, type World } from '../world.ts'

const connections = 16
const slowDiskBytesPerSecond = 20_000_000

/** Memory on 16 connections: a file larger than memory, and a disk slower than the network. */
export async function runMemory(world: World): Promise<CaseResult> {
  const wantedBytes = sizeOf(world, 20e9)
  const hugeBytes = await fitDisk(world, wantedBytes)
  const huge = await makeBlob(world.blobFolder, { sizeBytes: hugeBytes, seed: 0, sparse: true })
  const name = `hfx, ${(hugeBytes / 1e9).toFixed(1)} GB`
  const hugeRows = await runHfx(world, [{ path: 'model.bin', blob: huge }], {
    name,
    command: (place) => hfxCommand(world.copy, place, { options: { connections } }),
  })
  const slowBytes = sizeOf(world, 1024 * MiB)
  const slowName = `hfx, ${slowBytes / MiB} MiB to a disk of ${slowDiskBytesPerSecond / 1e6} MB/s`
  const slowFiles = await makeFiles(world, { count: 1, sizeBytes: slowBytes, seed: 40 })
  const slowRows = await runHfx(world, slowFiles, {
    name: slowName,
    command: (place) =>
      hfxCommand(world.copy, place, {
        options: { connections },
        preload: clientPath('slow-disk'),
        env: { BENCH_DISK_BYTES_PER_SECOND: String(slowDiskBytesPerSecond) },
      }),
  })
  const rows = [...hugeRows, ...slowRows]
  return {
    id: 'memory',
    title: 'Memory on 16 connections',
    rows,
    targets: [name, slowName].map((which) =>
      atMost(
        `${which}: peak memory ≤ 256 MB`,
        { value: medianOf(rows, which, 'peakBytes'), limit: 256e6 },
        formatMegabytes,
      ),
    ),
    notes: [
      'The large file is all zeros and sparse at the server; it is written and verified in full.',
      'The slow disk is a delay before each write, in the client process.',
      ...(hugeBytes < wantedBytes ? ['The disk of this machine had no room for 20 GB.'] : []),
    ],
  }
}

function runHfx(
  world: World,
  blobs: HubPlan['blobs'],
  contestant: Contestant,
): Promise<readonly Row[]> {
  const expectedBytes = blobs.reduce((sum, { blob }) => sum + blob.sizeBytes, 0)
  return withHub(world, { blobs }, (hub) =>
    runRounds(world.deps, { hub, runs: 1, expectedBytes, contestants: [contestant] }),
  )
}

/** Leaves 4 GB of the volume free. */
async function fitDisk(world: World, wantedBytes: number): Promise<number> {
  const { bavail, bsize } = await statfs(world.deps.folder)
  const room = Math.floor(((bavail * bsize - 4e9) * 0.9) / MiB) * MiB
  return Math.max(64 * MiB, Math.min(wantedBytes, room))
}
