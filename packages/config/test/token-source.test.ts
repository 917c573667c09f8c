import { chmod, mkdir, readFile, readdir, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { HttpError, type HttpRequest, type Logger, Secret, type Transport } from '@hfx/core'
import { type FakeHub, startFakeHub } from '@hfx/fake-hub'
import { createManualClock, useTempDir } from '@hfx/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  createTokenSource,
  type Environment,
  findTokenPlace,
  readEnvironment,
  tokenPath,
} from '../src/index.ts'

const day = 24 * 3_600_000
let hub: FakeHub

beforeAll(async () => {
  hub = await startFakeHub({
    repos: [],
    users: [
      { token: 'hf_jwt_new', name: 'ada', idToken: 'ci.id.token', refreshToken: 'refresh-1' },
    ],
  })
})
beforeEach(() => hub.clearRequests())
afterAll(() => hub.close())

/** A transport as small as it can be: over fetch, no token of its own. */
const send: Transport['send'] = async (request) => {
  const { method, url, headers = {}, body } = request
  const answer = await fetch(url, {
    method,
    headers,
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
  })
  const bytes = new Uint8Array(await answer.arrayBuffer())
  if (answer.status < 400) return { status: answer.status, headers: {}, url, body: bytes }
  throw new HttpError({
    code: 'HUB_BAD_REQUEST',
    message: `${answer.status}: ${new TextDecoder().decode(bytes)}`,
    url,
    retryable: false,
  })
}

async function home(): Promise<string> {
  return join(await useTempDir(), 'hf')
}

async function reveal(source: ReturnType<typeof createTokenSource>): Promise<string | undefined> {
  return (await source.getToken())?.reveal()
}

async function faultOf(source: ReturnType<typeof createTokenSource>): Promise<unknown> {
  return source.getToken().catch((error: unknown) => error)
}

async function login(folder: string, section: string, token = 'hf_old'): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'token'), `${token}\n`)
  await writeFile(
    join(folder, 'stored_tokens'),
    `[ada]\nhf_token = hf_old\n${section}\n\n[b]\nhf_token = x\n\n`,
  )
}

function collectWarnings(): { logger: Logger; warnings: string[] } {
  const warnings: string[] = []
  const quiet = (): void => {}
  return {
    warnings,
    logger: { debug: quiet, info: quiet, error: quiet, warn: (text) => warnings.push(text) },
  }
}

