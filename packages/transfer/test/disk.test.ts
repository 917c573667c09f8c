import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { DiskError, HubError, InsufficientSpaceError } from '@hfx/core'
import { createManualClock, useTempDir } from '@hfx/testing'
import { describeDiskError } from '../src/disk-error.ts'
import { hashStoredFile } from '../src/hash-file.ts'
import type { HashPool } from '../src/hash-pool.ts'
import { checkSpace, createFileHasher } from '../src/index.ts'
import { createMemoryFile, createWholeFileWriter } from '../src/whole-file-writer.ts'
import { gitSha1, makeBytes, sha256, stageIn, startBench } from './support/hub-source.ts'

const mib = 1024 ** 2

describe('checkSpace', () => {
  const volumes = { a: { id: '1', freeBytes: 1000 }, b: { id: '2', freeBytes: undefined } }
  const readVolume = (folder: string): Promise<{ id: string; freeBytes: number | undefined }> =>
    Promise.resolve(folder.startsWith('b') ? volumes.b : volumes.a)

  it('DF-1: adds up what goes to one volume, with the reserve', async () => {
    const demands = [
      { folder: 'a/x', bytes: 600 },
      { folder: 'a/y', bytes: 300 },
    ]
    expect(await checkSpace(demands, { reserveBytes: 100, readVolume })).toMatchObject([
      { needBytes: 900, freeBytes: 1000, verdict: 'enough' },
    ])
    const tight = checkSpace(demands, { reserveBytes: 101, readVolume })
    await expect(tight).rejects.toBeInstanceOf(InsufficientSpaceError)
    await expect(tight).rejects.toMatchObject({ needBytes: 900, freeBytes: 1000, path: 'a/x' })
    const forced = await checkSpace(demands, { reserveBytes: 101, readVolume, force: true })
    expect(forced).toMatchObject([{ verdict: 'too-little' }])
  })

  it('DF-1: says so where the room is unknown', async () => {
    expect(await checkSpace([{ folder: 'b', bytes: 5 }], { readVolume })).toMatchObject([
      { verdict: 'unknown' },
    ])
  })

  it('asks the real volume, also for a folder that does not exist yet', async () => {
    const folder = join(await useTempDir(), 'not', 'there')
    await expect(checkSpace([{ folder, bytes: 2 ** 52 }])).rejects.toMatchObject({
      code: 'HUB_NO_SPACE',
    })
    expect(await checkSpace([{ folder, bytes: 1 }])).toMatchObject([{ verdict: 'enough' }])
  })
})

describe('hashing of files on disk', () => {
  it.each([0, 1000, 3 * mib + 5])('is right for %i bytes, for both algorithms', async (size) => {
    const bytes = makeBytes(size)
    const path = join(await useTempDir(), 'f')
    await writeFile(path, bytes)
    const hasher = createFileHasher()
    onTestFinished(() => hasher.close())
    expect(await hasher.hashFile(path, 'sha256')).toBe(sha256(bytes))
    expect(await hasher.hashFile(path, 'git-sha1')).toBe(gitSha1(bytes))
  })

  it('is right where a thread cannot read what this one has opened, and stops when it is told to', async () => {
    const bytes = makeBytes(3 * mib)
    const path = join(await useTempDir(), 'f')
    await writeFile(path, bytes)
    const refused = new HubError({ code: 'HUB_DISK', message: 'EBADF' })
    const pool: HashPool = {
      start: () => ({
        hashedBytes: 0,
        advance: () => {},
        finish: () => Promise.reject(refused),
        stop: async () => {},
      }),
      close: async () => {},
    }
    expect(await hashStoredFile({ pool }, path, 'sha256')).toEqual({
      digest: sha256(bytes),
      sizeBytes: bytes.length,
    })
    const controller = new AbortController()
    const { signal } = controller
    const stopped = hashStoredFile({ pool, signal }, path, 'sha256')
    setImmediate(() => controller.abort('enough'))
    await expect(stopped).rejects.toBe('enough')
  })

  it('proves a stored file, or says what is wrong with it', async () => {
    const { transfer } = await startBench({})
    const bytes = makeBytes(2 * mib)
    const path = join(await useTempDir(), 'f')
    await writeFile(path, bytes)
    const expected = {
      path: 'f',
      sizeBytes: bytes.length,
      hash: { algorithm: 'sha256', digest: sha256(bytes) },
    } as const
    expect(await transfer.verifyFile(path, expected)).toMatchObject({ path, verifiedBy: 'sha256' })
    const wrong = { ...expected, hash: { ...expected.hash, digest: 'f'.repeat(64) } }
    await expect(transfer.verifyFile(path, wrong)).rejects.toMatchObject({
      code: 'HUB_HASH_MISMATCH',
      actual: sha256(bytes),
    })
    const { hash: _, ...unhashed } = expected
    await expect(transfer.verifyFile(path, { ...unhashed, sizeBytes: 5 })).rejects.toMatchObject({
      code: 'HUB_SIZE_MISMATCH',
    })
  })
})

describe('the disk', () => {
  it.each([
    ['ENOSPC', 'HUB_NO_SPACE'],
    ['EDQUOT', 'HUB_NO_SPACE'],
    ['EACCES', 'HUB_PERMISSION_DENIED'],
    ['EROFS', 'HUB_READ_ONLY'],
    ['EIO', 'HUB_DISK'],
  ])('DF-2: that answers %s means %s', (errno, code) => {
    const cause = Object.assign(new Error('x'), { code: errno })
    const error = describeDiskError(cause, '/f')
    expect(error).toBeInstanceOf(DiskError)
    expect(error).toMatchObject({ code, path: '/f', cause })
  })

  it('that has no such folder fails the file, and asks the server for nothing', async () => {
    const { source, ...bench } = await startBench({ 'f.bin': makeBytes(200_000) })
    const staged = { ...stageIn('/nowhere/at/all', source('f.bin')) }
    await expect(bench.transfer.transferFile(source('f.bin'), staged)).rejects.toMatchObject({
      code: 'HUB_DISK',
    })
    expect(bench.hub.requests).toEqual([])
  })

  it('gets a small file in one piece, and never over a file that is there', async () => {
    const clock = createManualClock()
    const files = createWholeFileWriter(clock)
    const folder = await useTempDir()
    const memory = createMemoryFile()
    await memory.writer.write([Buffer.from('wrong start')], 0)
    await memory.writer.write([Buffer.from('good '), Buffer.from('bytes')], 0)
    for (const [name, durable] of [
      ['a', false],
      ['b', true],
    ] as const) {
      await files.writeFile(join(folder, name), memory.buffers, { durable })
      expect(await readFile(join(folder, name), 'utf8')).toBe('good bytes')
    }
    await expect(files.writeFile(join(folder, 'a'), [], { durable: false })).rejects.toMatchObject({
      code: 'HUB_DISK',
    })
  })
})
