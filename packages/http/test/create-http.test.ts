import { getEventListeners } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { startFakeHub } from '@hfx/fake-hub'
import { type FlowEvent, fixedToken, isHubError } from '@hfx/core'
import { useServer } from '@hfx/testing'
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest'
import { createHttp, type Http } from '../src/index.ts'
import { checkAllowed } from '../src/follow.ts'
import { resolveHttpOptions } from '../src/options.ts'
import { bucketOf } from '../src/send-hops.ts'

const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, at) => at % 251))
let hub: Awaited<ReturnType<typeof startFakeHub>>
let http: Http

beforeEach(async () => {
  hub = await startFakeHub({
    repos: [
      {
        id: 'acme/tiny',
        commits: [{ files: { 'config.json': '{}\n', 'model.bin': { lfs: true, bytes } } }],
      },
      { id: 'acme/secret', private: true, commits: [{ files: { 'a.txt': 'a' } }] },
    ],
    users: [{ token: 'hf_good', name: 'ada', access: ['acme/secret'] }],
  })
  http = createHttp({ endpoint: hub.url, token: fixedToken('hf_good'), retry: { baseMs: 1 } })
})
afterEach(async () => {
  await http.close()
  await hub.close()
})

async function read(path: string, start: number, end: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  await http.rangeReader.readRange(
    { url: `${hub.url}${path}`, start, end, totalBytes: bytes.length },
    {
      onData(chunk) {
        chunks.push(Buffer.from(chunk))
        return true
      },
    },
  )
  return Buffer.concat(chunks)
}

it('reads a range behind a redirect, without the token on the data origin (SE-1)', async () => {
  expect(
    (await read('/acme/tiny/resolve/main/model.bin', 1000, 5000)).equals(
      bytes.subarray(1000, 5000),
    ),
  ).toBe(true)
  const cdn = hub.requests.filter((request) => request.host === 'cdn')
  expect(cdn.map((request) => request.range)).toEqual(['bytes=1000-4999'])
  expect(cdn[0]?.headers['authorization']).toBeUndefined()
  expect(cdn[0]?.headers['accept-encoding']).toBe('identity')
  expect(hub.requests[0]?.headers['authorization']).toBe('<token:ada>')
})

