import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { useHub } from './support/use-cli.ts'

const cli = useHub()
const ada = 'hf_ada_ada_ada_1234'
const bob = 'hf_bob_bob_bob_5678'

describe('hfx auth', () => {
  it('login reads the token from standard input, checks it with the Hub and keeps it for the owner only', async () => {
    const { home, run } = await cli.start()
    const login = await run(['auth', 'login'], { input: `${ada}\n` })
    expect(login).toMatchObject({ code: 0, stdout: 'Logged in as ada (ada-token).\n' })
    expect(login.stderr).not.toContain(ada)
    expect(await readFile(join(home, 'hf/token'), 'utf8')).toBe(ada)
    expect((await stat(join(home, 'hf/token'))).mode & 0o777).toBe(0o600)
    expect(await readFile(join(home, 'hf/stored_tokens'), 'utf8')).toBe(
      `[ada-token]\nhf_token = ${ada}\n\n`,
    )
    const who = JSON.parse(
      (await run(['auth', 'whoami', '--json', '--endpoint', cli.hub.url])).stdout,
    )
    expect(who).toMatchObject({ user: 'ada', role: 'read', source: join(home, 'hf/token') })
    expect((await run(['download', 'acme/private', '-q'])).code).toBe(0)
  })

  it('a wrong, an empty and an organisation token are refused and not kept', async () => {
    const { home, run } = await cli.start()
    for (const input of ['hf_wrong_wrong\n', '\n', 'api_org_x\n', 'two words\n']) {
      const { code, stdout, stderr } = await run(['auth', 'login'], { input })
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
      expect(stderr).not.toContain('hf_wrong')
    }
    await expect(stat(join(home, 'hf/token'))).rejects.toThrow('ENOENT')
  })

  it('switch, list, token and logout work on several logins', async () => {
    const { run } = await cli.start()
    await run(['auth', 'login', '--name', 'work', '--endpoint', cli.hub.url], { input: ada })
    await run(['auth', 'login', '--json'], { input: bob })
    const list = await run(['auth', 'list'])
    expect(list.stdout).toMatch(
      /^ +NAME +TOKEN\n\* +bob-token +hf_\*\*\*\*5678\n +work +hf_\*\*\*\*1234\n$/,
    )
    expect(list.stdout).not.toContain(ada)
    expect((await run(['auth', 'switch', '--token-name', 'work', '-q'])).stdout).toBe('work\n')
    expect((await run(['auth', 'token'])).stdout).toBe(`${ada}\n`)
    expect(JSON.parse((await run(['auth', 'ls', '--json'])).stdout)).toMatchObject([
      { name: 'bob-token', active: false, token: 'hf_****5678' },
      { name: 'work', active: true },
    ])
    expect((await run(['auth', 'switch'])).stderr).toContain('--token-name')
    expect((await run(['auth', 'switch', '--token-name', 'x'])).code).toBe(3)
    expect((await run(['auth', 'logout', '--token-name', 'x'])).code).toBe(3)
    expect((await run(['auth', 'logout', '--token-name', 'work'])).stdout).toBe(
      'Logged out of work.\n',
    )
    expect((await run(['auth', 'token'])).code).toBe(3)
    expect((await run(['auth', 'logout', '--json'])).stdout).toContain('"loggedOut": true')
    expect(await run(['auth', 'list'])).toMatchObject({ code: 0, stdout: '' })
  })

  it('says when a variable goes before the login', async () => {
    const { run } = await cli.start()
    const env = { HF_TOKEN: bob }
    expect((await run(['auth', 'login'], { input: ada, env })).stderr).toContain('HF_TOKEN is set')
    expect((await run(['auth', 'logout'], { env })).stderr).toContain('HF_TOKEN is still set')
    expect((await run(['auth', 'whoami', '-q'], { env })).stdout).toBe('bob\n')
  })

  it('AU-2: a token in a file that others put there is used', async () => {
    const { run } = await cli.start()
    expect((await run(['auth', 'whoami'])).code).toBe(3)
    expect(
      (await run(['auth', 'whoami', '-q'], { env: { HUGGING_FACE_HUB_TOKEN: ada } })).stdout,
    ).toBe('ada\n')
  })

  it('AU-2: a CI job without a secret is who its id token says', async () => {
    const { run } = await cli.start()
    const env = { HF_OIDC_RESOURCE: 'acme', HF_OIDC_ID_TOKEN: 'ci.id.token' }
    expect((await run(['auth', 'whoami', '-q'], { env })).stdout).toBe('ada\n')
    expect((await run(['auth', 'token'], { env })).stdout).toBe(`${ada}\n`)
    expect((await run(['env'], { env })).stdout).toContain('HF_OIDC_RESOURCE')
    const failing = { ...env, HF_OIDC_ID_TOKEN: 'stolen' }
    expect(await run(['auth', 'whoami'], { env: failing })).toMatchObject({ code: 3, stdout: '' })
  })
})
