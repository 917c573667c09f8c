import type { RepoFile } from '@hfx/core'
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

function select(patterns: { allowPatterns?: string[]; ignorePatterns?: string[] }): string[] {
  return selectFiles(files, { ...request, ...patterns }).map((file) => file.path)
}

describe('selection', () => {
  it('keeps everything without patterns, in the order of the listing', () => {
    expect(select({})).toEqual(files.map((file) => file.path))
  })

  it('lets an ignore pattern win over an allow pattern', () => {
    expect(select({ allowPatterns: ['*.json'], ignorePatterns: ['onnx/'] })).toEqual([
      'config.json',
    ])
  })

  it('SL-4: a pattern that matches nothing is an error that names it', () => {
    expect(() => select({ allowPatterns: ['*.json', '*.gguf'] })).toThrow(
      expect.objectContaining({
        code: 'HUB_NO_MATCH',
        message: expect.stringContaining('"*.gguf"'),
      }),
    )
  })

  it('a plain name that is not there is a missing entry', () => {
    expect(() => select({ allowPatterns: ['tokenizer.json'] })).toThrow(
      expect.objectContaining({ code: 'HUB_ENTRY_NOT_FOUND' }),
    )
  })

  it('an empty allow list, and an ignore list that leaves nothing, are errors (weak point 37)', () => {
    for (const patterns of [{ allowPatterns: [] }, { ignorePatterns: ['*'] }]) {
      expect(() => select(patterns)).toThrow(expect.objectContaining({ code: 'HUB_NO_MATCH' }))
    }
  })

  it('lets code choose among what the patterns leave', () => {
    const seen: string[] = []
    const chosen = selectFiles(files, {
      ...request,
      allowPatterns: ['*.json'],
      select: (left) => {
        seen.push(...left.map((file) => file.path))
        return left.slice(1)
      },
    })
    expect(seen).toEqual(['config.json', 'onnx/config.json'])
    expect(chosen.map((file) => file.path)).toEqual(['onnx/config.json'])
  })

  it('a list of a thousand names looks at each file a few times, not a thousand', () => {
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
    expect(selectFiles(counted, { ...request, ...lists })).toHaveLength(1)
    expect(looks).toBeLessThan(10_000)
  })

  it('an empty repository selects nothing without complaint', () => {
    expect(selectFiles([], request)).toEqual([])
  })
})
