import type { FakeHubOptions, FileSpec, RepoSpec } from '@hfx/fake-hub'

export const weightBytes = 300_000

function lfs(seed: number, sizeBytes: number = weightBytes): FileSpec {
  return { lfs: true, generate: { sizeBytes, seed } }
}

const first = {
  'README.md': '# Whisper (test)\n',
  'config.json': '{"model_type":"whisper"}\n',
  'tokenizer/vocab.json': '{}\n',
  'tokenizer/merges.txt': 'a b\n',
  'model.safetensors': lfs(1),
  'pytorch_model.bin': lfs(2),
}

/** What the tests of commands, and the examples of every help page, ask for. */
export function testRepos(): RepoSpec[] {
  return [
    {
      id: 'openai/whisper-tiny',
      commits: [
        { files: first },
        {
          files: {
            ...first,
            'config.json': '{"model_type":"whisper","v":2}\n',
            'odd [1]*.txt': 'odd\n',
          },
        },
      ],
      tags: { 'v1.0': 0 },
      prs: { 1: 0 },
    },
    {
      id: 'acme/tiny-GGUF',
      commits: [
        {
          files: {
            'README.md': '# GGUF (test)\n',
            'tiny-Q4_K_M-00001-of-00002.gguf': lfs(3, 70_000),
            'tiny-Q4_K_M-00002-of-00002.gguf': lfs(4, 70_000),
            'tiny-Q4_K_S.gguf': lfs(5, 70_000),
            'tiny-Q8_0.gguf': lfs(6, 90_000),
            'mmproj-tiny-f16.gguf': lfs(7, 20_000),
          },
        },
      ],
    },
    {
      id: 'acme/data',
      type: 'dataset',
      commits: [{ files: { 'data/train.parquet': lfs(8, 5000), 'README.md': '# Data\n' } }],
    },
    { id: 'acme/gated', gated: 'manual', commits: [{ files: { 'model.bin': lfs(9, 1000) } }] },
    { id: 'acme/private', private: true, commits: [{ files: { 'secret.txt': 'secret\n' } }] },
    {
      id: 'acme/hostile',
      commits: [{ files: { 'a\u001B[31m\nb\u202Ec.txt': 'x\n', '漢字漢字漢字.txt': 'y\n' } }],
    },
    { id: 'acme/large', commits: [{ files: { 'big.bin': lfs(10, 64 * 2 ** 20) } }] },
  ]
}

export const testHub: FakeHubOptions = {
  repos: testRepos(),
  users: [
    { token: 'hf_ada_ada_ada_1234', idToken: 'ci.id.token', name: 'ada', access: ['acme/private'] },
    { token: 'hf_bob_bob_bob_5678', name: 'bob' },
  ],
}
