import { mkdir, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { findProjectFile, findUserFile, readConfigFile, userConfigFolder } from '../src/index.ts'

const secret = 'hf_SecretSecretSecret'

async function plant(name: string, text: string): Promise<string> {
  const file = join(await useTempDir(), name)
  await writeFile(file, text)
  return file
}

async function faultOf(file: string): Promise<unknown> {
  return readConfigFile(file).catch((error: unknown) => error)
}

describe('a configuration file', () => {
  it.each([
    ['a.json', '{"connections": "many"}', 'a whole number, at least 1'],
    ['a.yaml', 'connections: many', 'a whole number, at least 1'],
    ['a.toml', 'connections = "many"', 'a whole number, at least 1'],
    ['a.json', '{"endpoint": "huggingface.co"}', 'an address like https://huggingface.co'],
    ['a.json', '{"endpoint": 5}', 'an address like https://huggingface.co'],
    ['a.yaml', 'layers: [1, 2]', 'a list of texts'],
    ['a.yaml', 'progress: loud', 'one of auto, bars, log, json, none'],
    ['a.yaml', 'deadlineMs: 30d', 'a time like 500ms, 30s or 2h, at least 1, at most 24d'],
    ['a.toml', 'partBytes = 100', 'a size like 20MB, 64MiB or 1000, at least 1024'],
    ['a.toml', 'verifySsl = "maybe"', 'true or false'],
    ['a.json', '{"policy": {"kind": "revalidate"}}', 'cache-only, cache-first, revalidate'],
  ])(
    '%s with %s: the message names file, key and what is expected',
    async (name, text, expected) => {
      const file = await plant(name, text)
      const key = /\w+/.exec(text)?.[0] ?? ''
      await expect(readConfigFile(file)).rejects.toMatchObject({ code: 'HUB_INVALID_CONFIG' })
      await expect(readConfigFile(file)).rejects.toThrow(`${file} gives ${key} `)
      await expect(readConfigFile(file)).rejects.toThrow(`; expected ${expected}`)
    },
  )

  it.each([
    ['a.json', '{"token": hf_SecretSecretSecret}', 'cannot be parsed: it is no JSON'],
    ['a.json', '{"token": "hf_SecretSecretSecret" "x"}', 'it is no JSON at line 1, column '],
    ['a.json', '{\n"a": 1,\n}', 'at line 3, column 1'],
    ['a.json', '{"token":', 'it ends too early'],
    ['a.yaml', 'token: "hf_SecretSecretSecret', 'at line 1, column '],
    ['a.yaml', 'proxy: *hf_SecretSecretSecret', 'Unresolved alias'],
    ['a.toml', 'token = "hf_SecretSecretSecret', 'unfinished string at line 1, column 9'],
  ])('%s that is broken says where, and repeats nothing: %s', async (name, text, words) => {
    const file = await plant(name, text)
    const error = await faultOf(file)
    expect(error).toMatchObject({ code: 'HUB_INVALID_CONFIG' })
    expect(inspect(error, { depth: 9 })).toContain(file)
    expect(inspect(error, { depth: 9 })).toContain(words)
    expect(inspect(error, { depth: 9 })).not.toContain('SecretSecret')
  })

  it('does not repeat a secret of the wrong kind, nor credentials in an address', async () => {
    const proxy = await plant('a.json', `{"proxy": ["http://user:${secret}@proxy.example"]}`)
    await expect(readConfigFile(proxy)).rejects.toThrow(`${proxy} gives proxy its value; expected`)
    const endpoint = await plant('a.json', '{"endpoint": "https://user:passw0rd@hub.example"}')
    const error = await faultOf(endpoint)
    expect(inspect(error)).toContain('hub.example')
    expect(inspect(error)).not.toContain('passw0rd')
  })

  it('holds options, $schema and keys without value', async () => {
    const file = await plant('a.json', '\uFEFF{"$schema": "x", "proxy": null, "connections": 2}')
    expect(await readConfigFile(file)).toEqual({ connections: { value: 2, source: file } })
  })

  it.each(['', '# nothing\n'])('may be empty: %j', async (text) => {
    expect(await readConfigFile(await plant('a.yaml', text))).toEqual({})
    expect(await readConfigFile(await plant('a.toml', text))).toEqual({})
  })

  it('may be empty JSON', async () => {
    expect(await readConfigFile(await plant('a.json', ' \n'))).toEqual({})
  })

  it.each([
    ['[1]', 'a list'],
    ['"x"', 'string'],
    ['3', 'number'],
  ])('holds options by name, not %s', async (text, what) => {
    await expect(readConfigFile(await plant('a.json', text))).rejects.toThrow(
      `must hold options by name, not ${what}`,
    )
  })

  it('names the nearest option for a key that is none', async () => {
    const file = await plant('a.yaml', 'cache_dir: /x')
    await expect(readConfigFile(file)).rejects.toMatchObject({
      message: `${file} names the option "cache_dir", which there is not`,
      hint: 'Did you mean cacheDir?',
    })
    const odd = await plant('b.json', '{"__proto__": {"offline": true}}')
    expect(Object.keys(await readConfigFile(odd))).toEqual([])
    expect({}).not.toHaveProperty('offline')
  })

  it('is no folder, not larger than a megabyte, and has no bomb of aliases', async () => {
    const folder = await useTempDir()
    await expect(readConfigFile(folder)).rejects.toThrow('is no file')
    await expect(readConfigFile(join(folder, 'gone.json'))).rejects.toThrow('cannot be read')
    const large = await plant('a.json', ' '.repeat(1024 * 1024 + 1))
    await expect(readConfigFile(large)).rejects.toThrow('is larger than 1048576 bytes')
    const lines = Array.from(
      { length: 30 },
      (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]`,
    )
    const bomb = await plant('a.yaml', ['a0: &a0 [x]', ...lines].join('\n'))
    await expect(readConfigFile(bomb)).rejects.toThrow('cannot be parsed')
  })

  it('counts relative paths from its own folder, and reads ~ and variables', async () => {
    const folder = await useTempDir()
    const file = join(folder, 'hfx.config.yaml')
    await writeFile(
      file,
      "cacheDir: ./models\nlocalDir: '~/out'\nlayers: [$BASE/x, /y]\nca: '-----BEGIN X'",
    )
    const layer = await readConfigFile(file, { BASE: '/base', HOME: '/home/ada' })
    expect(Object.entries(layer).map(([name, { value }]) => [name, value])).toEqual([
      ['cacheDir', join(folder, 'models')],
      ['localDir', '/home/ada/out'],
      ['layers', ['/base/x', '/y']],
      ['ca', '-----BEGIN X'],
    ])
    expect((await readConfigFile(file))['localDir']?.value).toBe(join(homedir(), 'out'))
  })
})

describe('where files are looked for', () => {
  it('finds the nearest project file upwards, and not above the git checkout', async () => {
    const top = await useTempDir()
    const inner = join(top, 'repo', 'a', 'b')
    await mkdir(inner, { recursive: true })
    await writeFile(join(top, 'hfx.config.json'), '{}')
    expect(await findProjectFile(inner)).toBe(join(top, 'hfx.config.json'))
    await writeFile(join(top, 'repo', 'a', 'hfx.config.toml'), '')
    expect(await findProjectFile(inner)).toBe(join(top, 'repo', 'a', 'hfx.config.toml'))
    await mkdir(join(top, 'repo', '.git'))
    expect(await findProjectFile(join(top, 'repo'))).toBeUndefined()
  })

  it('finds the user file in XDG_CONFIG_HOME, else in ~/.config', async () => {
    const home = await useTempDir()
    await mkdir(join(home, '.config', 'hfx'), { recursive: true })
    await writeFile(join(home, '.config', 'hfx', 'config.yml'), '')
    expect(await findUserFile({ HOME: home })).toBe(join(home, '.config', 'hfx', 'config.yml'))
    expect(await findUserFile({ HOME: home, XDG_CONFIG_HOME: join(home, 'x') })).toBeUndefined()
    expect(userConfigFolder({ HOME: home, XDG_CONFIG_HOME: '~/x' })).toBe(join(home, 'x', 'hfx'))
  })
})
