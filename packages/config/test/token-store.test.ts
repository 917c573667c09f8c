import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Secret } from '@hfx/core'
import { useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'
import {
  createTokenStore,
  formatStoredTokens,
  parseStoredTokens,
  toProfileName,
} from '../src/index.ts'

async function open() {
  const home = join(await useTempDir(), 'hf')
  return { home, store: createTokenStore({ HF_HOME: home }) }
}

describe('token store', () => {
  it('writes the active token raw and the logins as INI, both for the owner only', async () => {
    const { home, store } = await open()
    await store.save('work', new Secret('hf_work'))
    await store.save('home', new Secret('hf_home'))
    expect(await readFile(join(home, 'token'), 'utf8')).toBe('hf_home')
    expect(await readFile(join(home, 'stored_tokens'), 'utf8')).toBe(
      '[home]\nhf_token = hf_home\n\n[work]\nhf_token = hf_work\n\n',
    )
    for (const name of ['token', 'stored_tokens'])
      expect((await stat(join(home, name))).mode & 0o777).toBe(0o600)
  })

  it('closes a token file that others could read', async () => {
    const { home, store } = await open()
    await mkdir(home, { recursive: true })
    await writeFile(join(home, 'token'), 'hf_old')
    await chmod(join(home, 'token'), 0o644)
    await store.save('work', new Secret('hf_work'))
    expect((await stat(join(home, 'token'))).mode & 0o777).toBe(0o600)
  })

  it('weak point 26: leaves the folder as it is: a shared cache may lie below it', async () => {
    const { home, store } = await open()
    await mkdir(home, { recursive: true })
    await chmod(home, 0o775)
    await store.save('work', new Secret('hf_work'))
    expect((await stat(home)).mode & 0o777).toBe(0o775)
  })

  it('switches between logins and says which is active', async () => {
    const { store } = await open()
    await store.save('a', new Secret('hf_a'))
    await store.save('b', new Secret('hf_b'))
    expect(await store.activate('a')).toBe(true)
    expect(await store.activate('nobody')).toBe(false)
    expect((await store.list()).map(({ name, active }) => [name, active])).toEqual([
      ['a', true],
      ['b', false],
    ])
  })

  it('forgets one login, and the token file only when it was the active one', async () => {
    const { home, store } = await open()
    await store.save('a', new Secret('hf_a'))
    await store.save('b', new Secret('hf_b'))
    expect(await store.remove('a')).toBe(true)
    expect(await readFile(join(home, 'token'), 'utf8')).toBe('hf_b')
    expect(await store.remove('b')).toBe(true)
    await expect(readFile(join(home, 'token'))).rejects.toThrow('ENOENT')
    await expect(readFile(join(home, 'stored_tokens'))).rejects.toThrow('ENOENT')
    expect(await store.remove('b')).toBe(false)
    expect(await store.removeAll()).toBe(false)
  })

  it('keeps what other clients wrote beside the token', async () => {
    const { home, store } = await open()
    await mkdir(home, { recursive: true })
    await writeFile(
      join(home, 'stored_tokens'),
      '[oauth-ada]\nhf_token = hf_o\nrefresh_token = r=1\nexpires_at = 1800000000\n\n',
    )
    await store.save('work', new Secret('hf_work'))
    expect(await readFile(join(home, 'stored_tokens'), 'utf8')).toContain(
      '[oauth-ada]\nhf_token = hf_o\nrefresh_token = r=1\nexpires_at = 1800000000\n',
    )
    expect((await store.list())[0]?.expiresAtMs).toBe(1_800_000_000_000)
  })

  it('a token is not shown by accident', async () => {
    const { store } = await open()
    await store.save('work', new Secret('hf_secret_secret_1234'))
    expect(JSON.stringify(await store.list())).not.toContain('secret')
  })
})

describe('stored_tokens', () => {
  it('reads what it writes', () => {
    const profiles = [{ name: 'a b', values: { hf_token: 'x=y:z' } }]
    expect(parseStoredTokens(formatStoredTokens(profiles))).toEqual(profiles)
  })

  it('skips what it does not understand', () => {
    expect(parseStoredTokens('garbage\n# remark\n[a]\n=\nhf_token: t\r\n')).toEqual([
      { name: 'a', values: { hf_token: 't' } },
    ])
  })

  it.each([
    ['my token', 'my token'],
    ['a]\n[b', 'a b'],
    ['DEFAULT', undefined],
    [' ', undefined],
  ])('the name %j becomes %j', (text, name) => {
    expect(toProfileName(text)).toBe(name)
  })
})
