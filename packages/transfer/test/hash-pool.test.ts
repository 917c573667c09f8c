import { createHash } from 'node:crypto'
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createHashPool, type HashPool } from '../src/hash-pool.ts'

const mib = 1024 ** 2

let folder: string
let file: FileHandle
let pool: HashPool

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hfx-hash-'))
  file = await open(join(folder, 'partial'), 'w+')
  pool = createHashPool()
})

afterEach(async () => {
  vi.restoreAllMocks()
  await pool.close()
  await file.close()
  await rm(folder, { recursive: true })
})

describe('a hash that trails behind the bytes', () => {
  it('IN-1: is of all bytes, however they become known', async () => {
    const bytes = Buffer.alloc(20 * mib, 'hfx')
    await file.write(bytes)
    const hashing = pool.start({ fd: file.fd, algorithm: 'sha256', sizeBytes: bytes.length })
    for (const upTo of [1, 3 * mib, 3 * mib + 1, 2 * mib, 19 * mib]) hashing.advance(upTo)
    expect(await hashing.finish()).toBe(createHash('sha256').update(bytes).digest('hex'))
    expect(hashing.hashedBytes).toBe(bytes.length)
  })

  it('goes on by itself: a main thread that is busy is not asked for every step', async () => {
    const sent = vi.spyOn(Worker.prototype, 'postMessage')
    await file.truncate(256 * mib)
    const hashing = pool.start({ fd: file.fd, algorithm: 'sha256', sizeBytes: 256 * mib })
    hashing.advance(256 * mib)
    await hashing.finish()
    expect(sent.mock.calls).toMatchObject([
      [{ op: 'start' }],
      [{ op: 'advance' }],
      [{ op: 'finish' }],
    ])
  })

  it('hashes several files in turns on one thread', async () => {
    await file.truncate(32 * mib)
    const start = { fd: file.fd, algorithm: 'sha256', sizeBytes: 32 * mib } as const
    const hashes = Array.from({ length: 9 }, () => pool.start(start))
    const expected = createHash('sha256')
      .update(Buffer.alloc(32 * mib))
      .digest('hex')
    const digests = await Promise.all(hashes.map((hashing) => hashing.finish()))
    expect(new Set(digests)).toEqual(new Set([expected]))
  })

  it('lets go of the file when it is stopped, long before all is hashed', async () => {
    await file.truncate(4096 * mib)
    const hashing = pool.start({ fd: file.fd, algorithm: 'sha256', sizeBytes: 4096 * mib })
    hashing.advance(4096 * mib)
    await hashing.stop()
    expect(hashing.hashedBytes).toBeLessThan(1024 * mib)
  })

  it('lets go as soon after many others were stopped: what they had asked for is no longer worked on', async () => {
    await file.truncate(8192 * mib)
    const start = { fd: file.fd, algorithm: 'sha256', sizeBytes: 8192 * mib } as const
    const stops = Array.from({ length: 1000 }, () => {
      const stopped = pool.start(start)
      stopped.advance(8192 * mib)
      return stopped.stop()
    })
    const hashing = pool.start(start)
    hashing.advance(8192 * mib)
    await Promise.all(stops)
    await hashing.stop()
    expect(hashing.hashedBytes).toBeLessThan(512 * mib)
  })

  it('fails with its thread, and the next one gets another thread', async () => {
    const sent = vi.spyOn(Worker.prototype, 'postMessage')
    await file.truncate(64 * mib)
    const start = { fd: file.fd, algorithm: 'sha256', sizeBytes: 64 * mib } as const
    const hashing = pool.start(start)
    const [worker] = sent.mock.instances
    await Promise.all([
      expect(hashing.finish()).rejects.toThrow('the hash worker has ended'),
      worker instanceof Worker && worker.terminate(),
    ])
    await hashing.stop()
    const expected = createHash('sha256').update(Buffer.alloc(64 * mib))
    expect(await pool.start(start).finish()).toBe(expected.digest('hex'))
  })

  it('tells when the file is shorter than what is said to be there', async () => {
    await file.truncate(mib)
    const hashing = pool.start({ fd: file.fd, algorithm: 'sha256', sizeBytes: 8 * mib })
    await expect(hashing.finish()).rejects.toThrow('the file ends at 1048576 bytes')
    await hashing.stop()
  })
})
