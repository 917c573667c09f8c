import { readFile } from 'node:fs/promises'
import type { RepoFile } from '@hfx/core'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import {
  compareLockedFiles,
  createLockedRepo,
  formatLockFile,
  listLockedFiles,
  parseLockFile,
  withLockedRepo,
} from '../src/index.ts'

const commit = '0123456789012345678901234567890123456789'
const sha256 = 'ab'.repeat(32)
const gitSha1 = 'cd'.repeat(20)
const files: RepoFile[] = [
  { path: 'model.bin', sizeBytes: 9, blobId: 'ef'.repeat(20), lfs: { sha256, sizeBytes: 9 } },
  { path: 'Config.json', sizeBytes: 3, blobId: gitSha1 },
]
const entry = createLockedRepo({
  repo: { type: 'model', id: 'acme/tiny' },
  revision: 'main',
  commit,
  files,
  select: { include: ['*'] },
})
const lock = withLockedRepo(undefined, entry)

describe('lock file', () => {
  it('LK-2: is sorted by code units and names nothing of the machine', () => {
    const other = createLockedRepo({
      repo: { type: 'dataset', id: 'z/z' },
      revision: 'v1',
      commit,
      files: [],
    })
    const text = formatLockFile(withLockedRepo(lock, other))
    expect(JSON.parse(text)).toEqual({
      lockVersion: 1,
      repos: [
        { repo: 'z/z', type: 'dataset', revision: 'v1', commit, files: [] },
        {
          repo: 'acme/tiny',
          type: 'model',
          revision: 'main',
          commit,
          select: { include: ['*'] },
          files: [
            { path: 'Config.json', sizeBytes: 3, gitSha1 },
            { path: 'model.bin', sizeBytes: 9, sha256 },
          ],
        },
      ],
    })
    expect(text.endsWith('}\n')).toBe(true)
  })

  it('reads what it writes, and gives the listing back', () => {
    const read = parseLockFile(formatLockFile(lock))
    expect(read).toEqual(lock)
    expect(read.repos.flatMap(listLockedFiles)).toEqual([
      { path: 'Config.json', sizeBytes: 3, blobId: gitSha1 },
      { path: 'model.bin', sizeBytes: 9, blobId: '', lfs: { sha256, sizeBytes: 9 } },
    ])
  })

  it('puts an entry in the place of the one for the same repository and revision', () => {
    const newer = { ...entry, commit: 'f'.repeat(40) }
    expect(withLockedRepo(lock, newer).repos).toEqual([newer])
  })

  it('tells what was added, removed and changed', () => {
    const [config, model] = entry.files
    if (!config || !model) throw new Error('two files')
    const after = [
      { ...config, gitSha1: '0'.repeat(40) },
      { path: 'new.txt', sizeBytes: 1, gitSha1 },
    ]
    expect(compareLockedFiles(entry.files, after)).toEqual([
      { path: 'Config.json', kind: 'changed' },
      { path: 'model.bin', kind: 'removed' },
      { path: 'new.txt', kind: 'added' },
    ])
  })

  it('is valid by the published schema, which refuses what the parser refuses', async () => {
    const schema = JSON.parse(
      await readFile(new URL('../schema/hf-lock-1.schema.json', import.meta.url), 'utf8'),
    )
    const isValid = new Ajv2020().compile(schema)
    expect(isValid(JSON.parse(formatLockFile(lock)))).toBe(true)
    expect(isValid({ lockVersion: 2, repos: [] })).toBe(false)
    expect(isValid({ lockVersion: 1, repos: [{ ...entry, commit: 'main' }] })).toBe(false)
  })

  it.each([
    ['not json', 'the text must be JSON'],
    ['[]', 'the document must be an object'],
    ['{"lockVersion":2,"repos":[]}', 'lockVersion must be 1'],
    ['{"lockVersion":1}', 'repos must be a list'],
    [JSON.stringify({ ...lock, repos: [{ ...entry, commit: 'main' }] }), 'repos[0].commit'],
    [JSON.stringify({ ...lock, repos: [{ ...entry, type: 'bucket' }] }), 'repos[0].type'],
    [
      JSON.stringify({
        ...lock,
        repos: [{ ...entry, files: [{ path: '../x', sizeBytes: 1, sha256 }] }],
      }),
      'a path inside the repository',
    ],
    [
      JSON.stringify({
        ...lock,
        repos: [{ ...entry, files: [{ path: 'x', sizeBytes: -1, sha256 }] }],
      }),
      'sizeBytes must be a whole number',
    ],
    [
      JSON.stringify({ ...lock, repos: [{ ...entry, files: [{ path: 'x', sizeBytes: 1 }] }] }),
      'a sha256 or a gitSha1',
    ],
  ])('refuses %s', (text, message) => {
    expect(() => parseLockFile(text)).toThrow(message)
  })
})
