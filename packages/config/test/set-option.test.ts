import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
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
})