describe('the order of tokens (AU-2)', () => {
  it('is option, HF_TOKEN, the older variable, id token of the CI, token file', async () => {
    const folder = await home()
    await login(folder, '')
    const file = { HF_HOME: folder }
    const ci = { ...file, HF_OIDC_RESOURCE: 'acme', HF_OIDC_ID_TOKEN: 'ci.id.token' }
    const old = { ...ci, HUGGING_FACE_HUB_TOKEN: 'hf_older' }
    const env = { ...old, HF_TOKEN: ' hf_env\r\n' }
    const options = { send, endpoint: hub.url }
    expect(await reveal(createTokenSource(env, { ...options, token: 'hf_option' }))).toBe(
      'hf_option',
    )
    expect(await reveal(createTokenSource(env, options))).toBe('hf_env')
    expect(await reveal(createTokenSource(old, options))).toBe('hf_older')
    expect(await reveal(createTokenSource(ci, options))).toBe('hf_jwt_new')
    expect(await reveal(createTokenSource(file, options))).toBe('hf_old')
    expect(await reveal(createTokenSource({ HF_HOME: `${folder}/none` }, options))).toBeUndefined()
    const places = [env, old, ci, file].map((one) => findTokenPlace(one))
    expect(await Promise.all(places)).toEqual([
      'HF_TOKEN',
      'HUGGING_FACE_HUB_TOKEN',
      'HF_OIDC_RESOURCE',
      join(folder, 'token'),
    ])
  })

  it('an HF_TOKEN of blanks hides the older variable, an empty one does not, as in Python', async () => {
    const folder = await home()
    await login(folder, '')
    const env = { HF_HOME: folder, HUGGING_FACE_HUB_TOKEN: 'hf_older' }
    const blank = { ...env, HF_TOKEN: ' \r\n' }
    expect(await reveal(createTokenSource(blank))).toBe('hf_old')
    expect(await findTokenPlace(blank)).toBe(join(folder, 'token'))
    expect(readEnvironment(blank)['token']).toBeUndefined()
    const empty = { ...env, HF_TOKEN: '' }
    expect(await reveal(createTokenSource(empty))).toBe('hf_older')
    expect(readEnvironment(empty)['token']?.source).toBe('HUGGING_FACE_HUB_TOKEN')
  })

  it('has nothing but the option when implicit tokens are off, and nothing for false', async () => {
    const env = { HF_TOKEN: 'hf_env' }
    expect(await reveal(createTokenSource(env, { implicit: false }))).toBeUndefined()
    expect(await reveal(createTokenSource(env, { implicit: false, token: 'hf_o' }))).toBe('hf_o')
    expect(await reveal(createTokenSource(env, { token: false }))).toBeUndefined()
    expect(createTokenSource(env).ambient).toBe(true)
    expect(createTokenSource(env, { token: 'hf_o' }).ambient).toBe(false)
  })

  it('asks a function each time, and reads the file again after a 401 (AU-5)', async () => {
    let count = 0
    const rotating = createTokenSource({}, { token: () => Promise.resolve(`hf_${++count}`) })
    expect([await reveal(rotating), await reveal(rotating)]).toEqual(['hf_1', 'hf_2'])
    const secret = createTokenSource({}, { token: new Secret('hf_s') })
    expect(await reveal(secret)).toBe('hf_s')
    const folder = await home()
    await login(folder, '')
    const source = createTokenSource({ HF_HOME: folder })
    expect(await reveal(source)).toBe('hf_old')
    await writeFile(join(folder, 'token'), 'hf_rotated')
    expect(await reveal(source)).toBe('hf_old')
    expect((await source.getToken({ refresh: true }))?.reveal()).toBe('hf_rotated')
  })

  it('refuses what cannot stand in a header, without repeating it', async () => {
    const folder = await home()
    await login(folder, '', 'hf_geheim ñ')
    for (const source of [
      createTokenSource({ HF_TOKEN: 'hf_geheim ñ' }),
      createTokenSource({ HF_HOME: folder }),
      createTokenSource({}, { token: 'hf_geheim\u0000' }),
    ]) {
      const error = await faultOf(source)
      expect(error).toMatchObject({ code: 'HUB_TOKEN_INVALID' })
      expect(inspect(error)).not.toContain('geheim')
    }
  })

  it('HF_TOKEN_PATH names the file, with ~ and variables', () => {
    expect(tokenPath({ HF_TOKEN_PATH: '$X/t', X: '/x' })).toBe('/x/t')
    expect(tokenPath({ HF_HOME: '~/hf', HOME: '/h' })).toBe('/h/hf/token')
  })
})

