import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'

import type { FileHasher, Transport } from '@hfx/core'
import { startFakeHub } from '@hfx/fake-hub'
import { useServer, useTempDir } from '@hfx/testing'
import { describe, expect, it, onTestFinished } from 'vitest'

import {
  apiModule,
  cacheModule,
  createApp,
  createTestApp,
  FILE_HASHER,
  FILE_STORE,
  FILE_TRANSFER,
  HTTP_OPTIONS,
  httpModule,
  HUB_API,
  HUB_API_OPTIONS,
  HUB_CACHE_OPTIONS,
  supply,
  transferModule,
  TRANSPORT,
  type WiringEvent,
} from '../src/index.ts'

const hasher: FileHasher = { hashFile: () => Promise.resolve('0'.repeat(64)) }

function createEcho(): { readonly transport: Transport; readonly urls: string[] } {
  const urls: string[] = []
  const body = new TextEncoder().encode('{"name":"ada","type":"user","orgs":[]}')
  const transport: Transport = {
    send(request) {
      urls.push(request.url)
      return Promise.resolve({ status: 200, headers: {}, url: request.url, body })
    },
  }
  return { transport, urls }
}

describe('the default modules', () => {
  it('ask the Hub over the transport that they are given, where the options say', async () => {
    const { transport, urls } = createEcho()
    const app = createApp(
      [
        apiModule,
        supply(TRANSPORT, transport),
        supply(HUB_API_OPTIONS, { endpoint: 'http://hub.test' }),
      ],
      { expose: { api: HUB_API } },
    )
    const { api } = await app.start()
    expect((await api.describeAccount()).name).toBe('ada')
    expect(urls).toEqual(['http://hub.test/api/whoami-v2'])
  })

  it('resolve a revision on a real server', async () => {
    const hub = await startFakeHub({
      repos: [{ id: 'acme/tiny', commits: [{ files: { 'config.json': '{}\n' } }] }],
    })
    onTestFinished(() => hub.close())
    const endpoint = supply(HTTP_OPTIONS, { endpoint: hub.url })
    const apiOptions = supply(HUB_API_OPTIONS, { endpoint: hub.url })
    const app = createApp([httpModule, apiModule, endpoint, apiOptions], {
      expose: { api: HUB_API },
    })
    const { api } = await app.start()
    const { commit } = await api.resolveRevision({ type: 'model', id: 'acme/tiny' }, 'main')
    expect(commit).toBe(hub.commit('acme/tiny', 'main'))
    await app.stop()
  })

  it('end connections with the application, those that wait for an answer too', async () => {
    const server = createServer()
    const port = await useServer(server)
    const app = createApp([httpModule], { expose: { transport: TRANSPORT } })
    const { transport } = await app.start()
    const url = `http://127.0.0.1:${port}/slow`
    const answered = Promise.allSettled([transport.send({ method: 'GET', url, retry: false })])
    await once(server, 'request')
    await app.stop()
    expect(await answered).toMatchObject([{ reason: { name: 'HttpError' } }])
  })

  it('keep the cache where the options say', async () => {
    const root = await useTempDir()
    await using test = await createTestApp(
      [cacheModule, supply(HUB_CACHE_OPTIONS, { root }), supply(FILE_HASHER, hasher)],
      { expose: { store: FILE_STORE } },
    )
    expect(test.parts.store.root).toBe(root)
  })

  it('bring a real file down, verified, from parts that share one set of connections', async () => {
    const root = await useTempDir()
    const bytes = Buffer.alloc(300_000, 'weights')
    const hub = await startFakeHub({
      repos: [{ id: 'acme/tiny', commits: [{ files: { 'model.bin': { lfs: true, bytes } } }] }],
    })
    onTestFinished(() => hub.close())
    await using test = await createTestApp(
      [
        httpModule,
        apiModule,
        transferModule,
        cacheModule,
        supply(HTTP_OPTIONS, { endpoint: hub.url }),
        supply(HUB_API_OPTIONS, { endpoint: hub.url }),
        supply(HUB_CACHE_OPTIONS, { root }),
      ],
      { expose: { api: HUB_API, transfer: FILE_TRANSFER, store: FILE_STORE } },
    )
    const { api, transfer, store } = test.parts
    const repo = { type: 'model', id: 'acme/tiny' } as const
    const { file } = await api.describeFile(repo, 'main', 'model.bin')
    const staged = await store.stageFile(file)
    const source = { ...file, locate: () => api.locateFile(file) }
    const { file: verified } = await transfer.transferFile(source, staged)
    const cached = await store.commitFile(verified, file)
    expect(await readFile(cached.path)).toEqual(bytes)
    expect(test.events.flatMap(builtPart)).toEqual([
      'http',
      'transport',
      'hub_api',
      'range_reader',
      'file_transfer',
      'file_hasher',
      'file_store',
    ])
  })
})

function builtPart(event: WiringEvent): readonly string[] {
  return event.type === 'build:end' && event.kind === 'provide' ? [event.part] : []
}
