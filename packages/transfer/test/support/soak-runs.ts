import { readdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { FlowEvent, RangeReader } from '@hfx/core'
import { startFakeHub, type ActiveFault, type FakeHub, type Fault } from '@hfx/fake-hub'
import { createHttp } from '@hfx/http'
import { createFileTransfer } from '../../src/index.ts'
import type { ChildJob, WireName } from './child.ts'
import { buildChildProgram, startChild, waitForChild, type ChildEnd } from './child-program.ts'
import { makeBytes, repoId, sha256 } from './hub-source.ts'
import { createNodeRangeReader } from './node-range-reader.ts'

const kib = 1024

/** A small generator whose runs can be repeated. */
export function createSeededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What carries the bytes of a run. */
export interface SoakWire {
  readonly name: WireName
  readonly tls: boolean
}

/** Every way in which bytes arrive. */
export const soakWires: readonly SoakWire[] = [
  { name: 'lean', tls: false },
  { name: 'undici', tls: false },
  { name: 'lean', tls: true },
  { name: 'undici', tls: true },
  { name: 'node', tls: false },
]

const fixtures = join(import.meta.dirname, '..', '..', '..', 'http', 'test', 'fixtures')
const caFile = join(fixtures, 'ca.pem')

async function startSoakHub(bytes: Buffer, { tls }: SoakWire): Promise<FakeHub> {
  const files = { 'soak.bin': { lfs: true, bytes } }
  const [cert, key] = await Promise.all(
    ['server.pem', 'server-key.pem'].map((name) => readFile(join(fixtures, name), 'utf8')),
  )
  return startFakeHub({
    repos: [{ id: repoId, commits: [{ files }] }],
    ...(tls && cert !== undefined && key !== undefined ? { tls: { cert, key } } : {}),
  })
}

function describeJob(hub: FakeHub, bytes: Buffer, run: SoakRun): ChildJob {
  return {
    endpoint: hub.url,
    url: `${hub.url}/${repoId}/resolve/main/soak.bin`,
    sha256: sha256(bytes),
    sizeBytes: bytes.byteLength,
    folder: run.folder,
    partBytes: 128 * kib,
    connections: 4,
    wire: run.wire.name,
    ...(run.wire.tls ? { ca: caFile } : {}),
  }
}

interface SoakRun {
  readonly folder: string
  readonly wire: SoakWire
}

export interface KillReport {
  readonly kills: number
  readonly finished: number
  /** Bytes that were sent beyond one copy of each file, and the most that the kills may cost. */
  readonly refetchedBytes: number
  readonly allowedBytes: number
  readonly wrong: readonly string[]
}

/** Kills downloads of one file at random moments until `kills` were hit, each time going on with what is there. */
export async function runKills(
  folder: string,
  options: { readonly kills: number; readonly seed: number; readonly wire: SoakWire },
): Promise<KillReport> {
  const random = createSeededRandom(options.seed)
  const bytes = makeBytes(1800 * kib, options.seed)
  const { wire } = options
  const hub = await startSoakHub(bytes, wire)
  hub.addFault({ on: { host: 'cdn' }, fault: { kind: 'rate', bytesPerSecond: 700 * kib } })
  const program = await buildChildProgram()
  const job = describeJob(hub, bytes, { folder, wire })
  const count = { kills: 0, finished: 0 }
  const wrong: string[] = []
  try {
    while (count.kills < options.kills) {
      const child = startChild(program, job)
      const over = waitForChild(child)
      const asked = hub.requests.length
      const killed = (async () => {
        while (hub.requests.length === asked && child.exitCode === null) await pause(5)
        await pause(random() * 900)
        child.kill('SIGKILL')
      })()
      const end = await over
      await killed
      if (end.signal === 'SIGKILL') count.kills += 1
      else if (end.code === 0) count.finished += 1
      else wrong.push(end.errors)
      wrong.push(...(await checkFolder(job)))
      if (end.code === 0) await rm(join(folder, job.sha256))
    }
    const last = await waitForChild(startChild(program, job))
    if (last.code !== 0) wrong.push(last.errors)
    wrong.push(...(await checkFolder(job)))
    const left = (await readdir(folder)).filter((name) => name !== job.sha256)
    wrong.push(...left.map((name) => `left over: ${name}`))
    return {
      ...count,
      refetchedBytes: countSent(hub) - (count.finished + 1) * bytes.byteLength,
      allowedBytes: count.kills * job.connections * job.partBytes,
      wrong,
    }
  } finally {
    await hub.close()
    await rm(dirname(program), { recursive: true, force: true })
  }
}

export interface HaltReport {
  readonly killedBy: NodeJS.Signals | null
  /** Bytes that were sent after the kill. */
  readonly refetchedBytes: number
  readonly finalName: string
  /** What is in the folder in the end. */
  readonly names: readonly string[]
  readonly wrong: readonly string[]
}

/** Kills a download whose file is proven and has no final name yet, and runs it again. */
export async function runHalted(folder: string, wire: SoakWire): Promise<HaltReport> {
  const bytes = makeBytes(1000 * kib)
  const hub = await startSoakHub(bytes, wire)
  const program = await buildChildProgram()
  const job = describeJob(hub, bytes, { folder, wire })
  try {
    const child = startChild(program, { ...job, halt: true })
    child.stdout?.once('data', () => child.kill('SIGKILL'))
    const { signal, errors } = await waitForChild(child)
    hub.clearRequests()
    const again = await waitForChild(startChild(program, job))
    return {
      killedBy: signal,
      refetchedBytes: countSent(hub),
      finalName: job.sha256,
      names: await readdir(folder),
      wrong: [...[errors, again.errors].filter((text) => text !== ''), ...(await checkFolder(job))],
    }
  } finally {
    await hub.close()
    await rm(dirname(program), { recursive: true, force: true })
  }
}

/** Many processes bring one file into one cold folder at once, with no lock between them. */
export async function runCrowd(
  folder: string,
  options: { readonly processes: number; readonly seed: number; readonly wire: SoakWire },
): Promise<readonly string[]> {
  const bytes = makeBytes(2000 * kib, options.seed)
  const hub = await startSoakHub(bytes, options.wire)
  const program = await buildChildProgram()
  const job = describeJob(hub, bytes, { folder, wire: options.wire })
  try {
    const ends = await Promise.all(
      Array.from({ length: options.processes }, () => waitForChild(startChild(program, job))),
    )
    const failed = ends.filter((end) => end.code !== 0).map((end) => end.errors)
    const left = (await readdir(folder)).filter((name) => name !== job.sha256)
    return [...failed, ...left, ...(await checkFolder(job))]
  } finally {
    await hub.close()
    await rm(dirname(program), { recursive: true, force: true })
  }
}

/** A download of which no byte arrives, in a process of its own: resolves when that has ended by itself. */
export async function runDead(folder: string, wire: SoakWire): Promise<ChildEnd> {
  const bytes = makeBytes(1000 * kib)
  const hub = await startSoakHub(bytes, wire)
  hub.addFault({ on: { host: 'cdn' }, fault: { kind: 'stall', afterBytes: 0 } })
  const program = await buildChildProgram()
  const limits = { stallTimeoutMs: 1000, maxSilentMs: 2000 }
  try {
    const job = { ...describeJob(hub, bytes, { folder, wire }), limits }
    return await waitForChild(startChild(program, job))
  } finally {
    await hub.close()
    await rm(dirname(program), { recursive: true, force: true })
  }
}

/** A file under its final name is whole and right, whenever one looks. */
async function checkFolder(job: ChildJob): Promise<string[]> {
  const names = await readdir(job.folder)
  if (!names.includes(job.sha256)) return []
  const actual = sha256(await readFile(join(job.folder, job.sha256)))
  return actual === job.sha256 ? [] : [`torn file: ${actual}`]
}

export interface FaultReport {
  readonly rounds: number
  readonly faults: number
  readonly failures: number
  /** Bytes beyond one copy of each file, and the most that the faults may cost. */
  readonly refetchedBytes: number
  readonly allowedBytes: number
  readonly wrong: readonly string[]
}

/** Faults after which a file may have to come again from its start: wrong bytes, or no ranges. */
const wholeCosts: ReadonlySet<Fault['kind']> = new Set([
  'flip',
  'ignoreRange',
  'shiftRange',
  'long',
  'html',
])

function countSent({ requests }: FakeHub): number {
  return requests.reduce((sum, { host, sentBytes }) => sum + (host === 'cdn' ? sentBytes : 0), 0)
}

/** Downloads under random faults; a download that fails is repeated without them, from what it left. */
export async function runFaults(
  folder: string,
  options: { readonly rounds: number; readonly seed: number },
): Promise<FaultReport> {
  const random = createSeededRandom(options.seed)
  const count = { faults: 0, failures: 0, refetchedBytes: 0, allowedBytes: 0 }
  const wrong: string[] = []
  for (let round = 0; round < options.rounds; round += 1) {
    const sizeBytes = Math.floor(random() * 1500 * kib)
    const bytes = makeBytes(sizeBytes, round + 1)
    const wire = soakWires[round % soakWires.length] ?? { name: 'lean', tls: false }
    const hub = await startSoakHub(bytes, wire)
    const rangeReader = openReader(hub, wire)
    const partBytes = 16 * kib + Math.floor(random() * 200 * kib)
    const connections = 1 + Math.floor(random() * 8)
    // A client's first handshake reads every root certificate: on a busy machine that is no silence.
    const stallTimeoutMs = wire.tls ? 1500 : 150
    const waits = { stallTimeoutMs, minSpeedWindowMs: 300, retryWaitMs: 1, maxRetryWaitMs: 20 }
    const transfer = createFileTransfer({ rangeReader }, { partBytes, connections, ...waits })
    const digest = sha256(bytes)
    const source = {
      path: 'soak.bin',
      sizeBytes,
      hash: { algorithm: 'sha256', digest },
      locate: () => Promise.resolve({ url: `${hub.url}/${repoId}/resolve/main/soak.bin` }),
    } as const
    const staged = { folder, stem: digest }
    const faults: { readonly fault: Fault; readonly active: ActiveFault }[] = []
    for (let index = random() * 4; index > 0; index -= 1) {
      const fault = chooseFault(random, sizeBytes)
      faults.push({ fault, active: hub.addFault({ ...planFault(random), fault }) })
    }
    count.faults += faults.length
    let retries = 0
    const emit = ({ type }: FlowEvent): void => {
      if (type === 'file:retry' || type === 'file:stall') retries += 1
    }
    const bring = (): Promise<string> =>
      transfer.transferFile(source, staged, { emit }).then((result) => result.file.path)
    const path = await bring().catch((error: unknown) => {
      count.failures += 1
      if (!(error instanceof Error) || !('code' in error)) wrong.push(String(error))
      hub.clearFaults()
      return bring()
    })
    if (sha256(await readFile(path)) !== digest) wrong.push(`round ${round}: wrong bytes`)
    await rm(path)
    for (const name of await readdir(folder)) wrong.push(`round ${round}: left over ${name}`)
    const hits = faults.flatMap(({ fault, active }) =>
      Array.from({ length: active.hits }, () => fault.kind),
    )
    const dear = hits.filter((kind) => wholeCosts.has(kind)).length
    const refetched = countSent(hub) - sizeBytes
    // A busy machine may look like a stall, and gzip makes what is random a little longer.
    const allowed = dear * sizeBytes + (hits.length + retries) * connections * (partBytes + kib)
    if (refetched > allowed)
      wrong.push(`round ${round}: ${refetched} bytes too many, ${allowed} allowed (${hits.join()})`)
    count.refetchedBytes += Math.max(0, refetched)
    count.allowedBytes += allowed
    await transfer.close()
    await rangeReader.close()
    await hub.close()
  }
  return { rounds: options.rounds, ...count, wrong }
}

function openReader(hub: FakeHub, { name, tls }: SoakWire): RangeReader {
  if (name === 'node') return createNodeRangeReader()
  return createHttp({
    endpoint: hub.url,
    leanSockets: name === 'lean',
    ...(tls ? { ca: caFile } : {}),
  }).rangeReader
}

function planFault(random: () => number): {
  on: { host: 'cdn' | 'hub' }
  times: number
  skip: number
} {
  const host = random() < 0.8 ? 'cdn' : 'hub'
  return { on: { host }, times: 1 + Math.floor(random() * 4), skip: Math.floor(random() * 6) }
}

function chooseFault(random: () => number, sizeBytes: number): Fault {
  const at = Math.floor(random() * Math.max(1, sizeBytes / 4))
  const faults: readonly Fault[] = [
    { kind: 'status', status: 503 },
    { kind: 'status', status: 429, headers: { 'retry-after': '0' } },
    { kind: 'status', status: 403 },
    { kind: 'latency', ms: 60 },
    { kind: 'rate', bytesPerSecond: 400_000 },
    { kind: 'stall', afterBytes: at },
    { kind: 'drip', bytesPerSecond: 100, afterBytes: at },
    { kind: 'reset', afterBytes: at },
    { kind: 'short', bytes: at + 1 },
    { kind: 'short', bytes: at + 1, declared: true },
    { kind: 'long', bytes: 1000 },
    { kind: 'flip', atByte: at },
    { kind: 'ignoreRange' },
    { kind: 'shiftRange', by: 7 },
    { kind: 'shiftRange', by: 7, lie: true },
    { kind: 'html' },
    { kind: 'gzip' },
    { kind: 'expireUrl' },
    { kind: 'refuse' },
  ]
  return faults[Math.floor(random() * faults.length)] ?? { kind: 'refuse' }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
