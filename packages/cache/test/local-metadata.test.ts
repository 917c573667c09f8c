import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { systemClock } from '@hfx/core'
import { pinBytes, useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { createHubCache } from '../src/index.ts'
import { createTestDeps } from './deps.ts'
import { commitC, commitD, configBytes, gitConfig, link, openDir, put } from './subjects.ts'

function metadataOf(folder: string, path: string): string {
  return join(folder, '.cache/huggingface/download', `${path}.metadata`)
}

async function writeMetadata(folder: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(metadataOf(folder, path)), { recursive: true })
  await writeFile(metadataOf(folder, path), text)
}

describe('files and their metadata', () => {
  it('case 35: writes Python’s records beside the file', async () => {
    const folder = await useTempDir()
    const path = await put(
      openDir(folder).store,
      pinBytes('config.json', configBytes, gitConfig),
      configBytes,
    )
    expect(path).toBe(join(folder, 'config.json'))
    const records = join(folder, '.cache/huggingface')
    expect(await readFile(join(records, '.gitignore'), 'utf8')).toBe('*')
    expect(await readFile(join(records, 'CACHEDIR.TAG'), 'utf8')).toMatch(
      /^Signature: 8a477f597d28/,
    )
    const lines = (await readFile(metadataOf(folder, 'config.json'), 'utf8')).split('\n')
    expect(lines).toHaveLength(4)
    expect(lines[0]).toBe(commitC)
    expect(lines[1]).toBe(gitConfig.etag)
    expect(lines[3]).toBe('')
    const { mtimeMs } = await stat(path)
    expect(Number(lines[2]) * 1000).toBeGreaterThanOrEqual(mtimeMs - 1)
    expect(Number(lines[2])).toBeLessThan(systemClock.now() / 1000 + 1)
  })

  it('case 36: takes Python’s word at the same commit, and rewrites it for another one', async () => {
    const folder = await useTempDir()
    const file = pinBytes('config.json', configBytes, gitConfig)
    await writeFile(join(folder, 'config.json'), configBytes)
    await writeMetadata(
      folder,
      'config.json',
      `${commitC}\n${gitConfig.etag}\n${systemClock.now() / 1000}\n`,
    )
    const { store, hashed } = openDir(folder)
    expect((await store.findFile(file)).kind).toBe('cached')
    const later = { ...file, commit: commitD }
    const state = await store.findFile(later)
    if (state.kind !== 'link') throw new Error(state.kind)
    expect(state.diskBytes).toBe(0)
    await store.linkFile(later, state)
    expect((await store.findFile(later)).kind).toBe('cached')
    expect((await readFile(metadataOf(folder, 'config.json'), 'utf8')).split('\n')[0]).toBe(commitD)
    expect(hashed.length).toBeLessThanOrEqual(1)
  })

  it('case 37: a newer file is judged by its hash, and described anew', async () => {
    const folder = await useTempDir()
    const { store, hashed } = openDir(folder)
    const file = pinBytes('model.bin', 'weights')
    const path = await put(store, file, 'weights')
    const soon = systemClock.now() / 1000 + 100
    await utimes(path, soon, soon)
    expect(await store.findFile(file)).toEqual({ kind: 'link', from: path, diskBytes: 0 })
    expect(hashed).toEqual([path])
    await writeFile(path, 'WEIGHTS')
    await utimes(path, soon, soon)
    expect((await store.findFile(file)).kind).toBe('fetch')
  })

  it.each([
    ['config.json', configBytes, gitConfig],
    ['model.bin', 'weights', {}],
  ])('weak point 22: %s without metadata is hashed, not fetched', async (name, bytes, at) => {
    const folder = await useTempDir()
    await writeFile(join(folder, name), bytes)
    const { store, hashed } = openDir(folder)
    const file = pinBytes(name, bytes, at)
    const state = await store.findFile(file)
    expect(state.kind).toBe('link')
    expect(await readdir(folder)).toEqual([name])
    if (state.kind !== 'link') throw new Error('unreachable')
    await store.linkFile(file, state)
    expect((await store.findFile(file)).kind).toBe('cached')
    expect(hashed).toEqual([join(folder, name)])
  })

  it('weak point 22: content that came with an old date is noticed', async () => {
    const folder = await useTempDir()
    const file = pinBytes('model.bin', 'weights')
    const path = await put(openDir(folder).store, file, 'weights')
    const old = systemClock.now() / 1000 - 10
    // The metadata is of yesterday, so that the change time of today tells.
    await writeMetadata(folder, 'model.bin', `${commitC}\n${file.etag}\n${old}\n`)
    await writeFile(path, 'WEIGHTS')
    await utimes(path, old - 50, old - 50)
    expect((await openDir(folder).store.findFile(file)).kind).toBe('fetch')
  })

  it('weak point 28: looking writes nothing, not even for a plan', async () => {
    const folder = await useTempDir()
    const cache = createHubCache(createTestDeps(), { root: join(folder, 'cache') })
    const file = pinBytes('x.bin', 'bytes')
    await put(cache, file, 'bytes')
    const { store } = openDir(join(folder, 'here'), { cache })
    expect((await store.findFile(file)).kind).toBe('link')
    expect(store.stagingPlace(file).folder).toContain('here/.cache')
    expect(await readdir(folder)).toEqual(['cache'])
  })

  it.each([
    'X',
    '',
    `${commitC}\n`,
    `${commitC}\netag\nnoon\n`,
    `main\netag\n1\n`,
    'x'.repeat(9000),
  ])('case 38: garbage for metadata (%#) is no metadata', async (text) => {
    const folder = await useTempDir()
    const file = pinBytes('x.bin', 'bytes')
    const { store } = openDir(folder)
    await put(store, file, 'bytes')
    await writeFile(metadataOf(folder, 'x.bin'), text)
    await link(store, file)
    expect(await readFile(metadataOf(folder, 'x.bin'), 'utf8')).toMatch(/^c{40}\n/)
  })

  it.each(['\r\n', '\n'])(
    'case 39: takes %j, whole seconds, further lines and no last newline',
    async (end) => {
      const folder = await useTempDir()
      const file = pinBytes('x.bin', 'bytes')
      const { store, hashed } = openDir(folder)
      await put(store, file, 'bytes')
      const seconds = Math.ceil(systemClock.now() / 1000) + 2
      await writeFile(metadataOf(folder, 'x.bin'), [commitC, file.etag, seconds].join(end))
      expect((await store.findFile(file)).kind).toBe('cached')
      await writeFile(
        metadataOf(folder, 'x.bin'),
        [commitC, file.etag, seconds, 'more', ''].join(end),
      )
      expect((await store.findFile(file)).kind).toBe('cached')
      expect(hashed).toEqual([])
    },
  )
})