describe('id tokens of CI', () => {
  const env: Environment = { HF_OIDC_RESOURCE: 'acme/repo', HF_OIDC_ID_TOKEN: 'ci.id.token' }

  it('are exchanged once, and again when the token has ended', async () => {
    const clock = createManualClock()
    const source = createTokenSource(env, { send, endpoint: hub.url, clock })
    expect(await Promise.all([reveal(source), reveal(source)])).toEqual([
      'hf_jwt_new',
      'hf_jwt_new',
    ])
    expect(hub.requests.map(({ method, path, status }) => [method, path, status])).toEqual([
      ['POST', '/oauth/token', 200],
    ])
    await clock.advance(3_599_000)
    await reveal(source)
    expect(hub.requests).toHaveLength(1)
    await clock.advance(1000)
    await Promise.all([reveal(source), reveal(source)])
    expect(hub.requests).toHaveLength(2)
  })

  it('are asked of GitHub Actions, for the endpoint, and renewed five minutes early', async () => {
    const asked: HttpRequest[] = []
    const github: Transport['send'] = async (request) => {
      asked.push(request)
      if (!request.url.startsWith('https://actions.example/')) return send(request)
      const body = new TextEncoder().encode('{"value": "ci.id.token"}')
      return Promise.resolve({ status: 200, headers: {}, url: request.url, body })
    }
    const clock = createManualClock()
    const ci = {
      HF_OIDC_RESOURCE: 'acme/repo',
      GITHUB_ACTIONS: 'true',
      ACTIONS_ID_TOKEN_REQUEST_URL: 'https://actions.example/token?v=2',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'runner-secret',
    }
    const source = createTokenSource(ci, { send: github, endpoint: hub.url, clock })
    expect(await reveal(source)).toBe('hf_jwt_new')
    expect(asked[0]).toMatchObject({
      method: 'GET',
      url: `https://actions.example/token?v=2&audience=${encodeURIComponent(hub.url)}`,
      headers: { authorization: 'Bearer runner-secret' },
      redirect: 'none',
    })
    expect(JSON.parse(asked[1]?.body ?? '')).toMatchObject({ resource: 'acme/repo' })
    expect(asked[1]?.headers).not.toHaveProperty('authorization')
    await clock.advance(3_300_000)
    await reveal(source)
    expect(asked).toHaveLength(4)
  })

  it.each<[string, Environment]>([
    ['there is no id token', { HF_OIDC_RESOURCE: 'acme' }],
    ['gives no token for it', { ...env, HF_OIDC_ID_TOKEN: 'stolen.geheim.token' }],
    [
      'GitHub gives no id token',
      {
        HF_OIDC_RESOURCE: 'a',
        GITHUB_ACTIONS: 'true',
        ACTIONS_ID_TOKEN_REQUEST_URL: 'http://127.0.0.1:1/',
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'geheim',
      },
    ],
  ])('that fail are an error, not another token: %s', async (message, failing) => {
    const folder = await home()
    await login(folder, '')
    const source = createTokenSource({ ...failing, HF_HOME: folder }, { send, endpoint: hub.url })
    const error = await faultOf(source)
    expect(error).toMatchObject({ code: 'HUB_TOKEN_EXCHANGE_FAILED' })
    expect(inspect(error)).toContain(message)
    expect(inspect(error)).not.toContain('geheim')
  })

  it('that fail are asked for again by the next request', async () => {
    const fault = hub.addFault({
      on: { path: '/oauth/token' },
      times: 1,
      fault: { kind: 'status', status: 500 },
    })
    const source = createTokenSource(env, { send, endpoint: hub.url })
    await expect(source.getToken()).rejects.toThrow('gives no token for it')
    expect(await reveal(source)).toBe('hf_jwt_new')
    fault.remove()
  })

  it('are exchanged once more for many requests that are refused at once', async () => {
    const source = createTokenSource(env, { send, endpoint: hub.url })
    await source.getToken()
    await Promise.all(Array.from({ length: 20 }, () => source.getToken({ refresh: true })))
    expect(hub.requests).toHaveLength(2)
  })

  it('need somebody who can ask the Hub', async () => {
    await expect(createTokenSource(env).getToken()).rejects.toMatchObject({
      code: 'HUB_TOKEN_EXCHANGE_FAILED',
    })
  })
})

