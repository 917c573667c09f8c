import { type FakeHub, startFakeHub } from '@hfx/fake-hub'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findChromium, renderPage } from './support/chromium.ts'
import { servePage } from './support/serve-page.ts'

const chromium = findChromium() ?? ''
const where =
  chromium === '' ? 'skipped: there is no Chromium here (apt-get install chromium)' : 'in Chromium'
let hub: FakeHub
let page: { readonly url: string; close(): void }

beforeAll(async () => {
  page = await servePage()
  hub = await startFakeHub({
    repos: [
      {
        id: 'acme/tiny',
        commits: [
          {
            files: {
              'config.json': '{"a":1}\n',
              'model.bin': { lfs: true, generate: { sizeBytes: 30_000_000, seed: 1 } },
            },
          },
        ],
      },
    ],
  })
}, 60_000)
beforeEach(() => hub.clearRequests())
afterAll(async () => {
  page.close()
  await hub.close()
})

const open = (query: Readonly<Record<string, string>>): Promise<string> =>
  renderPage(chromium, `${page.url}?${new URLSearchParams(query).toString()}`)

const textOf = (dom: string, id: string): string | undefined =>
  new RegExp(`id="${id}"[^>]*>([^<]*)<`).exec(dom)?.[1]

describe.skipIf(chromium === '')(`the page, ${where}`, () => {
  it('lists a repository of another origin', async () => {
    const dom = await open({ endpoint: hub.url, repo: 'acme/tiny' })
    expect(textOf(dom, 'status')).toMatch(/^acme\/tiny at [0-9a-f]{7}: 2 files$/)
    expect(dom).toContain('<button>model.bin</button></td><td>30.0 MB</td>')
    expect(hub.requests.map((one) => `${one.method} ${one.status}`)).toEqual(['GET 200', 'GET 200'])
  }, 60_000)

  it('reads the first 256 bytes of a large file from its data host, and no more', async () => {
    const dom = await open({ endpoint: hub.url, repo: 'acme/tiny', file: 'model.bin' })
    expect(textOf(dom, 'fault')).toBe('')
    expect(textOf(dom, 'bytes')?.split('\n')).toHaveLength(16)
    const data = hub.requests.filter((one) => one.host === 'cdn')
    expect(data).toMatchObject([
      { method: 'GET', status: 206, range: 'bytes=0-255', sentBytes: 256 },
    ])
  }, 60_000)

  it('reads a small file from the Hub itself', async () => {
    const dom = await open({ endpoint: hub.url, repo: 'acme/tiny', file: 'config.json' })
    expect(textOf(dom, 'bytes')).toMatch(/^0000 {2}7b 22 61 22 3a 31 7d 0a +\{"a":1\}·$/)
  }, 60_000)

  it('says what is wrong and what to do', async () => {
    const missing = await open({ endpoint: hub.url, repo: 'acme/none' })
    expect(textOf(missing, 'fault')).toMatch(/acme\/none.*HUB_REPO_NOT_FOUND/)
  }, 60_000)

  it('names a server that lets no page of another origin read it', async () => {
    hub.addFault({
      on: { path: /api/ },
      fault: { kind: 'dropHeaders', names: ['access-control-allow-origin'] },
    })
    const dom = await open({ endpoint: hub.url, repo: 'acme/tiny' })
    hub.clearFaults()
    expect(textOf(dom, 'fault')).toMatch(/CORS.*HUB_CONNECT_FAILED/)
  }, 60_000)
})
