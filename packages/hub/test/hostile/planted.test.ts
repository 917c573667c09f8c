import { execFile } from 'node:child_process'
import { mkdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { type Box, useBox } from './use-box.ts'

type Plant = (path: string, box: Box) => Promise<unknown>

/** What somebody may have put where a file of ours belongs. */
const plants: Readonly<Record<string, Plant>> = {
  'a pipe that nobody writes to': (path) => promisify(execFile)('mkfifo', [path]),
  'a folder': (path) => mkdir(path),
  'a link to a file outside': (path, { outside }) => symlink(join(outside, 'theirs.txt'), path),
  'a link to a folder outside': (path, { outside }) => symlink(outside, path),
  'a link to a file that is not there': (path, { outside }) =>
    symlink(join(outside, 'new.txt'), path),
  'a link to itself': (path) => symlink(path, path),
  'a link to endless zeros': (path) => symlink('/dev/zero', path),
  'a huge file': async (path) => {
    await writeFile(path, '')
    await truncate(path, 2 ** 40)
  },
  'an empty file': (path) => writeFile(path, ''),
  'wild bytes': (path) => writeFile(path, Buffer.from([0xff, 0, 10, 0xc0, 13, 91, 123])),
  'deep JSON': (path) => writeFile(path, '['.repeat(100_000)),
  'JSON of another shape': (path) => writeFile(path, '{"format_version":1,"files":{"../x":[]}}'),
}

const localPlaces: Readonly<Record<string, (commit: string) => string>> = {
  'the file itself': () => 'a.txt',
  'its metadata': () => '.cache/huggingface/download/a.txt.metadata',
  'its lock': () => '.cache/huggingface/download/a.txt.lock',
  'the listing': (commit) => `.cache/huggingface/trees/${commit}.json`,
  'the ref': () => '.cache/huggingface/refs/models--evil--repo/main',
  'the mark for git': () => '.cache/huggingface/.gitignore',
}

const cachePlaces: Readonly<Record<string, (commit: string) => string>> = {
  'the ref': () => 'models--evil--repo/refs/main',
  'the listing': (commit) => `models--evil--repo/trees/${commit}.json`,
  'the mark of a missing file': (commit) => `models--evil--repo/.no_exist/${commit}/b.txt`,
  'the lock': () => '.locks/models--evil--repo/78981922613b2afb6025042ff6bd878ac1994e85.lock',
  'a lease': (commit) => `.locks/models--evil--repo/${commit}.01234567.lease`,
  'the tag of the cache': () => 'CACHEDIR.TAG',
}

async function plant(folder: string, name: string, how: { box: Box; plant: Plant }): Promise<void> {
  const path = join(folder, name)
  await mkdir(dirname(path), { recursive: true })
  await how.plant(path, how.box)
}

const cases = (places: Readonly<Record<string, unknown>>): [place: string, what: string][] =>
  Object.keys(places).flatMap((place) =>
    Object.keys(plants).map((what): [string, string] => [place, what]),
  )

describe('SE-2: in a local folder, in place of', () => {
  it.each(cases(localPlaces))('%s lies %s', async (place, what) => {
    const box = await useBox({ commit: { files: { 'a.txt': 'a\n' } } })
    const name = localPlaces[place]?.(box.hub.commit('evil/repo') ?? '') ?? ''
    await plant(box.localDir, name, { box, plant: plants[what] ?? (() => Promise.resolve()) })
    const result = await box
      .open()
      .snapshot('evil/repo', { localDir: box.localDir })
      .catch((error: unknown) => error)
    await box.expectConfined()
    // Either it works all the same and the file is right, or an error of ours says what is in the way.
    if (result instanceof Error)
      expect(result).toMatchObject({ code: expect.stringMatching(/^HUB_/) })
    else expect(await readFile(join(box.localDir, 'a.txt'), 'utf8')).toBe('a\n')
    if (place !== 'the file itself') expect(result).not.toBeInstanceOf(Error)
  })
})

describe('SE-2: in the cache, in place of', () => {
  it.each(cases(cachePlaces))('%s lies %s', async (place, what) => {
    const box = await useBox({ commit: { files: { 'a.txt': 'a\n' } } })
    const name = cachePlaces[place]?.(box.hub.commit('evil/repo') ?? '') ?? ''
    await plant(box.cacheDir, name, { box, plant: plants[what] ?? (() => Promise.resolve()) })
    const result = await box
      .open()
      .download('evil/repo', 'a.txt')
      .catch((error: unknown) => error)
    await box.expectConfined()
    expect(result).not.toBeInstanceOf(Error)
    const snapshot = await box
      .open()
      .snapshot('evil/repo')
      .catch((error: unknown) => error)
    expect(snapshot).not.toBeInstanceOf(Error)
    await box.expectConfined()
  })
})
