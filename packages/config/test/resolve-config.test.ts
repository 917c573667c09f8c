import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { type ConfigSources, optionNames, resolveConfig, vocabulary } from '../src/index.ts'
import { samples } from './support/sample-values.ts'

describe.each(optionNames)('%s', (name) => {
  const spec = vocabulary[name]
  const { text, value, native = value } = samples[name]
  const setting = samples[name].setting ?? { [name]: value }

  async function check(sources: Partial<ConfigSources>): Promise<unknown> {
    const config = await resolveConfig({ env: {}, ...sources })
    expect(config.settings).toMatchObject(setting)
    return config.values[name]
  }

  it('has another value when nobody says anything', async () => {
    const { settings, values } = await resolveConfig({ env: {} })
    expect(values[name]?.value).not.toEqual(value)
    const same = new Map(Object.entries(setting))
    const shown = Object.entries(settings).filter(([key]) => same.has(key))
    for (const [key, found] of shown) expect(found).not.toEqual(same.get(key))
  })

  it.each(['call', 'client', 'flags'] as const)(
    'is read from %s, as text and as it is',
    async (at) => {
      const source = at === 'flags' ? 'flag' : at
      expect(await check({ [at]: { [name]: text } })).toEqual({ value, source })
      expect(await check({ [at]: { [name]: native } })).toEqual({ value, source })
    },
  )

  it.each(spec.env ?? [])('is read from the variable %s', async (variable) => {
    const isOn = value === true
    const written = spec.inverted === true ? (isOn ? '0' : '1') : text
    expect(await check({ env: { [variable]: written } })).toEqual({ value, source: variable })
  })

  it.each(['json', 'yaml', 'yml', 'toml'])('is read from a project file in %s', async (ending) => {
    const folder = await useTempDir()
    const file = join(folder, `hfx.config.${ending}`)
    const written = JSON.stringify(text)
    await writeFile(
      file,
      { json: `{"${name}": ${written}}`, toml: `${name} = ${written}` }[ending] ??
        `${name}: ${written}`,
    )
    const found = check({ files: { folder } })
    if (name === 'localDir') await expect(found).rejects.toThrow('expected a folder of the project')
    else expect(await found).toEqual({ value, source: file })
  })

  it('is read from the user file', async () => {
    const folder = await useTempDir()
    const file = join(folder, 'hfx', 'config.json')
    await mkdir(join(folder, 'hfx'))
    await writeFile(file, JSON.stringify({ [name]: native }))
    expect(await check({ env: { XDG_CONFIG_HOME: folder }, files: { folder } })).toEqual({
      value,
      source: file,
    })
  })

  it.skipIf(spec.kind === 'text' || spec.kind === 'list')(
    'refuses what it cannot be, and names place, option and what it takes',
    async () => {
      for (const wrong of ['?!', {}, Number.NaN, -1, null]) {
        const failed = resolveConfig({ env: {}, client: { [name]: wrong } })
        await expect(failed).rejects.toMatchObject({ code: 'HUB_INVALID_CONFIG' })
        await expect(failed).rejects.toThrow(new RegExp(`the client gives ${name} .*; expected `))
      }
    },
  )

  it.skipIf(spec.kind === 'boolean')('is no empty text', async () => {
    const empty = spec.kind === 'list' ? [''] : ''
    await expect(resolveConfig({ env: {}, call: { [name]: empty } })).rejects.toThrow('expected')
  })

  it('is not given when it is undefined, and an empty variable is none', async () => {
    const env = Object.fromEntries((spec.env ?? []).map((variable) => [variable, ' ']))
    const config = await resolveConfig({ env, call: { [name]: undefined } })
    expect(config).toEqual(await resolveConfig({ env: {} }))
  })
})

describe('the order of sources', () => {
  it('is call, client, flags, environment, project file, user file, default', async () => {
    const home = await useTempDir()
    const folder = join(home, 'project')
    await mkdir(join(home, 'hfx'))
    await mkdir(folder)
    const project = join(folder, 'hfx.config.yaml')
    const user = join(home, 'hfx', 'config.toml')
    await writeFile(project, 'maxRetries: 5')
    await writeFile(user, 'maxRetries = 6\nconnections = 6')
    const all: ConfigSources = {
      call: { maxRetries: 1 },
      client: { maxRetries: 2 },
      flags: { maxRetries: 3 },
      env: { HFX_MAX_RETRIES: '4', XDG_CONFIG_HOME: home },
      files: { folder },
    }
    const order = ['call', 'client', 'flag', 'HFX_MAX_RETRIES', project, user, 'default']
    const steps: readonly Partial<ConfigSources>[] = [
      {},
      { call: {} },
      { call: {}, client: {} },
      { call: {}, client: {}, flags: {} },
    ]
    for (const [at, step] of steps.entries())
      expect(await sourceOf({ ...all, ...step })).toEqual([at + 1, order[at]])
    const env = { XDG_CONFIG_HOME: home }
    const files: ConfigSources = { env, files: { folder } }
    expect(await sourceOf(files)).toEqual([5, project])
    expect(await sourceOf({ env, files: { folder: home } })).toEqual([6, user])
    expect(await sourceOf({ env })).toEqual([5, 'default'])
    expect((await resolveConfig(files)).values['connections']?.source).toBe(user)
  })

  it('reads no file unless asked', async () => {
    const folder = await useTempDir()
    await writeFile(join(folder, 'hfx.config.json'), 'broken')
    await expect(resolveConfig({ env: {} })).resolves.toBeDefined()
    await expect(resolveConfig({ env: {}, files: { folder } })).rejects.toThrow('it is no JSON')
  })

  it('captures nothing: the environment is read when asked', async () => {
    const env: Record<string, string> = {}
    const before = await resolveConfig({ env })
    env['HF_ENDPOINT'] = 'http://late.example'
    expect(before.settings.endpoint).toBe('https://huggingface.co')
    expect((await resolveConfig({ env })).settings.endpoint).toBe('http://late.example')
  })
})

it('names the nearest option for an unknown one', async () => {
  await expect(resolveConfig({ env: {}, flags: { cachedir: 'x' } })).rejects.toMatchObject({
    code: 'HUB_INVALID_CONFIG',
    message: 'the command line names the option "cachedir", which there is not',
    hint: 'Did you mean cacheDir?',
  })
  await expect(resolveConfig({ env: {}, client: { zzzzzzzzzzzz: 1 } })).rejects.toMatchObject({
    hint: 'hfx help config lists the options.',
  })
})

async function sourceOf(sources: ConfigSources): Promise<readonly unknown[]> {
  const found = (await resolveConfig(sources)).values['maxRetries']
  return [found?.value, found?.source]
}
