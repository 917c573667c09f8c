import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '@hfx/core'
import { type FakeHub, startFakeHub } from '@hfx/fake-hub'
import { useTempDir } from '@hfx/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createHubClient } from '../src/index.ts'

let hub: FakeHub
let home: string

beforeEach(async () => {
  home = await useTempDir()
  hub = await startFakeHub({
    repos: [{ id: 'acme/private', private: true, commits: [{ files: { 'a.txt': 'a\n' } }] }],
    users: [
      {
        token: 'hf_new',
        name: 'ada',
        access: ['acme/private'],
        idToken: 'ci.id.token',
        refreshToken: 'refresh-1',
      },
    ],
  })
})
afterEach(() => hub.close())

it('AU-2: a CI job without a secret downloads a private repository with its id token', async () => {
  const env = { HF_HOME: home, HF_OIDC_RESOURCE: 'acme', HF_OIDC_ID_TOKEN: 'ci.id.token' }
  await using client = createHubClient({ env, endpoint: hub.url })
  await client.download('acme/private')
  const asked = hub.requests.filter(({ path }) => path === '/oauth/token')
  expect(asked.map(({ status, headers }) => [status, headers['authorization']])).toEqual([
    [200, undefined],
  ])
})

it('a login that ends is renewed on the way, and the next program finds the new one', async () => {
  const endsAt = Math.floor(systemClock.now() / 1000) + 60
  await mkdir(home, { recursive: true })
  await writeFile(join(home, 'token'), 'hf_old')
  const section = `[ada]\nhf_token = hf_old\nrefresh_token = refresh-1\nexpires_at = ${endsAt}\n\n`
  await writeFile(join(home, 'stored_tokens'), section)
  await using client = createHubClient({ env: { HF_HOME: home }, endpoint: hub.url })
  await client.download('acme/private')
  expect(await readFile(join(home, 'token'), 'utf8')).toBe('hf_new')
})
