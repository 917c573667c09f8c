import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { RepoFile, RepoRef } from '@hfx/core'
import { useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { createHubCache, createLocalDir } from '../src/index.ts'
import { formatTree, parseTree } from '../src/tree-cache.ts'
import { createListLogger, createTestDeps } from './deps.ts'

const repo: RepoRef = { type: 'model', id: 'a/b' }
const commit = 'c'.repeat(40)
const xetSha = 'a8af099bf2e878609558dbf69d8f88f4a31040a8cf84b549a0cfa912f12ffc3f'
const files: readonly RepoFile[] = [
  {
    path: 'xet.bin',
    sizeBytes: 1000,
    blobId: '44efb17b5ffba6dbf7fd96d2d4e7c06ac226e4f4',
    lfs: { sha256: xetSha, sizeBytes: 1000 },
    xetHash: 'e'.repeat(64),
  },
  { path: 'config.json', sizeBytes: 9, blobId: 'cb5b2f69babc53f9145b45ad20b9a075d48717ef' },
]
const golden = `{
 "format_version": 1,
 "files": {
  "config.json": {
   "size": 9,
   "blob_id": "cb5b2f69babc53f9145b45ad20b9a075d48717ef"
  },
  "xet.bin": {
   "size": 1000,
   "blob_id": "44efb17b5ffba6dbf7fd96d2d4e7c06ac226e4f4",
   "lfs_sha256": "${xetSha}",
   "lfs_size": 1000,
   "xet_hash": "${'e'.repeat(64)}"
  }
 }
}`

function treeAt(root: string): string {
  return join(root, `models--a--b/trees/${commit}.json`)
}

describe('stored listings', () => {
  it('case 44: are Python’s file to the byte', async () => {
    const root = await useTempDir()
    await createHubCache(createTestDeps(), { root }).writeTree(repo, commit, files)
    expect(await readFile(treeAt(root), 'utf8')).toBe(golden)
    const folder = await useTempDir()
    await createLocalDir(createTestDeps(), { folder }).writeTree(repo, commit, files)
    const local = join(folder, `.cache/huggingface/trees/${commit}.json`)
    expect(await readFile(local, 'utf8')).toBe(golden)
  })

  it('case 44: are ASCII only, sorted by code point, and empty as Python writes empty', () => {
    const names = ['\uffee', '😀', 'z', 'Z', '"q"\\', 'ä\u007f']
    const text = [
      ...formatTree(names.map((path) => ({ path, sizeBytes: 1, blobId: 'a'.repeat(40) }))),
    ].join('')
    expect(Buffer.from(text).every((byte) => byte < 0x80)).toBe(true)
    expect(text.indexOf('"\\uffee"')).toBeLessThan(text.indexOf('"\\ud83d\\ude00"'))
    expect(text.indexOf('"Z"')).toBeLessThan(text.indexOf('"z"'))
    expect(
      parseTree(JSON.parse(text))
        ?.map(({ path }) => path)
        .toSorted(),
    ).toEqual(names.toSorted())
    expect([...formatTree([])].join('')).toBe('{\n "format_version": 1,\n "files": {}\n}')
  })

  it('case 45: of Python are read whole', async () => {
    const root = await useTempDir()
    await mkdir(dirname(treeAt(root)), { recursive: true })
    await writeFile(treeAt(root), golden.replaceAll('\n ', '\n   '))
    const read = await createHubCache(createTestDeps(), { root }).readTree(repo, commit)
    expect(read?.toSorted((a, b) => (a.path < b.path ? 1 : -1))).toEqual(files)
  })

  const entry = '"size": 1, "blob_id": "cb5b2f69babc53f9145b45ad20b9a075d48717ef"'
  it.each([
    ['of another version', '{"format_version": 2, "files": {}}', false],
    [
      'with a masked hash',
      `{"format_version": 1, "files": {"x": {${entry}, "xet_hash": "****"}}}`,
      false,
    ],
    ['that is no JSON', '{"format_version": 1, ', true],
    ['without blob_id', '{"format_version": 1, "files": {"x": {"size": 1}}}', true],
    ['whose root is a list (weak point 34)', '[]', true],
    ['whose files are a list (weak point 34)', '{"format_version": 1, "files": []}', true],
    [
      'with a negative size',
      `{"format_version": 1, "files": {"x": {${entry.replace('1,', '-1,')}}}}`,
      true,
    ],
    ['with ../x (case 73)', `{"format_version": 1, "files": {"../x": {${entry}}}}`, true],
    ['with C:\\x (case 73)', `{"format_version": 1, "files": {"C:\\\\x": {${entry}}}}`, true],
  ])('case 46: one %s is no listing', async (_what, text, warns) => {
    const root = await useTempDir()
    await mkdir(dirname(treeAt(root)), { recursive: true })
    await writeFile(treeAt(root), text)
    const logger = createListLogger()
    const store = createHubCache(createTestDeps({ logger }), { root })
    expect(await store.readTree(repo, commit)).toBeUndefined()
    expect(logger.lines.some(({ level }) => level === 'warn')).toBe(warns)
  })

  it('case 46: a masked hash is never written', async () => {
    const root = await useTempDir()
    const masked = files.map((file) => ({ ...file, xetHash: '*'.repeat(64) }))
    await createHubCache(createTestDeps(), { root }).writeTree(repo, commit, masked)
    await expect(readFile(treeAt(root))).rejects.toThrow('ENOENT')
  })

  it('weak point 38: a listing that changed on disk is read anew', async () => {
    const root = await useTempDir()
    const store = createHubCache(createTestDeps(), { root })
    await store.writeTree(repo, commit, files)
    expect(await store.readTree(repo, commit)).toHaveLength(2)
    await store.writeTree(repo, commit, files.slice(1))
    expect(await store.readTree(repo, commit)).toHaveLength(1)
  })
})
