import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LoggedRequest } from '@hfx/fake-hub'
import { expect, it } from 'vitest'
import { openStage } from './support/hub-stage.ts'

const kib = 1024

function makeBytes(sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes)
  for (let at = 0; at + 4 <= sizeBytes; at += 4)
    bytes.writeUInt32LE(Math.imul(at, 2_654_435_761) >>> 0, at)
  return bytes
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function dataOf(requests: readonly LoggedRequest[]): readonly LoggedRequest[] {
  return requests.filter(({ host }) => host === 'cdn')
}

it('ST-5: a lane far slower than its peers is replaced by a new one, which goes on where it stopped', async () => {
  const bytes = makeBytes(14 * 1024 * kib)
  const stage = await openStage(
    { repos: [{ id: 'acme/big', commits: [{ files: { 'model.bin': { lfs: true, bytes } } }] }] },
    // Its slowness next to others alone is to count, not the minimum speed.
    { connections: 4, partBytes: 1024 * kib, minBytesPerSecond: 0 },
  )
  const { hub } = stage
  const on = { host: 'cdn' } as const
  hub.addFault({ on, times: 1, fault: { kind: 'rate', bytesPerSecond: 16_000 } })
  hub.addFault({ on, skip: 1, fault: { kind: 'rate', bytesPerSecond: 900_000 } })
  const { folder, fetchedBytes } = await stage.open().snapshot('acme/big')
  expect(digest(await readFile(join(folder, 'model.bin')))).toBe(digest(bytes))
  expect(fetchedBytes).toBe(bytes.length)

  const [slow, ...others] = dataOf(hub.requests)
  const [first = 0, last = 0] = rangeOf(slow)
  const taking = others.find((other) => {
    const [start = 0, end = 0] = rangeOf(other)
    return start > first && end <= last
  })
  expect(slow).toMatchObject({ aborted: true })
  // It would have brought a quarter of its range at least, however the rest was shared out.
  expect(slow?.sentBytes).toBeLessThan(256 * kib)
  const [from = 0] = rangeOf(taking)
  expect(from - first).toBeLessThanOrEqual(slow?.sentBytes ?? 0)
  const before = others.slice(
    0,
    others.findIndex((other) => other === taking),
  )
  expect(before.map(({ connectionId }) => connectionId)).not.toContain(taking?.connectionId)
  expect(hub.maxConcurrent(on)).toBeLessThanOrEqual(4)
})

it('a small job that comes second is served at once, and is over long before the huge one', async () => {
  const small = Object.fromEntries(
    Array.from({ length: 10 }, (_, at) => [
      `f${at}.bin`,
      { lfs: true, bytes: makeBytes((at + 80) * kib) },
    ]),
  )
  const huge = { 'huge.bin': { lfs: true, bytes: makeBytes(64 * 256 * kib) } }
  const stage = await openStage(
    {
      repos: [
        { id: 'acme/huge', commits: [{ files: huge }] },
        { id: 'acme/small', commits: [{ files: small }] },
      ],
    },
    { connections: 4, partBytes: 256 * kib },
  )
  const { hub } = stage
  const slow = hub.addFault({
    on: { host: 'cdn' },
    fault: { kind: 'rate', bytesPerSecond: 2_000_000 },
  })
  const client = stage.open()
  const first = client.snapshot('acme/huge')
  await expect.poll(() => dataOf(hub.requests).length, { timeout: 10_000 }).toBeGreaterThan(4)
  const askedBefore = dataOf(hub.requests).length
  const second = await client.snapshot('acme/small')
  expect(second.files).toHaveLength(10)

  const names = dataOf(hub.requests).map(({ file }) => file)
  const isSmall = (name: string | undefined): boolean => name !== 'huge.bin'
  const during = names.slice(names.findIndex(isSmall), names.findLastIndex(isSmall) + 1)
  // While both want lanes each has two of the four: neither is asked for much more than the other.
  expect(during.filter(isSmall)).toHaveLength(10)
  expect(during.length - 10).toBeLessThanOrEqual(10 + 4)
  expect(names.length).toBeLessThan(64)
  expect(askedBefore).toBeLessThan(names.length)
  slow.remove()
  await first
  const every = dataOf(hub.requests).filter(({ file }) => file === 'huge.bin')
  expect(new Set(every.map(({ range }) => range)).size).toBe(64)
  expect(hub.maxConcurrent({ host: 'cdn' })).toBeLessThanOrEqual(4)
})

function rangeOf(request: LoggedRequest | undefined): readonly number[] {
  return (request?.range ?? '').replace('bytes=', '').split('-').map(Number)
}
