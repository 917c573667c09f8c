import { readFile } from 'node:fs/promises'

import { resolveConfig } from '@hfx/config'
import { type HubEvent, silentLogger } from '@hfx/core'
import { type FakeHub, startFakeHub } from '@hfx/fake-hub'
import { composeParts } from '@hfx/hub'
import { useTempDir } from '@hfx/testing'
import { describe, expect, it, onTestFinished } from 'vitest'

import {
  apiModule,
  cacheModule,
  CONFIG,
  CONFIG_SOURCES,
  configModule,
  contribute,
  createApp,
  createTestApp,
  decorate,
  EVENT_SINKS,
  FILE_STORE,
  FILE_TRANSFER,
  httpModule,
  HUB_API,
  HUB_CLIENT,
  hubModule,
  optionsModule,
  progressModule,
  replace,
  supply,
  TERMINAL,
  transferModule,
  TRANSPORT,
} from '../src/index.ts'

const repo = { type: 'model', id: 'acme/private' } as const

async function useHub(): Promise<{ readonly hub: FakeHub; readonly env: Record<string, string> }> {
  const cacheDir = await useTempDir()
  const hub = await startFakeHub({
    repos: [
      {
        id: repo.id,
        private: true,
        commits: [{ files: { 'model.bin': { lfs: true, bytes: Buffer.from('weights') } } }],
      },
    ],
    users: [{ token: 'hf_good', name: 'ada', access: [repo.id] }],
  })
  onTestFinished(() => hub.close())
  const env = { HF_ENDPOINT: hub.url, HF_HUB_CACHE: cacheDir, HF_TOKEN: 'hf_good' }
  return { hub, env }
}

describe('hubModule', () => {
  it('takes config sources in and gives a client that brings real files down', async () => {
    const { env } = await useHub()
    const heard: HubEvent[] = []
    const app = createApp(
      [
        hubModule,
        supply(CONFIG_SOURCES, { env }),
        contribute(EVENT_SINKS, {}, () => (event) => void heard.push(event)),
      ],
      { expose: { hub: HUB_CLIENT } },
    )
    const { hub: client } = await app.start()
    const { localPath } = await client.download(repo.id, 'model.bin')
    await app.stop()
    expect(await readFile(localPath, 'utf8')).toBe('weights')
    expect(localPath.startsWith(env['HF_HUB_CACHE'] ?? 'nowhere')).toBe(true)
    expect(heard.map((event) => event.type)).toContain('file:end')
  })

  it('takes options and a token that a program gives, and closes the client with the application', async () => {
    const { hub, env } = await useHub()
    const given = { endpoint: hub.url, cacheDir: env['HF_HUB_CACHE'], token: 'hf_good' }
    const app = createApp([hubModule, supply(CONFIG_SOURCES, { client: given, env: {} })], {
      expose: { hub: HUB_CLIENT },
    })
    const { hub: client } = await app.start()
    expect((await client.whoami()).name).toBe('ada')
    await app.stop()
    await expect(client.download(repo.id, 'model.bin')).rejects.toThrow(/closed/i)
  })

  it('gives the client to whoever replaces its configuration', async () => {
    const { hub, env } = await useHub()
    const { settings, values } = await resolveConfig({ env })
    const config = { settings: { ...settings, userAgent: 'wired/1' }, values }
    await using test = await createTestApp([hubModule, supply(CONFIG_SOURCES, { env })], {
      replace: [replace(CONFIG, config)],
      expose: { hub: HUB_CLIENT },
    })
    await test.parts.hub.whoami()
    expect(hub.requests[0]?.headers['user-agent']).toContain('wired/1')
  })

  it('draws progress where a terminal is supplied', async () => {
    const { env } = await useHub()
    let drawn = ''
    const terminal = {
      write: (text: string) => void (drawn += text),
      busy: false,
      isTTY: false,
      columns: 80,
      rows: 24,
    }
    await using test = await createTestApp(
      [
        hubModule,
        progressModule,
        supply(TERMINAL, terminal),
        supply(CONFIG_SOURCES, { env: { ...env, HF_PROGRESS_MODE: 'json' } }),
      ],
      { expose: { hub: HUB_CLIENT } },
    )
    await test.parts.hub.download(repo.id, 'model.bin')
    expect(drawn).toContain('"type":"job:end"')
  })

  it('reaches the Hub through whoever plays a part', async () => {
    const { hub, env } = await useHub()
    const asked: string[] = []
    await using test = await createTestApp([hubModule, supply(CONFIG_SOURCES, { env })], {
      replace: [
        decorate(TRANSPORT, { inner: TRANSPORT }, ({ inner }) => ({
          send(request, options) {
            asked.push(new URL(request.url).pathname)
            return inner.send(request, options)
          },
        })),
      ],
      expose: { hub: HUB_CLIENT },
    })
    await test.parts.hub.whoami()
    expect(asked).toEqual(['/api/whoami-v2'])
    expect(hub.requests).toHaveLength(1)
  })

  it('fails the start for an option that cannot be meant, and names the way to it', async () => {
    const app = createApp(
      [hubModule, supply(CONFIG_SOURCES, { env: { HF_HUB_DOWNLOAD_TIMEOUT: 'soon' } })],
      {
        expose: { hub: HUB_CLIENT },
      },
    )
    await expect(app.start()).rejects.toMatchObject({
      code: 'HUB_INVALID_CONFIG',
      path: ['app', 'hub_client (module hub/client)', 'config (module hub/config)'],
    })
  })
})

describe('the modules and createHubClient', () => {
  it('give the same parts for the same environment', async () => {
    const { hub, env } = await useHub()
    const byHand = await composeParts({ env }, silentLogger)
    onTestFinished(() => byHand.close())
    await using wired = await createTestApp(
      [
        configModule,
        optionsModule,
        httpModule,
        apiModule,
        transferModule,
        cacheModule,
        supply(CONFIG_SOURCES, { env }),
      ],
      { expose: { config: CONFIG, api: HUB_API, transfer: FILE_TRANSFER, store: FILE_STORE } },
    )
    const { config, api, transfer, store } = wired.parts
    expect(config).toEqual(byHand.config)
    expect(store.root).toBe(byHand.openStore(undefined).root)
    expect(Object.keys(transfer)).toEqual(Object.keys(byHand.transfer))
    const asked = [await api.describeAccount(), await byHand.api.describeAccount()]
    expect(asked[0]).toEqual(asked[1])
    const [first, second] = hub.requests.map(({ path, headers }) => ({
      path,
      headers: { ...headers, 'x-amzn-trace-id': 'one for each request' },
    }))
    expect(first).toEqual(second)
  })
})
