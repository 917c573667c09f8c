import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { RepoFile, RepoRef } from '@hfx/core'
import { useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { createHubCache, createLocalDir } from '../src/index.ts'
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

function fileAt(path: string): RepoFile {
  return { path, sizeBytes: 1, blobId: 'a'.repeat(40) }
}

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

  it('case 44: are ASCII only, sorted by code point, and empty as Python writes empty', async () => {
    const root = await useTempDir()
    const store = createHubCache(createTestDeps(), { root })
    const names = ['\uffee', '😀', 'z', 'Z', '"q"\\', 'ä\u007f']
    await store.writeTree(repo, commit, names.map(fileAt))
    const text = await readFile(treeAt(root), 'utf8')
    expect(Buffer.from(text).every((byte) => byte < 0x80)).toBe(true)
    expect(text.indexOf('"\\uffee"')).toBeLessThan(text.indexOf('"\\ud83d\\ude00"'))
    expect(text.indexOf('"Z"')).toBeLessThan(text.indexOf('"z"'))
    const read = (await store.readTree(repo, commit)) ?? []
    expect(read.map(({ path }) => path).toSorted()).toEqual(names.toSorted())
    await store.writeTree(repo, commit, [])
    expect(await readFile(treeAt(root), 'utf8')).toBe('{\n "format_version": 1,\n "files": {}\n}')
    expect(await store.readTree(repo, commit)).toEqual([])
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

  it('ME-2: that come in pages, in any order, are sorted without being held', async () => {
    const root = await useTempDir()
    const store = createHubCache(createTestDeps(), { root })
    const names = Array.from({ length: 25_000 }, (_, at) => String((at * 7919) % 25_000))
    async function* pages() {
      for (let at = 0; at < names.length; at += 1000) yield names.slice(at, at + 1000).map(fileAt)
    }
    await store.writeTree(repo, commit, pages())
    const text = await readFile(treeAt(root), 'utf8')
    const written = Array.from(text.matchAll(/^ {2}"(\d+)": \{$/gm), ([, name]) => name)
    expect(written).toEqual(names.toSorted())
    expect(JSON.parse(text)).toMatchObject({ format_version: 1 })
    expect((await readdir(join(root, 'models--a--b'))).toSorted()).toEqual(['snapshots', 'trees'])
    const tree = await store.openTree(repo, commit)
    expect(tree?.fileCount).toBe(25_000)
    const sizes: number[] = []
    for await (const page of tree?.pages() ?? []) sizes.push(page.length)
    expect(Math.max(...sizes)).toBeLessThan(5000)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(25_000)
  })

  it.each([
    ['cut short', (text: string) => text.slice(0, -200_000)],
    ['of another version', (text: string) => text.replace('_version": 1', '_version": 2')],
    ['with a masked hash', (text: string) => text.replace(/\}\n \}\n\}$/, ',"xet_hash":"**"}}}')],
    ['with ../x', (text: string) => text.replace('"24999"', '"../x"')],
  ])('case 46: a large one %s is no listing', async (_what, damage) => {
    const root = await useTempDir()
    const store = createHubCache(createTestDeps(), { root })
    const names = Array.from({ length: 25_000 }, (_, at) => String(at))
    await store.writeTree(repo, commit, names.map(fileAt))
    expect((await store.openTree(repo, commit))?.fileCount).toBe(25_000)
    await writeFile(treeAt(root), damage(await readFile(treeAt(root), 'utf8')))
    expect(await store.openTree(repo, commit)).toBeUndefined()
  })

  it('ME-2: pages that fail in the middle leave nothing behind', async () => {
    const root = await useTempDir()
    const store = createHubCache(createTestDeps(), { root })
    async function* pages() {
      yield Array.from({ length: 12_000 }, (_, at) => fileAt(String(at)))
      throw new Error('the Hub went away')
    }
    await expect(store.writeTree(repo, commit, pages())).rejects.toThrow('the Hub went away')
    expect(await readdir(join(root, 'models--a--b'))).toEqual(['snapshots'])
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
