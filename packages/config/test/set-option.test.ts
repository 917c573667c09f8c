import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import { readConfigFile, setOption } from '../src/index.ts'

describe('setting an option in a file', () => {
  it.each(['json', 'yaml', 'toml'])('makes and changes a file of %s', async (ending) => {
    const file = join(await useTempDir(), 'new', `config.${ending}`)
    await setOption(file, 'connections', '8')
    await setOption(file, 'offline', 'true')
    await setOption(file, 'layers', '/a, /b')
    await setOption(file, 'connections', '4')
    await setOption(file, 'offline', undefined)
    expect(await readConfigFile(file)).toEqual({
      connections: { value: 4, source: file },
      layers: { value: ['/a', '/b'], source: file },
    })
  })

  it('leaves the file as it was when the value is wrong, and says what is expected', async () => {
    const file = join(await useTempDir(), 'config.json')
    await writeFile(file, '{"connections": 3}')
    await expect(setOption(file, 'limitRate', 'fast')).rejects.toThrow(
      /limitRate "fast"; expected a size/,
    )
    await expect(setOption(file, 'conections', '3')).rejects.toMatchObject({
      hint: 'Did you mean connections?',
    })
    await expect(setOption(file, 'token', 'hf_x')).rejects.toThrow(/does not belong/)
    expect(await readFile(file, 'utf8')).toBe('{"connections": 3}')
  })

  it('keeps a relative path true: it is meant from where the command runs', async () => {
    const folder = await useTempDir()
    const file = join(folder, 'config.json')
    await setOption(file, 'cacheDir', 'models')
    await setOption(file, 'localDir', join(folder, 'out'))
    await setOption(file, 'layers', '~/a, /b')
    const layer = await readConfigFile(file, { HOME: '/home/ada' })
    expect(layer['cacheDir']?.value).toBe(resolve('models'))
    expect(layer['localDir']?.value).toBe(join(folder, 'out'))
    expect(layer['layers']?.value).toEqual(['/home/ada/a', '/b'])
  })
})
