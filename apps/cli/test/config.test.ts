import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { useHub } from './support/use-cli.ts'

const cli = useHub()

describe('hfx config', () => {
  it('CF-2: explain prints each value with its source, strongest first', async () => {
    const { home, run } = await cli.start()
    await writeFile(join(home, 'work/hfx.config.yaml'), 'connections: 3\nlimitRate: 5MB\n')
    const env = { HFX_CONNECTIONS: '7', HF_TOKEN: 'hf_ada_ada_ada_1234' }
    const explained: { option: string; value: unknown; source: string }[] = JSON.parse(
      (await run(['config', 'explain', '--json'], { env })).stdout,
    )
    const byName = Object.fromEntries(explained.map(({ option, ...rest }) => [option, rest]))
    expect(byName).toMatchObject({
      connections: { value: 7, source: 'HFX_CONNECTIONS' },
      limitRate: { value: 5_000_000, source: join(home, 'work/hfx.config.yaml') },
      token: { value: '(set)', source: 'HF_TOKEN' },
    })
    expect(byName['maxWorkers']).toBeUndefined()
    const all = await run(['config', 'explain', '--all'])
    expect(all.stdout).toMatch(/^maxWorkers +64 +default$/m)
    const one = await run(['config', 'explain', 'connections'])
    expect(one.stdout).toMatch(/^value +3$/m)
    expect(one.stdout).toMatch(/^variables +HFX_CONNECTIONS$/m)
  })

  it('set, get, path and --unset work on the file of the user or the project', async () => {
    const { home, run } = await cli.start()
    const file = join(home, 'config/hfx/config.json')
    const set = await run(['config', 'set', 'connections', '4'])
    expect(set).toMatchObject({ code: 0, stdout: '' })
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ connections: 4 })
    expect((await run(['config', 'get', 'connections'])).stdout).toBe('4\n')
    await run(['config', 'set', 'connections', '2', '--project'])
    expect(JSON.parse((await run(['config', 'get', 'connections', '--json'])).stdout)).toEqual({
      option: 'connections',
      value: 2,
      source: join(home, 'work/hfx.config.json'),
    })
    expect((await run(['config', 'path', '-q'])).stdout).toBe(
      `${join(home, 'work/hfx.config.json')}\n${file}\n`,
    )
    await run(['config', 'set', 'connections', '--unset', '--project'])
    expect((await run(['config', 'get', 'connections', '-q'])).stdout).toBe('4\n')
  })

  it.each([
    [['get', 'conections'], 'Did you mean connections?'],
    [['explain', 'nonsense-nonsense'], 'hfx help config'],
    [['set', 'connections'], 'gets no value'],
    [['set', 'connections', '3', '--unset'], '--unset takes no value'],
    [['set', 'connections', 'many'], 'expected a whole number'],
    [['set', 'token', 'hf_x'], 'hfx auth login'],
  ])('%j ends with 2', async (args, message) => {
    const { run } = await cli.start()
    const { code, stdout, stderr } = await run(['config', ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
  })

  it('a broken file is named with what is wrong', async () => {
    const { home, run } = await cli.start()
    await mkdir(join(home, 'config/hfx'), { recursive: true })
    await writeFile(join(home, 'config/hfx/config.json'), '{"conections": 3}')
    const { code, stderr } = await run(['config', 'explain'])
    expect(code).toBe(2)
    expect(stderr).toContain('Did you mean connections?')
  })
})
