import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createParquetFile, demoRepos, type FakeHub, sampleRepos } from '../src/index.ts'
import { readJson, startTestHub } from './running-hub.ts'

interface Item {
  readonly path: string
  readonly size: number
  readonly lfs?: { readonly oid: string }
}

function startDemo(): Promise<FakeHub> {
  return startTestHub({ repos: demoRepos() })
}

function readNested(url: string): Promise<Record<string, Record<string, unknown>>> {
  return readJson(fetch(url))
}

describe('demo/tiny-llama', () => {
  const base = '/demo/tiny-llama/resolve/main'

  it('weighs between 60 and 100 MB, with one shard of more than eight parts of 8 MiB', async () => {
    const hub = await startDemo()
    const url = `${hub.url}/api/models/demo/tiny-llama/tree/main?recursive=true`
    const items = await readJson<Item[]>(fetch(url))
    const total = items.reduce((sum, item) => sum + item.size, 0)
    expect(total).toBeGreaterThan(60e6)
    expect(total).toBeLessThan(100e6)
    expect(Math.max(...items.map((item) => item.size))).toBeGreaterThan(64 * 2 ** 20)
    expect(items.map((item) => item.lfs?.oid.slice(0, 8) ?? item.path)).toMatchSnapshot()
  })

  it('has shards whose headers agree with the index and with their size', async () => {
    const hub = await startDemo()
    const index = await readNested(`${hub.url}${base}/model.safetensors.index.json`)
    const map = Object.entries(index['weight_map'] ?? {})
    const seen: string[] = []
    let tensorBytes = 0
    for (const shard of new Set(map.map(([, name]) => String(name)))) {
      const answer = await fetch(`${hub.url}${base}/${shard}`, {
        headers: { range: 'bytes=0-65535' },
      })
      const start = Buffer.from(await answer.arrayBuffer())
      const length = Number(start.readBigUInt64LE())
      expect(length % 8).toBe(0)
      const header: Record<string, { data_offsets: [number, number]; shape: number[] }> =
        JSON.parse(start.subarray(8, 8 + length).toString())
      let at = 0
      for (const [name, tensor] of Object.entries(header)) {
        if (name === '__metadata__') continue
        const [from, to] = tensor.data_offsets
        expect([from, to - from]).toEqual([at, tensor.shape.reduce((a, b) => a * b, 2)])
        expect(index['weight_map']?.[name]).toBe(shard)
        at = to
        seen.push(name)
      }
      expect(answer.headers.get('content-range')).toBe(`bytes 0-65535/${8 + length + at}`)
      tensorBytes += at
    }
    expect(seen.toSorted()).toEqual(map.map(([name]) => name).toSorted())
    expect(index['metadata']?.['total_size']).toBe(tensorBytes)
  })

  it('has a config, a tokenizer, a card with front matter and a GGUF header', async () => {
    const hub = await startDemo()
    const config = await readNested(`${hub.url}${base}/config.json`)
    expect(config).toMatchObject({ model_type: 'llama', vocab_size: 22_528 })
    const tokenizer = await readNested(`${hub.url}${base}/tokenizer.json`)
    expect(Object.keys(tokenizer['model']?.['vocab'] ?? {})).toHaveLength(259)
    const card = await (await fetch(`${hub.url}${base}/README.md`)).text()
    expect(card).toMatch(/^---\nlicense: apache-2.0\n[^]*\n---\n\n# /)
    const gguf = await fetch(`${hub.url}${base}/tiny-llama.f16.gguf`, {
      headers: { range: 'bytes=0-23' },
    })
    const head = Buffer.from(await gguf.arrayBuffer())
    expect([
      head.subarray(0, 4).toString(),
      head.readUInt32LE(4),
      head.readBigUInt64LE(8),
      head.readBigUInt64LE(16),
    ]).toEqual(['GGUF', 3, 1n, 6n])
  })
})

it('writes Parquet files byte for byte as an independent reader accepted them', () => {
  const bytes = createParquetFile([
    { id: 1, text: 'one' },
    { id: -2, text: 'zwö' },
  ])
  // Read back with hyparquet 1.x when this was written; the digest keeps it so.
  expect(createHash('sha256').update(bytes).digest('hex')).toMatchSnapshot()
  expect(
    Buffer.from(bytes).subarray(0, 4).toString() + Buffer.from(bytes).subarray(-4).toString(),
  ).toBe('PAR1PAR1')
})

function commits(hub: FakeHub): string[] {
  return sampleRepos().map(({ id, type = 'model' }) => hub.commit(id, 'main', type))
}

it('makes the same repositories every time', async () => {
  const [one, two] = await Promise.all([
    startTestHub({ repos: sampleRepos() }),
    startTestHub({ repos: sampleRepos() }),
  ])
  expect(commits(one)).toEqual(commits(two))
})

it('has a file of 20 GiB that can be read at its end', async () => {
  const hub = await startTestHub({ repos: sampleRepos() })
  const answer = await fetch(`${hub.url}/sample/huge-file/resolve/main/huge.bin`, {
    headers: { range: 'bytes=-5' },
  })
  expect(answer.headers.get('content-range')).toBe(
    `bytes ${20 * 2 ** 30 - 5}-${20 * 2 ** 30 - 1}/${20 * 2 ** 30}`,
  )
  expect((await answer.arrayBuffer()).byteLength).toBe(5)
})
