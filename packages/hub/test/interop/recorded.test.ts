import { lstat, readdir, readFile, readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { env } from 'node:process'
import { fileURLToPath } from 'node:url'
import type { RepoSpec } from '@hfx/fake-hub'
import { describeWithPython, type PythonClient } from '@hfx/testing'
import { expect, it } from 'vitest'
import { files, modelBytes, type Stage, useStage } from './stage.ts'

/**
 * The trees in `packages/cache/test/fixtures/python-trees.json`, made again. With `HFX_RECORD=1` they are written:
 * that is how the fixture came to be.
 */
const fixture = fileURLToPath(
  new URL('../../../cache/test/fixtures/python-trees.json', import.meta.url),
)

const spec: RepoSpec = {
  id: 'a/b',
  commits: [
    { files, hash: 'c'.repeat(40) },
    { files, hash: 'd'.repeat(40) },
  ],
  branches: { main: 0 },
  prs: { 1: 1 },
}

const command = 'HFX_RECORD=1 npx vitest run test/interop/recorded.test.ts, in packages/hub'

/** One file or link: its text, its bytes in hex, or how often the bytes 0 to 255 follow each other. */
interface Entry {
  readonly path: string
  readonly mode?: string
  readonly link?: string
  readonly text?: string
  readonly hex?: string
  readonly repeat?: number
}

type Recording = Readonly<Record<string, readonly Entry[]>>

async function describeEntry(root: string, path: string): Promise<readonly Entry[]> {
  const full = join(root, path)
  const stats = await lstat(full)
  if (stats.isSymbolicLink()) return [{ path, link: await readlink(full) }]
  if (!stats.isFile()) return []
  const mode = (stats.mode & 0o777).toString(8)
  return [{ path, mode, ...describeBytes(path, await readFile(full)) }]
}

function describeBytes(path: string, bytes: Buffer): Pick<Entry, 'text' | 'hex' | 'repeat'> {
  if (bytes.equals(modelBytes)) return { repeat: 4096 }
  if (path.endsWith('CACHEDIR.TAG')) return { text: `${bytes.toString().slice(0, 43)}\n` }
  if (path.endsWith('.metadata')) return { text: withoutTime(bytes.toString()) }
  const text = bytes.toString()
  return bytes.equals(Buffer.from(text)) && !text.includes('\0')
    ? { text }
    : { hex: bytes.toString('hex') }
}

/** A time to come, so that files made later from the recording are older than what is known of them. */
function withoutTime(metadata: string): string {
  expect(metadata).toMatch(/^[cd]{40}\n[0-9a-f]{40,64}\n\d+\.\d+\n$/)
  return metadata.replace(/\d+\.\d+\n$/, '4102444800.25\n')
}

async function describeFolder(root: string): Promise<readonly Entry[]> {
  const entries: Entry[] = []
  for (const path of (await readdir(root, { recursive: true })).toSorted())
    entries.push(...(await describeEntry(root, path)))
  return entries
}

/** Every kind of tree that Python leaves, in folders of their own. */
async function makeTrees(python: PythonClient, stage: Stage): Promise<Recording> {
  const at = (name: string): string => join(stage.folder, name)
  const ask = (what: string, args: object, variables: object = {}): Promise<unknown> => {
    const online = { ...stage.online, ...variables }
    return python.ask({ do: what, umask: '022', args: { repo_id: 'a/b', ...args } }, online)
  }
  await ask('snapshot', { cache_dir: at('hub') })
  await ask('file', { cache_dir: at('hub'), filename: 'config.json', revision: 'refs/pr/1' })
  const miss = { cache_dir: at('hub'), filename: 'nope/missing.txt' }
  await expect(ask('file', miss)).rejects.toThrow('missing')
  const noLinks = { HF_HUB_DISABLE_SYMLINKS: '1', HF_HUB_DISABLE_SYMLINKS_WARNING: '1' }
  await ask('snapshot', { cache_dir: at('plain') }, noLinks)
  await ask('snapshot', { cache_dir: at('localHub'), local_dir: at('local') })
  const names = ['hub', 'plain', 'local', 'localHub']
  const trees = await Promise.all(names.map((name) => describeFolder(at(name))))
  return Object.fromEntries(names.map((name, index) => [name, trees[index] ?? []]))
}

/** A blob moved into the store that newer clients share between repositories; undefined for older ones. */
async function makeShared(
  python: PythonClient,
  stage: Stage,
): Promise<readonly Entry[] | undefined> {
  const root = join(stage.folder, 'shared')
  const args = { repo_id: 'a/b', cache_dir: root, filename: 'xet.bin' }
  await python.ask({ do: 'file', umask: '022', args }, stage.online)
  const sha = 'a8af099bf2e878609558dbf69d8f88f4a31040a8cf84b549a0cfa912f12ffc3f'
  const blob = { blob_path: join(root, 'models--a--b/blobs', sha), xet_hash: 'e'.repeat(64) }
  const move = { ...blob, cache_dir: root, expected_size: 1000 }
  try {
    await python.ask({ do: 'publish', umask: '022', args: move })
  } catch {
    return undefined
  }
  return describeFolder(root)
}

describeWithPython('the recorded trees', (python) => {
  it('are what this Python writes', async () => {
    const stage = await useStage([spec])
    const shared = await makeShared(python, stage)
    const trees = { ...(await makeTrees(python, stage)), ...(shared ? { shared } : {}) }
    if (env['HFX_RECORD'] === '1') {
      const made = { client: `huggingface_hub ${python.version}`, umask: '022', by: command }
      await writeFile(fixture, `${JSON.stringify({ made, ...trees }, undefined, 1)}\n`)
    }
    const recorded: unknown = JSON.parse(await readFile(fixture, 'utf8'))
    expect(recorded).toMatchObject(trees)
  })
})
