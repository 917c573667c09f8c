import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock, type TransferSource } from '@hfx/core'
import type { ByteSource } from '@hfx/fake-hub'
import { createHttp } from '@hfx/http'
import { useTempDir } from '@hfx/testing'
import { createEngine } from '../src/create-engine.ts'
import { fetchRanges } from '../src/fetch-ranges.ts'
import type { PartWriter } from '../src/part-buffer.ts'
import { createStagedFile } from '../src/staged-writer.ts'
import { createLocator } from '../src/locate-source.ts'
import { makeBytes, repoId, stageIn, startBench } from './support/hub-source.ts'

const kib = 1024
const mib = 1024 ** 2

describe.each([true, false])('over sockets (lean: %s)', (leanSockets) => {
  it('SP-2: many small and large files never have more connections open than there are lanes', async () => {
    const sizes = [
      ...Array.from({ length: 30 }, () => 3 * kib),
      ...Array.from({ length: 6 }, () => 900 * kib),
    ]
    const files = Object.fromEntries(
      sizes.map((size, index) => [`f${index}`, makeBytes(size, index + 1)]),
    )
    const { hub, ...bench } = await startBench(files, {
      http: { leanSockets },
      transfer: { connections: 3, partBytes: 256 * kib },
    })
    const folder = await useTempDir()
    hub.addFault({ on: {}, fault: { kind: 'latency', ms: 5 } })
    await Promise.all(
      Object.keys(files).map((name) =>
        bench.transfer.transferFile(bench.source(name), stageIn(folder, bench.source(name))),
      ),
    )
    expect(hub.maxConcurrent()).toBeLessThanOrEqual(3)
    for (const host of ['hub', 'cdn']) {
      const asked = hub.requests.filter((request) => request.host === host)
      expect(new Set(asked.map(({ connectionId }) => connectionId)).size).toBeLessThanOrEqual(3)
      // Node joins repeated headers with a comma: this one was sent exactly once.
      expect(new Set(asked.map(({ headers }) => headers['accept-encoding']))).toEqual(
        new Set(['identity']),
      )
    }
  })

  it('ME-1: a disk that takes nothing holds the sockets, and memory keeps to its bound', async () => {
    const bytes = makeBytes(24 * mib)
    const bench = await startBench({ 'f.bin': bytes })
    const http = createHttp({ endpoint: bench.hub.url, leanSockets })
    onTestFinished(() => http.close())
    const maxBufferedBytes = 4 * mib
    const limits = { maxBufferedBytes, connections: 8 }
    const never = new AbortController().signal
    const engine = createEngine({ rangeReader: http.rangeReader }, limits, never)
    const disk = createHeldDisk(() => engine.budget.usedBytes)
    const task = taskOf(bench.source('f.bin'), { write: disk.write })
    const fetched = fetchRanges(engine, task, [{ start: 0, end: bytes.length }])
    await expect.poll(disk.isQuiet, { timeout: 10_000 }).toBe(true)
    expect(disk.mostHeld()).toBeGreaterThan(maxBufferedBytes / 2)
    expect(disk.mostHeld()).toBeLessThanOrEqual(maxBufferedBytes)
    expect(task.totals.fetchedBytes).toBeLessThanOrEqual(maxBufferedBytes)
    disk.release()
    await fetched
    expect(disk.mostHeld()).toBeLessThanOrEqual(maxBufferedBytes)
    expect(engine.budget.usedBytes).toBe(0)
  })
})

it('SU-3: bytes past 2^32 are asked for and written where they belong', async () => {
  const sizeBytes = 2 ** 32 + 4 * mib
  const start = 2 ** 32 - 2 * mib
  const tail = makeBytes(sizeBytes - start)
  const content: ByteSource = {
    sizeBytes,
    fingerprint: 'huge',
    read: (from, to) => tail.subarray(from - start, to - start),
  }
  const spec = { lfs: true, source: content, trustSha256: 'a'.repeat(64) }
  const repos = [{ id: repoId, commits: [{ files: { f: spec } }] }]
  const { hub, data } = await startBench({}, { hub: { repos } })
  const http = createHttp({ endpoint: hub.url })
  onTestFinished(() => http.close())
  const engine = createEngine({ rangeReader: http.rangeReader }, {}, new AbortController().signal)
  const writer = await createStagedFile(join(await useTempDir(), 'f'), sizeBytes)
  onTestFinished(() => writer.close())
  const url = `${hub.url}/${repoId}/resolve/main/f`
  const source = { path: 'f', sizeBytes, locate: () => Promise.resolve({ url }) }
  await fetchRanges(engine, taskOf(source, writer), [{ start, end: sizeBytes }])
  expect(data().map(({ range }) => range)).toContain(`bytes=${2 ** 32}-${2 ** 32 + 2 * mib - 1}`)
  const stored = Buffer.alloc(tail.length)
  await writer.read(stored, start)
  expect(stored.equals(tail)).toBe(true)
})

interface HeldDisk {
  readonly write: () => Promise<void>
  /** Nothing more has arrived for a while. */
  isQuiet(): boolean
  mostHeld(): number
  release(): void
}

/** Takes no byte until it is released. */
function createHeldDisk(usedBytes: () => number): HeldDisk {
  let most = 0
  let quietLooks = 0
  const look = setInterval(() => {
    quietLooks = usedBytes() > 0 && usedBytes() <= most ? quietLooks + 1 : 0
    most = Math.max(most, usedBytes())
  }, 1)
  onTestFinished(() => clearInterval(look))
  let release: () => void = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  return {
    write: () => released,
    isQuiet: () => quietLooks > 200,
    mostHeld: () => Math.max(most, usedBytes()),
    release: () => release(),
  }
}

function taskOf(source: TransferSource, writer: PartWriter): Parameters<typeof fetchRanges>[1] {
  return {
    source,
    step: {},
    gate: undefined,
    kind: 'large',
    partBytes: 2 * mib,
    splittable: true,
    writer,
    locator: createLocator({ clock: systemClock }, source, {}),
    totals: { done: [], fetchedBytes: 0, retries: 0, lastProgressAtMs: 0 },
    onBytes: () => {},
    onWritten: () => {},
    onPart: () => {},
  }
}
