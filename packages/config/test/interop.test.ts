import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Secret } from '@hfx/core'
import { describeWithPython, useTempDir } from '@hfx/testing'
import { expect, it } from 'vitest'
import { createTokenStore, createTokenSource } from '../src/index.ts'

describeWithPython('logins of Python and ours', (python) => {
  it('case 63: Python reads the tokens that we keep, names with spaces and values with % included', async () => {
    const home = await useTempDir()
    const store = createTokenStore({ HF_HOME: home })
    await store.save('first one', new Secret('hf_first%20'))
    await store.save('work', new Secret('hf_work'))
    expect(await python.ask({ do: 'tokens' }, { HF_HOME: home })).toEqual({
      active: 'hf_work',
      stored: { 'first one': 'hf_first%20', work: 'hf_work' },
    })
    expect(await readFile(join(home, 'token'), 'utf8')).toBe('hf_work')
    expect(((await stat(join(home, 'token'))).mode & 0o777).toString(8)).toBe('600')
  })

  it('case 63: we read the tokens that Python keeps, and use the one in force', async () => {
    const home = await useTempDir()
    const tokens = { 'first one': 'hf_first%20', work: 'hf_work' }
    await python.ask({ do: 'save-token', tokens }, { HF_HOME: home })
    await python.ask({ do: 'switch-token', name: 'first one' }, { HF_HOME: home })
    const profiles = await createTokenStore({ HF_HOME: home }).list()
    expect(profiles.map(({ name, token, active }) => [name, token.reveal(), active])).toEqual([
      ['first one', 'hf_first%20', true],
      ['work', 'hf_work', false],
    ])
    const token = await createTokenSource({ HF_HOME: home }).getToken()
    expect(token?.reveal()).toBe('hf_first%20')
  })

  it('case 64: a switch by either is seen by the other', async () => {
    const home = await useTempDir()
    const store = createTokenStore({ HF_HOME: home })
    await store.save('a', new Secret('hf_a'))
    await store.save('b', new Secret('hf_b'))
    await store.activate('a')
    expect(await python.ask({ do: 'tokens' }, { HF_HOME: home })).toMatchObject({ active: 'hf_a' })
    await python.ask({ do: 'switch-token', name: 'b' }, { HF_HOME: home })
    expect((await store.list()).find(({ active }) => active)?.name).toBe('b')
    await store.remove('b')
    expect(await python.ask({ do: 'tokens' }, { HF_HOME: home })).toEqual({
      active: null,
      stored: { a: 'hf_a' },
    })
  })
})
