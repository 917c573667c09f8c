import { open, readdir, readFile, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { StagedFile, TransferSource } from '@hfx/core'
import { useTempDir } from '@hfx/testing'
import type { TransferOptions } from '../src/index.ts'
import { makeBytes, stageIn, startBench, type Bench } from './support/hub-source.ts'

const kib = 1024
const partBytes = 256 * kib
const bytes = makeBytes(8 * partBytes)
const quick: TransferOptions = { partBytes, connections: 2 }

interface Started {
  readonly bench: Bench
  readonly folder: string
  readonly source: TransferSource
  readonly staged: StagedFile
}

async function start(options: TransferOptions = {}): Promise<Started> {
  const bench = await startBench({ 'f.bin': bytes }, { transfer: { ...quick, ...options } })
  const folder = await useTempDir()
  const source = bench.source('f.bin')
  return { bench, folder, source, staged: stageIn(folder, source) }
}

/** A first run that breaks off after some parts. */
async function breakOff(started: Started): Promise<void> {
  const { bench, source, staged } = started
  const fault = bench.hub.addFault({
    on: { host: 'cdn' },
    skip: 4,
    fault: { kind: 'status', status: 400 },
  })
  await expect(bench.transfer.transferFile(source, staged)).rejects.toMatchObject({ status: 400 })
  fault.remove()
  bench.hub.clearRequests()
}

describe('a second run', () => {
  it('RE-2: fetches only what is missing', async () => {
    const started = await start()
    await breakOff(started)
    const { bench, source, staged, folder } = started
    const waiting = await bench.transfer.findPartial(source, staged)
    expect(waiting).toBeGreaterThanOrEqual(4 * partBytes)
    const result = await bench.transfer.transferFile(source, staged)
    expect(result.resumedBytes).toBe(waiting)
    expect(result.fetchedBytes).toBe(bytes.byteLength - waiting)
    expect(bytes.equals(await readFile(result.file.path))).toBe(true)
    expect(await readdir(folder)).toHaveLength(1)
  })

  it('RE-5: goes on with another part size and another number of lanes', async () => {
    const started = await start()
    await breakOff(started)
    const other = await startBench(
      { 'f.bin': bytes },
      { transfer: { partBytes: 100 * kib, connections: 5 } },
    )
    const source = other.source('f.bin')
    const result = await other.transfer.transferFile(source, started.staged)
    expect(result.fetchedBytes + result.resumedBytes).toBe(bytes.byteLength)
    expect(result.resumedBytes).toBeGreaterThanOrEqual(4 * partBytes)
    expect(bytes.equals(await readFile(result.file.path))).toBe(true)
  })

  it('RE-5: goes on also where the file would be one part now', async () => {
    const started = await start()
    await breakOff(started)
    const other = await startBench({ 'f.bin': bytes })
    const result = await other.transfer.transferFile(other.source('f.bin'), started.staged)
    expect(result.resumedBytes).toBeGreaterThanOrEqual(4 * partBytes)
    expect(await readdir(started.folder)).toHaveLength(1)
  })

  it('does not follow a link that stands where a partial was', async () => {
    const started = await start()
    await breakOff(started)
    const { bench, source, staged, folder } = started
    const victim = join(await useTempDir(), 'precious')
    await writeFile(victim, Buffer.alloc(bytes.byteLength, 7))
    for (const name of await readdir(folder)) {
      if (name.includes('.journal.')) continue
      await rm(join(folder, name))
      await symlink(victim, join(folder, name))
    }
    const result = await bench.transfer.transferFile(source, staged)
    expect(result.resumedBytes).toBe(0)
    expect((await readFile(victim)).every((byte) => byte === 7)).toBe(true)
  })

  it('RE-3: takes nothing from a partial of other content', async () => {
    const started = await start()
    await breakOff(started)
    const changed = makeBytes(8 * partBytes, 2)
    const other = await startBench({ 'f.bin': changed }, { transfer: quick })
    const source = other.source('f.bin')
    const result = await other.transfer.transferFile(source, started.staged)
    expect(result.resumedBytes).toBe(0)
    expect(changed.equals(await readFile(result.file.path))).toBe(true)
  })

  it('begins anew when told to, and removes the abandoned partial', async () => {
    const started = await start()
    await breakOff(started)
    const { bench, source, staged, folder } = started
    const result = await bench.transfer.transferFile(source, staged, { force: true })
    expect(result).toMatchObject({ resumedBytes: 0, fetchedBytes: bytes.byteLength })
    expect(await readdir(folder)).toHaveLength(1)
  })

  it('RE-2: leaves a partial alone that a living process writes, and copies its finished parts', async () => {
    const started = await start()
    await breakOff(started)
    const { bench, source, staged, folder } = started
    await pretendOwner(folder, 'elsewhere 1', new Date())
    const before = (await readdir(folder)).toSorted(compareText)
    const result = await bench.transfer.transferFile(source, staged)
    expect(result.resumedBytes).toBeGreaterThanOrEqual(4 * partBytes)
    expect(bytes.equals(await readFile(result.file.path))).toBe(true)
    const after = await readdir(folder)
    expect(after.filter((name) => before.includes(name)).toSorted(compareText)).toEqual(before)
  })

  it('takes over from a process of another place after half a minute of silence', async () => {
    const started = await start()
    await breakOff(started)
    const { bench, source, staged, folder } = started
    await pretendOwner(folder, 'elsewhere 1', new Date(Date.parse('2024-01-01')))
    const result = await bench.transfer.transferFile(source, staged)
    expect(result.resumedBytes).toBeGreaterThanOrEqual(4 * partBytes)
    expect(await readdir(folder)).toHaveLength(1)
  })

  it('IN-4: does not trust a partial of the right size whose journal is gone', async () => {
    const started = await start()
    await breakOff(started)
    const { bench, source, staged, folder } = started
    for (const name of await readdir(folder))
      if (name.includes('.journal.')) await rm(join(folder, name))
    const result = await bench.transfer.transferFile(source, staged)
    expect(result.resumedBytes).toBe(0)
  })

  it('takes nothing from a partial that somebody has cut, and removes it', async () => {
    const started = await start()
    await breakOff(started)
    const { bench, source, staged, folder } = started
    for (const name of await readdir(folder))
      if (!name.includes('.journal.')) await truncate(join(folder, name), partBytes)
    const result = await bench.transfer.transferFile(source, staged)
    expect(result).toMatchObject({ resumedBytes: 0, fetchedBytes: bytes.byteLength, attempts: 1 })
    expect(await readdir(folder)).toHaveLength(1)
  })

  it('finds out by the hash that one bit of a partial has tipped over, and fetches until it is right', async () => {
    const started = await start()
    await breakOff(started)
    const { bench, source, staged } = started
    const kept = await bench.transfer.findPartial(source, staged)
    await damage(started, { from: 100, bytes: 1 })
    bench.hub.addFault({ on: { host: 'cdn' }, fault: { kind: 'latency', ms: 60 } })
    const result = await bench.transfer.transferFile(source, staged)
    expect(bytes.equals(await readFile(result.file.path))).toBe(true)
    // The wrong part is the first of eight, and two lanes ask at once.
    expect(result.fetchedBytes).toBeGreaterThan(bytes.byteLength - kept)
    expect(result.fetchedBytes).toBeLessThanOrEqual(bytes.byteLength - kept + 5 * partBytes)
  })

  it('IN-2: fetches only the range that the disk has lost, over another connection', async () => {
    const started = await start()
    await breakOff(started)
    const { bench, source, staged, folder } = started
    const kept = await bench.transfer.findPartial(source, staged)
    await damage(started, { from: partBytes + 8 * kib, bytes: 4 * kib })
    const done: number[] = []
    const result = await bench.transfer.transferFile(source, staged, {
      emit: (event) => {
        if (event.type === 'file:progress') done.push(event.doneBytes)
      },
    })
    expect(bytes.equals(await readFile(result.file.path))).toBe(true)
    expect(result.fetchedBytes).toBe(bytes.byteLength - kept + partBytes)
    const last = bench.data().at(-1)
    expect(last?.range).toBe(`bytes=${partBytes}-${2 * partBytes - 1}`)
    const before = bench.data().slice(0, -1)
    expect(before.map(({ connectionId }) => connectionId)).not.toContain(last?.connectionId)
    expect(done).toEqual(done.toSorted((a, b) => a - b))
    expect(await readdir(folder)).toHaveLength(1)
  })

  it('IN-2: knows what the disk has lost of what it copied from a partial that another process writes', async () => {
    const started = await start()
    await breakOff(started)
    const { bench, source, staged, folder } = started
    const kept = await bench.transfer.findPartial(source, staged)
    await damage(started, { from: 2 * partBytes, bytes: 512 })
    await pretendOwner(folder, 'elsewhere 1', new Date())
    const result = await bench.transfer.transferFile(source, staged)
    expect(bytes.equals(await readFile(result.file.path))).toBe(true)
    expect(result.fetchedBytes).toBe(bytes.byteLength - kept + partBytes)
  })

  it('remembers across a kill what was lost and what is sound', async () => {
    const started = await start()
    await breakOff(started)
    const { bench, source, staged } = started
    await damage(started, { from: 0, bytes: 512 })
    // The repair is cut off: what it struck out must stay struck out.
    bench.hub.addFault({
      on: { host: 'cdn' },
      skip: 4,
      times: 1,
      fault: { kind: 'status', status: 400 },
    })
    await expect(bench.transfer.transferFile(source, staged)).rejects.toMatchObject({ status: 400 })
    expect(await bench.transfer.findPartial(source, staged)).toBe(bytes.byteLength - partBytes)
    const result = await bench.transfer.transferFile(source, staged)
    expect(result.fetchedBytes).toBe(partBytes)
    expect(bytes.equals(await readFile(result.file.path))).toBe(true)
  })

  it('goes on with the journal of an older version, which has no fingerprints', async () => {
    const started = await start()
    await breakOff(started)
    const { bench, source, staged, folder } = started
    const kept = await bench.transfer.findPartial(source, staged)
    for (const name of await readdir(folder)) {
      if (!name.includes('.journal.')) continue
      const text = await readFile(join(folder, name), 'utf8')
      expect(text).toMatch(/^range \d+ \d+ \d+$/m)
      await writeFile(join(folder, name), text.replaceAll(/^(range \d+ \d+) \d+$/gm, '$1'))
    }
    await damage(started, { from: 0, bytes: 512 })
    const result = await bench.transfer.transferFile(source, staged)
    expect(result.resumedBytes).toBe(kept)
    expect(bytes.equals(await readFile(result.file.path))).toBe(true)
  })

  it.each(['', '{', '{"v":9}\n', 'range 0 99\n', '{"v":1,"algorithm":"sha256"}\n', '\0\0\0'])(
    'ignores a journal that says %j',
    async (text) => {
      const { bench, source, staged, folder } = await start()
      const stem = join(folder, staged.stem)
      await writeFile(`${stem}.00000000.incomplete`, Buffer.alloc(bytes.byteLength))
      await writeFile(`${stem}.00000000.11111111.journal.incomplete`, text)
      const result = await bench.transfer.transferFile(source, staged)
      expect(result.resumedBytes).toBe(0)
    },
  )
})

describe('while it runs', () => {
  it('survives that all its files are pruned', async () => {
    const { bench, source, staged, folder } = await start()
    bench.hub.addFault({ on: { host: 'cdn' }, fault: { kind: 'rate', bytesPerSecond: 3_000_000 } })
    const transferring = bench.transfer.transferFile(source, staged)
    await waitForRequests(bench, 4)
    for (const name of await readdir(folder)) await rm(join(folder, name))
    const result = await transferring
    expect(bytes.equals(await readFile(result.file.path))).toBe(true)
    expect(await readdir(folder)).toHaveLength(1)
  })

  it('never shares a partial between two transfers of one file', async () => {
    const { bench, source, staged } = await start()
    const results = await Promise.all([
      bench.transfer.transferFile(source, staged),
      bench.transfer.transferFile(source, staged),
    ])
    expect(new Set(results.map((result) => result.file.path)).size).toBe(2)
    for (const result of results) expect(bytes.equals(await readFile(result.file.path))).toBe(true)
  })
})

/** As a disk does that lost power: zeros where bytes were. */
async function damage(
  { folder }: Started,
  where: { readonly from: number; readonly bytes: number },
): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.includes('.journal.')) continue
    const file = await open(join(folder, name), 'r+')
    await file.write(Buffer.alloc(where.bytes), 0, where.bytes, where.from)
    await file.close()
  }
}

async function pretendOwner(folder: string, owner: string, seen: Date): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.includes('.journal.')) continue
    await writeFile(join(folder, name), `owner ${owner}\n`, { flag: 'a' })
    await utimes(join(folder, name), seen, seen)
  }
}

async function waitForRequests(bench: Bench, count: number): Promise<void> {
  while (bench.data().length < count) await new Promise((resolve) => setTimeout(resolve, 5))
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : 1
}
