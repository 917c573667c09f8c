import type { RepoFile } from '@hfx/core'
import { describe, expect, it } from 'vitest'
import { selectWeights } from '../src/select-weights.ts'
import { weightTrees } from './fixtures/weight-trees.ts'

function parseTree(text: string): { readonly files: RepoFile[]; readonly kept: string[] } {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.trim())
  return {
    files: lines.map((line) => ({ path: line.slice(2), sizeBytes: 1, blobId: 'e'.repeat(40) })),
    kept: lines.filter((line) => line.startsWith('+')).map((line) => line.slice(2)),
  }
}

describe('SL-1: --weights auto', () => {
  it('has goldens over at least 30 trees', () => {
    expect(Object.keys(weightTrees).length).toBeGreaterThanOrEqual(30)
  })

  it.each(Object.entries(weightTrees))('%s', (_name, text) => {
    const { files, kept } = parseTree(text)
    const choice = selectWeights(files)
    expect(choice.selected.map((file) => file.path)).toEqual(kept)
    expect(choice.selected.length + choice.skipped.length).toBe(files.length)
  })

  it('gives each skipped file its reason', () => {
    const { files } = parseTree(
      weightTrees['stable diffusion 1: pipeline, checkpoints, variants'] ?? '',
    )
    expect(
      Object.fromEntries(selectWeights(files).skipped.map(({ path, reason }) => [path, reason])),
    ).toMatchObject({
      'unet/diffusion_pytorch_model.bin': 'the same weights as safetensors, in PyTorch',
      'unet/diffusion_pytorch_model.fp16.safetensors': 'the fp16 variant; name it to get it',
      'v1-5-pruned.safetensors': 'a single-file twin of the pipeline components',
    })
  })

  it('never drops the last copy of the weights', () => {
    for (const text of Object.values(weightTrees)) {
      const { files } = parseTree(text)
      const once = selectWeights(files).selected
      expect(selectWeights(once).skipped).toEqual([])
    }
  })
})
