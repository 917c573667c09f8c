import { mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pinBytes, useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { adopt, adoptionPlaces, createHubCache, findAdoptable, gitLfsPlace } from '../src/index.ts'
import { createTestDeps, createTestHasher } from './deps.ts'
import { openCache, openDir } from './subjects.ts'

const bytes = 'w'.repeat(100_000)
const model = pinBytes('model-00001.gguf', bytes)
const small = pinBytes('config.json', '{}')

async function write(path: string, content: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
  return path
}

describe('adopting what is there', () => {
  it('knows an Ollama blob by its name and hash, and gives it a second name', async () => {
    const home = await useTempDir()
    const blob = await write(join(home, `.ollama/models/blobs/sha256-${model.etag}`), bytes)
    await write(join(home, `.ollama/models/blobs/sha256-${'1'.repeat(64)}`), 'v'.repeat(100_000))
    const [place] = adoptionPlaces(home)
    if (!place) throw new Error('no place')
    const hasher = createTestHasher()
    const found = await findAdoptable({ hasher }, { place, files: [small, model] })
    expect(found).toEqual([{ file: model, from: blob, place: 'ollama' }])
    expect(hasher.hashed).toEqual([blob])
    const store = openCache(join(home, 'hub'))
    const [match] = found
    if (!match) throw new Error('no match')
    const { path } = await adopt(store, match)
    expect((await stat(path)).ino).toBe((await stat(blob)).ino)
    await rm(blob)
    expect(await readFile(path, 'utf8')).toBe(bytes)
    expect((await store.findFile(model)).kind).toBe('cached')
    expect((await adopt(store, match)).path).toBe(path)
  })

  it('does not believe a name: a blob with other bytes under the right name is left', async () => {
    const folder = await useTempDir()
    await write(join(folder, `sha256-${model.etag}`), 'x'.repeat(100_000))
    const place = { kind: 'ollama', path: folder } as const
    const files = [model]
    expect(await findAdoptable({ hasher: createTestHasher() }, { place, files })).toEqual([])
  })

  it('finds a git-lfs object, and a file of LM Studio under another name', async () => {
    const clone = await useTempDir()
    const object = `.git/lfs/objects/${model.etag.slice(0, 2)}/${model.etag.slice(2, 4)}/${model.etag}`
    const from = await write(join(clone, object), bytes)
    const hasher = createTestHasher()
    const lfs = await findAdoptable({ hasher }, { place: gitLfsPlace(clone), files: [model] })
    expect(lfs).toEqual([{ file: model, from, place: 'git-lfs' }])
    const loose = await write(join(clone, 'models/org/renamed.gguf'), bytes)
    const place = { kind: 'lm-studio', path: join(clone, 'models') } as const
    const found = await findAdoptable({ hasher }, { place, files: [model] })
    expect(found).toEqual([{ file: model, from: loose, place: 'lm-studio' }])
  })

  it('copies a loose file, so that editing it leaves the cache as it is', async () => {
    const folder = await useTempDir()
    const loose = await write(join(folder, 'mine.gguf'), bytes)
    const store = openCache(join(folder, 'hub'))
    const { path } = await adopt(store, { file: model, from: loose, place: 'folder' })
    await writeFile(loose, 'edited')
    expect(await readFile(path, 'utf8')).toBe(bytes)
  })

  it('gives a loose file a second name when that is allowed', async () => {
    const folder = await useTempDir()
    const loose = await write(join(folder, 'mine.gguf'), bytes)
    const options = { root: join(folder, 'hub'), looseLinks: ['hardlink'] } as const
    const store = createHubCache(createTestDeps(), options)
    const { path } = await adopt(store, { file: model, from: loose, place: 'folder' })
    expect((await stat(path)).ino).toBe((await stat(loose)).ino)
  })

  it('adopts into a local folder, too', async () => {
    const folder = await useTempDir()
    const loose = await write(join(folder, 'mine.gguf'), bytes)
    const { store } = openDir(join(folder, 'here'))
    const { path } = await adopt(store, { file: model, from: loose, place: 'folder' })
    expect(await readFile(path, 'utf8')).toBe(bytes)
    expect((await store.findFile(model)).kind).toBe('cached')
  })

  it('takes one file, follows no links, and looks at no more entries than it may', async () => {
    const folder = await useTempDir()
    const outside = await write(join(await useTempDir(), 'outside.gguf'), bytes)
    await symlink(outside, join(folder, 'link.gguf'))
    const deps = { hasher: createTestHasher() }
    const files = [model]
    const look = async (path: string, maxEntries?: number): Promise<number> => {
      const options = maxEntries === undefined ? {} : { maxEntries }
      return (await findAdoptable(deps, { place: { kind: 'folder', path }, files }, options)).length
    }
    expect(await look(folder)).toBe(0)
    expect(await look(outside)).toBe(1)
    expect(await look(join(folder, 'absent'))).toBe(0)
    await write(join(folder, 'real.gguf'), bytes)
    expect(await look(folder)).toBe(1)
    expect(await look(folder, 0)).toBe(0)
  })
})
