import { Agent, get } from 'node:http'
import { describe, expect, it } from 'vitest'
import { hubQuotas, type LoggedRequest } from '../src/index.ts'
import { requestRaw } from './raw-client.ts'
import { ask, bearer, locate, startTestHub, bigRepos } from './running-hub.ts'

const api = '/api/models/a/b'

describe('request log', () => {
  it('keeps what a test wants to know and no secret', async () => {
    const hub = await startTestHub({
      repos: bigRepos,
      users: [{ token: 'hf_secret_ada', name: 'ada' }],
    })
    await ask(`${hub.url}${api}`, bearer('hf_secret_ada'))
    await ask(`${hub.url}${api}`, {
      headers: { authorization: 'Bearer hf_secret_eve', cookie: 'session=hf_secret' },
    })
    const signed = await locate(hub, '/a/b/resolve/main/big.bin')
    await (await ask(signed, { headers: { range: 'bytes=0-99' } })).arrayBuffer()
    expect(
      hub.requests.map((one) => [
        one.method,
        one.host,
        one.path.split('/')[1],
        one.status,
        one.range,
        one.file,
        one.headers['authorization'],
      ]),
    ).toEqual([
      ['GET', 'hub', 'api', 200, undefined, undefined, '<token:ada>'],
      ['GET', 'hub', 'api', 401, undefined, undefined, '<token:unknown>'],
      ['GET', 'hub', 'a', 302, undefined, 'big.bin', undefined],
      ['GET', 'cdn', 'repos', 206, 'bytes=0-99', 'big.bin', undefined],
    ])
    expect(hub.requests[3]).toMatchObject({ sentBytes: 100, aborted: false })
    const all = JSON.stringify(hub.requests)
    expect(all).not.toContain('hf_secret')
    expect(all).not.toContain(new URL(signed).searchParams.get('Signature'))
  })

  it('tells connections apart and marks the most requests at once', async () => {
    const hub = await startTestHub({ repos: bigRepos })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let round = 0; round < 2; round++)
      await new Promise((resolve) =>
        get(hub.url + api, { agent }, (answer) => answer.resume().on('end', resolve)),
      )
    agent.destroy()
    await requestRaw(hub.url + api, { Connection: 'close' })
    const [first, second, third] = hub.requests.map((one) => one.connectionId)
    expect(second).toBe(first)
    expect(third).not.toBe(first)
    expect(hub.maxConcurrent()).toBe(1)
    hub.clearRequests()
    expect(hub.requests).toEqual([])
    hub.addFault({ fault: { kind: 'latency', ms: 1000 } })
    await Promise.all(
      Array.from({ length: 40 }).map(() =>
        requestRaw(hub.url + api, { Connection: 'close' }, { idleMs: 10_000 }),
      ),
    )
    expect([hub.maxConcurrent({ host: 'hub' }), hub.maxConcurrent({ host: 'cdn' })]).toEqual([
      40, 0,
    ])
  })

  it('marks an answer that the client left as aborted', async () => {
    const hub = await startTestHub({ repos: bigRepos })
    const url = await locate(hub, '/a/b/resolve/main/big.bin')
    const leave = new AbortController()
    const answer = await fetch(url, { signal: leave.signal })
    await answer.body?.getReader().read()
    leave.abort()
    await expect
      .poll(() => hub.requests.at(-1))
      .toMatchObject({ aborted: true, ended: true, status: 200 })
    const [last] = hub.requests.slice(-1)
    expect(last?.endedAtMs).toBeGreaterThanOrEqual(last?.atMs ?? Number.NaN)
  })

  it('forgets the oldest above its limit and tells a listener of each', async () => {
    const seen: LoggedRequest[] = []
    const hub = await startTestHub({
      repos: bigRepos,
      logLimit: 2,
      onRequest: (one) => seen.push(one),
    })
    for (const query of ['?1', '?2', '?3']) await (await ask(hub.url + api + query)).text()
    expect(hub.requests.map((one) => one.url.at(-1))).toEqual(['2', '3'])
    await expect.poll(() => seen.map((one) => one.url.at(-1))).toEqual(['1', '2', '3'])
  })
})

describe('quotas', () => {
  it('counts per bucket, tells what is left and refuses with 429', async () => {
    let nowMs = 1_800_000_000_000
    const hub = await startTestHub({
      repos: bigRepos,
      users: [{ token: 'hf_ada', name: 'ada' }],
      quotas: { ...hubQuotas, anonymous: { api: 2, resolvers: 1, pages: 0 } },
      clock: { now: () => nowMs, monotonic: () => nowMs, sleep: () => Promise.resolve() },
    })
    const limits = async (path: string, init: RequestInit = {}): Promise<unknown> => {
      const answer = await ask(hub.url + path, init)
      return [
        answer.status,
        answer.headers.get('ratelimit'),
        answer.headers.get('ratelimit-policy'),
      ]
    }
    const policy = '"fixed window";"api";q=2;w=300'
    expect(await limits(api)).toEqual([200, '"api";r=1;t=300', policy])
    nowMs += 100_000
    expect(await limits(api)).toEqual([200, '"api";r=0;t=200', policy])
    expect(await limits(api)).toEqual([429, '"api";r=0;t=200', policy])
    expect(await limits(api, bearer('hf_ada'))).toEqual([
      200,
      '"api";r=999;t=300',
      '"fixed window";"api";q=1000;w=300',
    ])
    expect(await limits('/a/b/resolve/main/x.txt')).toEqual([
      307,
      '"resolvers";r=0;t=300',
      '"fixed window";"resolvers";q=1;w=300',
    ])
    expect(await limits('/a/b')).toEqual([
      429,
      '"pages";r=0;t=300',
      '"fixed window";"pages";q=0;w=300',
    ])
    nowMs += 200_000
    expect(await limits(api)).toEqual([200, '"api";r=1;t=300', policy])
  })
})
