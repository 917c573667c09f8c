import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { type Blob, makeBlob } from './blobs.ts'
import { type Contestants } from './contestants.ts'
import { type HubPlan, type HubProcess, startHubProcess } from './hub-process.ts'
import { type InstalledCopy } from './install-copy.ts'
import { type BenchOptions } from './options.ts'
import { type RoundDeps } from './run-rounds.ts'
import { type Certificate } from './start-nginx.ts'

/** What is set up once for all cases. */
export interface World {
  readonly options: BenchOptions
  readonly deps: RoundDeps
  readonly copy: InstalledCopy
  readonly contestants: Contestants
  readonly certificate: Certificate | undefined
  readonly blobFolder: string
}

export const MiB: number = 1024 ** 2

/** Full size, or the small one with `--quick`. */
export function sizeOf(world: World, fullBytes: number): number {
  return world.options.quick ? Math.ceil(fullBytes / 32) : fullBytes
}

/** `count` files of random bytes, `model.bin` when there is one only. */
export async function makeFiles(
  world: World,
  what: { readonly count: number; readonly sizeBytes: number; readonly seed: number },
): Promise<HubPlan['blobs']> {
  const made: { readonly path: string; readonly blob: Blob }[] = []
  for (let index = 0; index < what.count; index++) {
    const blob = await makeBlob(world.blobFolder, {
      sizeBytes: what.sizeBytes,
      seed: what.seed + index,
    })
    await readThrough(blob.path)
    made.push({ path: what.count === 1 ? 'model.bin' : `model-${index}.bin`, blob })
  }
  return made
}

/** Brings a file into the page cache, so that the first contestant does not wait for the server's disk. */
async function readThrough(path: string): Promise<void> {
  const chunks = createReadStream(path, { highWaterMark: MiB })
  for await (const _ of chunks);
}

/** Runs `work` with a Hub; the bytes of blobs come from nginx unless the plan says otherwise. */
export async function withHub<T>(
  world: World,
  plan: Partial<HubPlan>,
  work: (hub: HubProcess) => Promise<T>,
): Promise<T> {
  const hub = await startHubProcess({
    blobs: [],
    smallFiles: 0,
    latencyMs: 0,
    cdnUrl: world.deps.cdn?.url,
    cdnBytesPerSecond: undefined,
    tls: undefined,
    ...plan,
  })
  try {
    return await work(hub)
  } finally {
    await hub.stop()
  }
}

export function outFolder(world: World): string {
  return join(world.deps.folder, 'out')
}

export function scratchFolder(world: World): string {
  return join(world.deps.folder, 'scratch')
}
