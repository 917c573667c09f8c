import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isHubError, SnapshotError } from '@hfx/core'
import { describe, expect, it } from 'vitest'
import { type Box, useBox } from './use-box.ts'

const bomb = 'x'.repeat(300)

/** Names that leave their folder on this system or another: nothing at all is written. */
const escapes = [
  '',
  '.',
  '..',
  './',
  '/',
  '../evil',
  '../../../../../../../../etc/cron.d/evil',
  'a/../../evil',
  'a/..',
  'a/./../../evil',
  '/etc/evil',
  '//server/share/evil',
  String.raw`\\server\share\evil`,
  String.raw`\evil`,
  String.raw`..\evil`,
  String.raw`a\..\..\evil`,
  String.raw`a/..\..\evil`,
  String.raw`C:\evil`,
  'C:evil',
  'c:/evil',
  'a/C:/evil',
  'evil\0.txt',
  '\0',
  `${`${'a'.repeat(200)}/`.repeat(25)}evil`,
]

/** Names that no volume of this machine can hold. */
const tooLong = [`${bomb}.txt`, `a/${bomb}/b`, 'ü'.repeat(128)]

/** Ugly, but files like others: kept inside, byte for byte. */
const ugly = [
  ['refs/main', 'blobs/0000', '.locks/x.lock', 'snapshots/x', 'trees/x.json', '.no_exist/x'],
  ['a.metadata', 'a.lock', 'a.incomplete', 'a.0badcafe.incomplete', 'a'],
  ['CON', 'nul.txt', 'aux', 'dot.', 'blank ', 'x.txt:stream'],
  ['Readme.md', 'README.md', 'caf\u00E9.txt', 'cafe\u0301.txt'],
  ['\u202Etxt.exe', '\u001B[2J.txt', 'a\nb.txt', '-rf', '~', '$HOME', '`id`', '%2e%2e%2fx'],
  ['..x', '...', 'x..', 'a/..b/c', '.hidden', '.git/config', '.cache/other/x'],
  ['__proto__', 'constructor', 'toString', 'a/__proto__/b', 'hasOwnProperty'],
  [`${'a/'.repeat(200)}deep.txt`],
]

/** Ways to write the folder that holds the state of a local download. */
const ours = [
  '.cache/huggingface/download/a.txt.metadata',
  '.cache/huggingface/.gitignore',
  '.CACHE/HuggingFace/trees/x.json',
  './.cache//./huggingface/refs/x',
  '.cache./huggingface /x',
  '.ca\u200Dche/hugging\u2060face/x',
  '．cache/huggingface/x',
  'CACHE~1/HUGGIN~1/x',
  '.cache/huggingface',
]

/** With a short title for each. */
function named(paths: readonly string[]): [name: string, path: string][] {
  return paths.map((path) => [`${JSON.stringify(path.slice(0, 40))} (${path.length})`, path])
}

async function attack(
  path: string,
  place: 'cache' | 'local',
): Promise<{ box: Box; error: unknown }> {
  const box = await useBox({ commit: { files: { 'good.txt': 'good', [path]: 'evil' } } })
  const options = place === 'local' ? { localDir: box.localDir } : {}
  const error: unknown = await box
    .open()
    .snapshot('evil/repo', options)
    .then(() => undefined)
    .catch((error_: unknown) => error_)
  await box.expectConfined()
  return { box, error }
}

describe.each(['cache', 'local'] as const)('SE-2: a name in the listing (%s)', (place) => {
  it.each(named(escapes))('%s is refused before anything is written', async (_name, path) => {
    const { box, error } = await attack(path, place)
    expect(error).toMatchObject({ code: 'HUB_UNSAFE_PATH' })
    expect(String(error).length).toBeLessThan(700)
    expect(await readdir(box.localDir)).toEqual([])
    expect(box.hub.requests.filter(({ path: asked }) => asked.includes('/resolve'))).toEqual([])
  })

  it.each(named(tooLong))('%s is refused, and is an error that says so', async (_name, path) => {
    const { error } = await attack(path, place)
    const errors = error instanceof SnapshotError ? error.failures.map((one) => one.error) : [error]
    expect(errors).toEqual([expect.objectContaining({ code: 'HUB_UNSAFE_PATH' })])
  })

  it.each(ugly)('%j and others stay inside and are told apart', async (...paths) => {
    const files = Object.fromEntries(paths.map((path) => [path, `This is ${path}`]))
    // An own member, which a literal would not make of this name.
    const box = await useBox({ commit: { files } })
    const result = await box
      .open()
      .snapshot('evil/repo', place === 'local' ? { localDir: box.localDir } : {})
    await box.expectConfined()
    expect(result.files.map((file) => file.path).toSorted()).toEqual(paths.toSorted())
    const again = await box
      .open({ offline: true })
      .snapshot('evil/repo', place === 'local' ? { localDir: box.localDir } : {})
    expect(again.files).toHaveLength(paths.length)
  })
})

it.each(ours)(
  'SE-2: %j would be our own record, and is refused in a local folder',
  async (path) => {
    const { error } = await attack(path, 'local')
    const failures =
      error instanceof SnapshotError ? error.failures.map((one) => one.error) : [error]
    expect(failures.filter((one) => isHubError(one, 'HUB_UNSAFE_PATH'))).toHaveLength(1)
  },
)

it('a name that is a file and a folder is an error about that name, and harms no other file', async () => {
  for (const place of ['cache', 'local']) {
    const files = { a: 'file', 'a/b': 'below it', 'good.txt': 'good' }
    const box = await useBox({ commit: { files } })
    const options = place === 'local' ? { localDir: box.localDir } : {}
    const error: unknown = await box
      .open()
      .snapshot('evil/repo', options)
      .catch((error_: unknown) => error_)
    expect(isHubError(error)).toBe(true)
    await box.expectConfined()
    const folder = place === 'local' ? box.localDir : join(box.cacheDir, 'models--evil--repo')
    expect(
      (await readdir(folder, { recursive: true })).some((name) => name.endsWith('good.txt')),
    ).toBe(true)
  }
})