it('sends again what may pass, and tells of each wait', async () => {
  hub.addFault({ on: { path: /\/api\// }, times: 2, fault: { kind: 'status', status: 503 } })
  const waits: FlowEvent[] = []
  const answer = await http.transport.send(
    { method: 'GET', url: `${hub.url}/api/models/acme/tiny` },
    { emit: (event) => waits.push(event) },
  )
  expect(answer.status).toBe(200)
  expect(waits.filter((event) => event.type === 'request:wait')).toHaveLength(2)
})

it('names what is wrong with a repository that is not there', async () => {
  const error: unknown = await http.transport
    .send({ method: 'GET', url: `${hub.url}/api/models/acme/none` })
    .catch((error_: unknown) => error_)
  expect(isHubError(error, 'HUB_REPO_NOT_FOUND')).toBe(true)
})

it('IN-3: a shifted range is refused before a byte is handed on', async () => {
  hub.addFault({ on: { host: 'cdn' }, fault: { kind: 'shiftRange', by: 7 } })
  await expect(read('/acme/tiny/resolve/main/model.bin', 1000, 5000)).rejects.toMatchObject({
    code: 'HUB_RANGE_REFUSED',
  })
})

it('IN-3: a range of a file of another size is refused before a byte is handed on', async () => {
  const headers = { 'content-range': 'bytes 1000-4999/99999' }
  hub.addFault({ on: { host: 'cdn' }, fault: { kind: 'setHeaders', headers } })
  await expect(read('/acme/tiny/resolve/main/model.bin', 1000, 5000)).rejects.toMatchObject({
    code: 'HUB_SIZE_MISMATCH',
  })
})

it('IN-3: an encoded answer is refused before a byte is handed on', async () => {
  hub.addFault({ on: { host: 'cdn' }, fault: { kind: 'gzip' } })
  await expect(read('/acme/tiny/resolve/main/model.bin', 1000, 5000)).rejects.toMatchObject({
    code: 'HUB_BAD_RESPONSE',
    message: expect.stringContaining('gzip'),
  })
})

it('IN-3: a range that says it is whole and ends early is a lost connection, its good bytes handed on', async () => {
  const fault = { kind: 'short', bytes: 1500, declared: true } as const
  hub.addFault({ on: { host: 'cdn' }, fault })
  let kept = 0
  const reading = http.rangeReader.readRange(
    {
      url: `${hub.url}/acme/tiny/resolve/main/model.bin`,
      start: 1000,
      end: 5000,
      totalBytes: bytes.length,
    },
    { onData: (chunk) => (kept += chunk.length) > 0 },
  )
  await expect(reading).rejects.toMatchObject({ code: 'HUB_CONNECTION_LOST', retryable: true })
  expect(kept).toBe(2500)
})

it.each([{ chunked: true }, { chunked: false }])(
  'IN-3: what follows a range is refused, the range itself handed on: $chunked',
  async ({ chunked }) => {
    const url = await serveOnce((response) => {
      const range = { 'content-range': 'bytes 10-19/100' }
      response.writeHead(206, chunked ? range : { ...range, 'content-length': 30 })
      response.write('0123456789')
      setImmediate(() => response.end('beyond it, in a piece'.slice(0, 20)))
    })
    const chunks: string[] = []
    const reading = http.rangeReader.readRange(
      { url, start: 10, end: 20, totalBytes: 100 },
      { onData: (chunk) => chunks.push(Buffer.from(chunk).toString()) > 0 },
    )
    await expect(reading).rejects.toMatchObject({ code: 'HUB_BAD_RESPONSE', retryable: true })
    expect(chunks.join('')).toBe('0123456789')
    expect(chunks).not.toContain('')
  },
)

it('IN-3: a whole of another size is refused before a byte is handed on', async () => {
  const url = await serveOnce((response) => response.end('x'.repeat(50)))
  const reading = http.rangeReader.readRange(
    { url, start: 0, end: 100, totalBytes: 100 },
    {
      onData: () => {
        throw new Error('a byte was handed on')
      },
    },
  )
  await expect(reading).rejects.toMatchObject({ code: 'HUB_SIZE_MISMATCH' })
})

it('a server may say that it has not encoded, in any letter case', async () => {
  const url = await serveOnce((response) => {
    response.setHeader('content-encoding', 'Identity')
    response.setHeader('content-length', 4)
    response.end('abcd')
  })
  const chunks: string[] = []
  const range = { url, start: 0, end: 4, totalBytes: 4 }
  await http.rangeReader.readRange(range, {
    onData: (chunk) => chunks.push(Buffer.from(chunk).toString()) > 0,
  })
  expect(chunks.join('')).toBe('abcd')
})

it.each([
  ['https://hub.example/base/api/models/a/b', 'api'],
  ['https://hub.example/base/api/resolve-cache/models/a/b/c', 'resolvers'],
  ['https://hub.example/base/a/b/resolve/main/c', 'resolvers'],
  ['https://hub.example/base/a/b', 'pages'],
  ['https://cdn.example/base/api/models/a/b', 'data'],
])('RQ-3: %s is counted under %s', (url, bucket) => {
  expect(bucketOf(new URL('https://hub.example/base/'), new URL(url))).toBe(bucket)
})

it('ER-3: an error page that cannot be decoded is still named by its status', async () => {
  const url = await serveOnce((response) => {
    response.writeHead(500, { 'content-encoding': 'gzip' }).end('no gzip at all')
  })
  const asked = http.transport.send({ method: 'GET', url, retry: false })
  await expect(asked).rejects.toMatchObject({ code: 'HUB_SERVER_ERROR', status: 500 })
})

it.each([
  ['https://cdn.example/x', true],
  ['https://eu.cdn.example/x', true],
  ['https://evilcdn.example/x', false],
  ['https://cdn.example.evil/x', false],
])('MI-1: *.cdn.example lets %s be asked: %s', (url, isAllowed) => {
  const allowedOrigins = ['*.cdn.example']
  const options = resolveHttpOptions({ endpoint: 'https://hub.example', allowedOrigins })
  const check = (): void => checkAllowed(options, new URL(url))
  if (isAllowed) expect(check).not.toThrow()
  else expect(check).toThrow(expect.objectContaining({ code: 'HUB_UNSAFE_REDIRECT' }))
})

it('a range of a file whose size is not told is taken', async () => {
  const headers = { 'content-range': 'bytes 1000-4999/*' }
  hub.addFault({ on: { host: 'cdn' }, fault: { kind: 'setHeaders', headers } })
  expect(await read('/acme/tiny/resolve/main/model.bin', 1000, 5000)).toHaveLength(4000)
})

it('NO-2: abort ends a stalled range at once, with the reason', async () => {
  hub.addFault({ on: { host: 'cdn' }, fault: { kind: 'stall', afterBytes: 100 } })
  const controller = new AbortController()
  const reading = http.rangeReader.readRange(
    {
      url: `${hub.url}/acme/tiny/resolve/main/model.bin`,
      start: 0,
      end: 5000,
      totalBytes: bytes.length,
    },
    {
      onData() {
        controller.abort(new Error('enough'))
        return true
      },
    },
    { signal: controller.signal },
  )
  await expect(reading).rejects.toThrow('enough')
})

it.each([true, false])(
  'NO-2: abort while the first connection is being prepared is heard (lean: %s)',
  async (leanSockets) => {
    hub.addFault({ on: {}, fault: { kind: 'latency', ms: 60_000 } })
    const preparing = createHttp({
      endpoint: hub.url,
      leanSockets,
      ca: new URL('fixtures/ca.pem', import.meta.url).pathname,
    })
    onTestFinished(() => preparing.close())
    const controller = new AbortController()
    const asked = preparing.transport.send(
      { method: 'GET', url: `${hub.url}/api/models/acme/tiny` },
      { signal: controller.signal },
    )
    setImmediate(() => controller.abort(new Error('enough')))
    await expect(asked).rejects.toThrow('enough')
    expect(hub.requests.filter(({ aborted }) => !aborted)).toEqual([])
  },
  5_000,
)

it('ME-4: requests leave nothing on a signal that outlives them', async () => {
  const { signal } = new AbortController()
  for (let sent = 0; sent < 50; sent++) {
    await http.transport.send({ method: 'GET', url: `${hub.url}/api/models/acme/tiny` }, { signal })
  }
  expect(getEventListeners(signal, 'abort').length).toBeLessThanOrEqual(1)
  expect(dependantsOf(signal)).toBe(0)
})

it('a request may take as long as it likes', async () => {
  const patient = createHttp({ endpoint: hub.url, timeouts: { requestMs: Infinity } })
  onTestFinished(() => patient.close())
  hub.addFault({ on: {}, fault: { kind: 'latency', ms: 30 } })
  const answer = await patient.transport.send({
    method: 'GET',
    url: `${hub.url}/api/models/acme/tiny`,
  })
  expect(answer.status).toBe(200)
})

it('MI-2: a page of unknown length in place of a file is refused before a byte of it is kept', async () => {
  const portal = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' })
    response.end('<html>log in</html>')
  })
  const port = await useServer(portal)
  let kept = 0
  const reading = http.rangeReader.readRange(
    { url: `http://127.0.0.1:${port}/model.bin`, start: 0, end: 1000, totalBytes: 5000 },
    {
      onData(chunk) {
        kept += chunk.length
        return true
      },
    },
  )
  await expect(reading).rejects.toMatchObject({
    code: 'HUB_BAD_RESPONSE',
    message: expect.stringContaining('HTML page'),
  })
  expect(kept).toBe(0)
})

/** What Node keeps of `AbortSignal.any`, for as long as the source lives. */
function dependantsOf(signal: AbortSignal): number {
  const key = Object.getOwnPropertySymbols(signal).find(
    ({ description }) => description === 'kDependantSignals',
  )
  const found: unknown = key === undefined ? undefined : Reflect.get(signal, key)
  return found instanceof Set ? found.size : 0
}

it('refuses a client certificate without its key, and the other way round', () => {
  expect(() => createHttp({ cert: '/x.pem' })).toThrow(/cert and key go together/)
  expect(() => createHttp({ key: '/x.pem' })).toThrow(/cert and key go together/)
})

async function serveOnce(answer: (response: ServerResponse) => void): Promise<string> {
  const port = await useServer(createServer((_request, response) => answer(response)))
  return `http://127.0.0.1:${port}/x`
}
