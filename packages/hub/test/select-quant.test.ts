import type { RepoFile } from '@hfx/core'
import { describe, expect, it } from 'vitest'
import { listGgufVariants, selectQuant } from '../src/select-quant.ts'

function tree(...paths: string[]): RepoFile[] {
  return paths.map((path, at) => ({ path, sizeBytes: (at + 1) * 1000, blobId: 'e'.repeat(40) }))
}

const llama = tree(
  'README.md',
  'Llama-3.1-8B-Instruct-Q2_K.gguf',
  'Llama-3.1-8B-Instruct-Q4_0.gguf',
  'Llama-3.1-8B-Instruct-Q4_K_M.gguf',
  'Llama-3.1-8B-Instruct-IQ4_XS.gguf',
  'Llama-3.1-8B-Instruct-Q8_0.gguf',
  'Llama-3.1-8B-Instruct-f32/Llama-3.1-8B-Instruct-f32-00001-of-00002.gguf',
  'Llama-3.1-8B-Instruct-f32/Llama-3.1-8B-Instruct-f32-00002-of-00002.gguf',
  'mmproj-model-f16.gguf',
)

const paths = (files: readonly RepoFile[]): string[] => files.map((file) => file.path)

describe('SL-2: repo:QUANT', () => {
  it('takes the one file of a quant, whatever its case', () => {
    expect(paths(selectQuant(llama, 'q4_k_m'))).toEqual(['Llama-3.1-8B-Instruct-Q4_K_M.gguf'])
  })

  it('takes all shards, and the projector only on request', () => {
    expect(paths(selectQuant(llama, 'F32'))).toEqual(llama.slice(6, 8).map((file) => file.path))
    expect(paths(selectQuant(llama, 'Q8_0', { mmproj: true }))).toEqual([
      'Llama-3.1-8B-Instruct-Q8_0.gguf',
      'mmproj-model-f16.gguf',
    ])
  })

  it('takes a beginning that only one quant has', () => {
    expect(paths(selectQuant(llama, 'Q2'))).toEqual(['Llama-3.1-8B-Instruct-Q2_K.gguf'])
  })

  it('lists the choices when a beginning is ambiguous', () => {
    expect(() => selectQuant(llama, 'Q4')).toThrow(
      expect.objectContaining({ code: 'HUB_INVALID_OPTION', hint: 'Say which: Q4_0, Q4_K_M.' }),
    )
  })

  it('lists the files when two models have the quant', () => {
    const two = tree('a-7b.Q4_K_M.gguf', 'b-13b.Q4_K_M.gguf')
    expect(() => selectQuant(two, 'Q4_K_M')).toThrow(
      expect.objectContaining({ hint: 'Name the file: a-7b.Q4_K_M.gguf, b-13b.Q4_K_M.gguf.' }),
    )
  })

  it('says what there is when the quant is not', () => {
    expect(() => selectQuant(llama, 'Q5_K_M')).toThrow(
      expect.objectContaining({
        code: 'HUB_NO_MATCH',
        hint: 'It has: Q2_K, Q4_0, Q4_K_M, IQ4_XS, Q8_0, F32.',
      }),
    )
    expect(() => selectQuant(tree('model.safetensors'), 'Q4')).toThrow('has no GGUF file')
  })

  it('refuses a set of shards with a gap', () => {
    const gap = tree('m-Q4_K_M-00001-of-00003.gguf', 'm-Q4_K_M-00003-of-00003.gguf')
    expect(() => selectQuant(gap, 'Q4_K_M')).toThrow('2 of 3 shards')
  })

  it.each([
    ['phi-3-mini-4k-instruct-q4.gguf', 'Q4'],
    ['UD-Q4_K_XL/Qwen3-235B-UD-Q4_K_XL-00001-of-00003.gguf', 'UD-Q4_K_XL'],
    ['gpt-oss-20b-MXFP4.gguf', 'MXFP4'],
    ['BF16/model-BF16-00001-of-00002.gguf', 'BF16'],
    ['Qwen3-Q8-distill.IQ2_XXS.gguf', 'IQ2_XXS'],
    ['bitnet-TQ1_0.gguf', 'TQ1_0'],
    ['model.gguf', ''],
  ])('reads %s as %s', (path, quant) => {
    expect(listGgufVariants(tree(path))[0]?.quant).toBe(quant)
  })
})
