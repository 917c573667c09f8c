import { startFakeHub } from '@hfx/fake-hub'
import { type FlowEvent, fixedToken, isHubError } from '@hfx/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createHttp, type Http } from '../src/index.ts'

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
