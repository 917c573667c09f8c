import type { FileHasher, Transport } from '@hfx/core'
import { useTempDir } from '@hfx/testing'
import { describe, expect, it } from 'vitest'

import {
  apiModule,
  cacheModule,
  createApp,
  createTestApp,
  FILE_HASHER,
  FILE_STORE,
  HUB_API,
  HUB_API_OPTIONS,
  HUB_CACHE_OPTIONS,
  supply,
  TRANSPORT,
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

  it('keep the cache where the options say', async () => {
    const root = await useTempDir()
    await using test = await createTestApp(
      [cacheModule, supply(HUB_CACHE_OPTIONS, { root }), supply(FILE_HASHER, hasher)],
      { expose: { store: FILE_STORE } },
    )
    expect(test.parts.store.root).toBe(root)
  })
})
