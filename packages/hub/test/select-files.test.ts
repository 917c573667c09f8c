import { listingOf, readWholeListing, type RepoFile, type SnapshotRequest } from '@hfx/core'
import { describe, expect, it } from 'vitest'
import { selectFiles } from '../src/select-files.ts'

const files: RepoFile[] = [
  'config.json',
  'model.safetensors',
  'onnx/model.onnx',
  'onnx/config.json',
].map((path) => ({
  path,
  sizeBytes: 1,
  blobId: 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391',
}))
const request = { repo: { type: 'model', id: 'acme/tiny' }, revision: 'main' } as const

async function select(
  patterns: Partial<SnapshotRequest>,
  from: readonly RepoFile[] = files,
): Promise<string[]> {
  const selected = await selectFiles(listingOf(from), { ...request, ...patterns })
  const paths = (await readWholeListing(selected)).map((file) => file.path)
  expect(selected.fileCount).toBe(paths.length)
  return paths
}

describe('selection', () => {
  it('keeps everything without patterns, in the order of the listing', async () => {
    expect(await select({})).toEqual(files.map((file) => file.path))
  })

  it('lets an ignore pattern win over an allow pattern', async () => {
    expect(await select({ allowPatterns: ['*.json'], ignorePatterns: ['onnx/'] })).toEqual([
      'config.json',
    ])
  })

  it('SL-4: a pattern that matches nothing is an error that names it', async () => {
    await expect(select({ allowPatterns: ['*.json', '*.gguf'] })).rejects.toThrow(
      expect.objectContaining({
        code: 'HUB_NO_MATCH',
        message: expect.stringContaining('"*.gguf"'),
      }),
    )
  })

  it('a plain name that is not there is a missing entry', async () => {
    await expect(select({ allowPatterns: ['tokenizer.json'] })).rejects.toThrow(
      expect.objectContaining({ code: 'HUB_ENTRY_NOT_FOUND' }),
    )
  })

  it('an empty allow list, and an ignore list that leaves nothing, are errors (weak point 37)', async () => {
    for (const patterns of [{ allowPatterns: [] }, { ignorePatterns: ['*'] }]) {
      await expect(select(patterns)).rejects.toThrow(
        expect.objectContaining({ code: 'HUB_NO_MATCH' }),
      )
    }
  })

  it('lets code choose among what the patterns leave', async () => {
    const seen: string[] = []
    const chosen = await select({
      allowPatterns: ['*.json'],
      select: (left) => {
        seen.push(...left.map((file) => file.path))
        return left.slice(1)
      },
    })
    expect(seen).toEqual(['config.json', 'onnx/config.json'])
    expect(chosen).toEqual(['onnx/config.json'])
  })

  it('a list of a thousand names looks at each file a few times, not a thousand', async () => {
    let looks = 0
    const counted = Array.from({ length: 1000 }, (_, at) => ({
      sizeBytes: 1,
      blobId: 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391',
      get path() {
        looks++
        return `data/${at}.txt`
      },
    }))
    const names = Array.from({ length: 1000 }, (_, at) => `data/${at}.txt`)
    const lists = { allowPatterns: names, ignorePatterns: names.slice(1) }
    expect(await select(lists, counted)).toHaveLength(1)
    expect(looks).toBeLessThan(10_000)
  })

  it('an empty repository selects nothing without complaint', async () => {
    expect(await select({}, [])).toEqual([])
  })

  it('ME-2: of many files it keeps the few that match, and reads the listing again for many', async () => {
    let readings = 0
    const page = Array.from({ length: 1000 }, (_, at) => ({
      path: `data/${at}.${at < 500 ? 'json' : 'txt'}`,
      sizeBytes: 1,
      blobId: 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391',
    }))
    const many = {
      fileCount: 30_000,
      async *pages() {
        readings += 1
        for (let at = 0; at < 30; at += 1) yield page
      },
    }
    const few = await selectFiles(many, { ...request, allowPatterns: ['data/7.*'] })
    expect(await readWholeListing(few)).toHaveLength(30)
    expect(await readWholeListing(few)).toHaveLength(30)
    expect(readings).toBe(1)
    const half = await selectFiles(many, { ...request, ignorePatterns: ['*.txt'] })
    expect(half.fileCount).toBe(15_000)
    expect(await readWholeListing(half)).toHaveLength(15_000)
    expect(readings).toBe(3)
  })
})