describe('logins that end', () => {
  const clock = createManualClock()
  const inSeconds = (ms: number): number => Math.floor((clock.now() + ms) / 1000)

  function open(folder: string, logger?: Logger) {
    const options = { send, endpoint: hub.url, clock, ...(logger ? { logger } : {}) }
    return createTokenSource({ HF_HOME: folder }, options)
  }

  it('are renewed within the last day, and kept for the owner only', async () => {
    const folder = await home()
    await login(folder, `refresh_token = refresh-1\nexpires_at = ${inSeconds(day - 60_000)}`)
    await chmod(folder, 0o755)
    const source = open(folder)
    expect(await reveal(source)).toBe('hf_jwt_new')
    expect(await readFile(join(folder, 'token'), 'utf8')).toBe('hf_jwt_new')
    expect(await readFile(join(folder, 'stored_tokens'), 'utf8')).toBe(
      `[ada]\nhf_token = hf_jwt_new\nrefresh_token = refresh-1\nexpires_at = ${inSeconds(3_600_000)}\n\n[b]\nhf_token = x\n\n`,
    )
    for (const name of ['token', 'stored_tokens'])
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
    expect((await stat(folder)).mode & 0o777).toBe(0o755)
    expect((await readdir(folder)).toSorted()).toEqual(['stored_tokens', 'token'])
    await reveal(source)
    expect(hub.requests).toHaveLength(1)
  })

  it.each([
    ['last longer', () => `refresh_token = refresh-1\nexpires_at = ${inSeconds(day + 60_000)}`],
    ['have no refresh token', () => `expires_at = ${inSeconds(1000)}`],
    ['do not end', () => 'refresh_token = refresh-1'],
    ['say nonsense', () => 'refresh_token = refresh-1\nexpires_at = soon'],
  ])('are used as they are when they %s', async (_why, section) => {
    const folder = await home()
    await login(folder, section())
    expect(await reveal(open(folder))).toBe('hf_old')
    expect(hub.requests).toEqual([])
  })

  it('are used as they are when the Hub refuses for good, with one warning', async () => {
    const folder = await home()
    await login(folder, `refresh_token = revoked\nexpires_at = ${inSeconds(60_000)}`)
    const { logger, warnings } = collectWarnings()
    const source = open(folder, logger)
    expect([await reveal(source), await reveal(source)]).toEqual(['hf_old', 'hf_old'])
    await clock.advance(400_000)
    await reveal(source)
    expect(hub.requests).toHaveLength(1)
    expect(warnings).toEqual(['the login cannot be renewed; log in again: hfx auth login'])
    expect(await readdir(folder)).toHaveLength(2)
  })

  it('are tried again after five minutes when the Hub is in trouble', async () => {
    const folder = await home()
    await login(folder, `refresh_token = refresh-1\nexpires_at = ${inSeconds(60_000)}`)
    const fault = hub.addFault({
      on: { path: '/oauth/token' },
      times: 1,
      fault: { kind: 'refuse' },
    })
    const { logger, warnings } = collectWarnings()
    const source = open(folder, logger)
    expect([await reveal(source), await reveal(source)]).toEqual(['hf_old', 'hf_old'])
    expect(warnings).toHaveLength(1)
    await clock.advance(300_000)
    expect(await reveal(source)).toBe('hf_jwt_new')
    fault.remove()
  })

  it('two processes renew once: the other one adopts', async () => {
    const folder = await home()
    await login(folder, `refresh_token = refresh-1\nexpires_at = ${inSeconds(60_000)}`)
    const first = reveal(open(folder))
    const second = reveal(open(folder))
    const waiter = setInterval(() => void clock.advance(60), 5)
    expect(await Promise.all([first, second])).toEqual(['hf_jwt_new', 'hf_jwt_new'])
    clearInterval(waiter)
    expect(hub.requests).toHaveLength(1)
  })

  it('a lock that a dead process left is taken, and one that cannot be made renews nothing', async () => {
    const folder = await home()
    const section = `refresh_token = refresh-1\nexpires_at = ${inSeconds(60_000)}`
    await login(folder, section)
    const lock = join(folder, 'stored_tokens.hfx-lock')
    await mkdir(lock)
    await utimes(lock, 0, 0)
    expect(await reveal(open(folder))).toBe('hf_jwt_new')
    const readOnly = await home()
    await login(readOnly, section)
    await writeFile(join(readOnly, 'stored_tokens.hfx-lock'), 'no folder')
    const { logger, warnings } = collectWarnings()
    const waiting = reveal(open(readOnly, logger))
    const waiter = setInterval(() => void clock.advance(10_000), 5)
    expect(await waiting).toBe('hf_old')
    clearInterval(waiter)
    expect(warnings).toHaveLength(1)
    expect(hub.requests).toHaveLength(1)
  })
})
