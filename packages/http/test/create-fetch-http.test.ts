import { startFakeHub } from '@hfx/fake-hub'
import { type FlowEvent, fixedToken } from '@hfx/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createFetchHttp,
  type FetchFunction,
  type FetchHttpOptions,
  type Http,
} from '../src/fetch.ts'

const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, at) => at % 251))
let hub: Awaited<ReturnType<typeof startFakeHub>>
const open: Http[] = []

beforeEach(async () => {
  hub = await startFakeHub({
    repos: [
      {
        id: 'acme/tiny',
        commits: [{ files: { 'config.json': '{}\n', 'model.bin': { lfs: true, bytes } } }],
      },
    ],
    users: [{ token: 'hf_good', name: 'ada' }],
  })
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((http) => http.close()))
  await hub.close()
})

/** What a page is shown: of a redirect, only that there was one. */
const likeBrowser: FetchFunction = async (url, init) => {
  const answer = await fetch(url, init)
  if (init.redirect === 'follow' || answer.status < 300 || answer.status > 399) return answer
  return { type: 'opaqueredirect', status: 0, url, headers: new Headers(), body: null }
}

function create(options: FetchHttpOptions = {}): Http {
  const http = createFetchHttp({
    endpoint: hub.url,
    token: fixedToken('hf_good'),
    retry: { baseMs: 1 },
    ...options,
  })
  open.push(http)
  return http
}

async function read(http: Http, start: number, end: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  const url = `${hub.url}/acme/tiny/resolve/main/model.bin`
  await http.rangeReader.readRange(
    { url, start, end, totalBytes: bytes.length },
    {
      onData(chunk) {
        chunks.push(chunk)
        return true
      },
    },
  )
  return Buffer.concat(chunks)
}

describe.each([
  ['a runtime', fetch],
  ['a browser', likeBrowser],
])('over the fetch of %s', (_where, fetchFunction) => {
  it('a range behind a redirect comes without the token at the data origin', async () => {
    const http = create({ fetch: fetchFunction })
    for (const [start, end] of [
      [1000, 5000],
      [0, bytes.length],
    ] as const)
      expect((await read(http, start, end)).equals(bytes.subarray(start, end))).toBe(true)
    const cdn = hub.requests.filter((request) => request.host === 'cdn')
    expect(cdn.map((request) => request.range)).toEqual(['bytes=1000-4999', undefined])
    expect(cdn.map((request) => request.headers['authorization'])).toEqual([undefined, undefined])
    expect(hub.requests[0]?.headers['authorization']).toBe('<token:ada>')
  })

  it('sends again what may pass, and tells of each wait', async () => {
    hub.addFault({ on: { path: /\/api\// }, times: 2, fault: { kind: 'status', status: 503 } })
    const waits: FlowEvent[] = []
    const answer = await create({ fetch: fetchFunction }).transport.send(
      { method: 'GET', url: `${hub.url}/api/models/acme/tiny` },
      { emit: (event) => waits.push(event) },
    )
    expect(answer.status).toBe(200)
    expect(waits.map((event) => event.type)).toEqual(['request:wait', 'request:wait'])
  })

  it.each([
    [{ kind: 'ignoreRange' }, 'HUB_RANGE_REFUSED'],
    [{ kind: 'reset', afterBytes: 100 }, 'HUB_CONNECTION_LOST'],
  ] as const)('holds a range to what was asked: %j', async (fault, code) => {
    hub.addFault({ on: { host: 'cdn' }, fault })
    const reading = read(create({ fetch: fetchFunction }), 1000, 50_000)
    await expect(reading).rejects.toMatchObject({ code })
  })

  it('names what the Hub says', async () => {
    const asked = create({ fetch: fetchFunction }).transport.send({
      method: 'GET',
      url: `${hub.url}/api/models/acme/none`,
    })
    await expect(asked).rejects.toMatchObject({ code: 'HUB_REPO_NOT_FOUND' })
  })
})

it('a page finds out once that redirects are hidden from it', async () => {
  const asked: string[] = []
  const http = create({
    fetch: (url, init) => {
      asked.push(init.redirect)
      return likeBrowser(url, init)
    },
  })
  await read(http, 0, 10)
  await read(http, 10, 20)
  expect(asked).toEqual(['manual', 'follow', 'follow'])
})

it('a redirect that is hidden has no target where it is not to be followed', async () => {
  const answer = await create({ fetch: likeBrowser }).transport.send({
    method: 'HEAD',
    url: `${hub.url}/acme/tiny/resolve/main/model.bin`,
    redirect: 'same-origin',
  })
  expect(answer).toMatchObject({ status: 302, headers: {} })
})

it('a failure that says nothing, as pages get it, names the console', async () => {
  const http = create({
    fetch: () => Promise.reject(new TypeError('Failed to fetch')),
    retry: { maxRetries: 0 },
  })
  await expect(
    http.transport.send({ method: 'GET', url: `${hub.url}/api/models/acme/tiny` }),
  ).rejects.toMatchObject({
    code: 'HUB_CONNECT_FAILED',
    message: expect.stringContaining('Failed to fetch'),
    hint: expect.stringContaining('CORS'),
  })
})
