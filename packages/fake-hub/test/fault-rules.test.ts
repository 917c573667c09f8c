import { describe, expect, it } from 'vitest'
import { type FakeHub, type Fault, type FaultTarget } from '../src/index.ts'
import { headerOf, requestRaw } from './raw-client.ts'
import { ask, locate, startTestHub } from './running-hub.ts'

const sizeBytes = 100
const file = '/a/open/resolve/main/data.bin'

function startOpen(): Promise<FakeHub> {
  const bytes = Buffer.alloc(sizeBytes, 'abcdefghij')
  const files = { 'data.bin': { bytes, lfs: true }, 'small.txt': 'small text\n' }
  return startTestHub({ repos: [{ id: 'a/open', commits: [{ files }] }] })
}

describe('which requests a fault hits', () => {
  const teapot: Fault = { kind: 'status', status: 418 }

  it.each<[FaultTarget, string, RequestInit, number]>([
    [{ path: 'small.txt' }, '/a/open/resolve/main/small.txt', {}, 418],
    [{ path: 'other.txt' }, '/a/open/resolve/main/small.txt', {}, 307],
    [{ path: /small\.txt$/g }, '/a/open/resolve/main/small.txt?download=true', {}, 418],
    [{ path: /^\/api\// }, '/a/open/resolve/main/small.txt', {}, 307],
    [{ path: /recursive=true/ }, '/api/models/a/open/tree/main?recursive=true', {}, 418],
    [{ method: 'head' }, file, { method: 'HEAD' }, 418],
    [{ method: 'HEAD' }, file, {}, 302],
    [{ range: 'any' }, file, { headers: { range: 'bytes=0-' } }, 418],
    [{ range: 'any' }, file, {}, 302],
    [{ range: 'none' }, file, {}, 418],
    [{ host: 'cdn' }, file, {}, 302],
    [{ host: 'hub' }, file, {}, 418],
  ])('%o on %s', async (...[on, path, init, status]) => {
    const hub = await startOpen()
    hub.addFault({ on, fault: teapot })
    expect((await ask(hub.url + path, init)).status).toBe(status)
    expect((await ask(hub.url + path, init)).status).toBe(status)
  })

  it('finds a data URL by the path of its file', async () => {
    const hub = await startOpen()
    hub.addFault({ on: { host: 'cdn', path: /data\.bin$/ }, fault: teapot })
    expect((await ask(await locate(hub, file))).status).toBe(418)
  })

  it('skips some, hits some, lets the rest pass, and counts', async () => {
    const hub = await startOpen()
    const active = hub.addFault({ skip: 1, times: 2, fault: teapot })
    const statuses: number[] = []
    for (let round = 0; round < 5; round++) statuses.push((await ask(hub.url + file)).status)
    expect(statuses).toEqual([302, 418, 418, 302, 302])
    expect(active.hits).toBe(2)
  })

  it('ends when it is removed, and all of them when cleared', async () => {
    const hub = await startOpen()
    const first = hub.addFault({ on: { method: 'GET' }, fault: teapot })
    hub.addFault({ on: { method: 'HEAD' }, fault: teapot })
    first.remove()
    expect((await ask(hub.url + file)).status).toBe(302)
    expect((await ask(hub.url + file, { method: 'HEAD' })).status).toBe(418)
    hub.clearFaults()
    expect((await ask(hub.url + file, { method: 'HEAD' })).status).toBe(302)
  })

  it('joins: several faults on one answer', async () => {
    const hub = await startOpen()
    const url = await locate(hub, file)
    hub.addFault({ fault: { kind: 'flip', atByte: 0 } })
    hub.addFault({ fault: { kind: 'short', bytes: sizeBytes - 5 } })
    hub.addFault({ fault: { kind: 'dropHeaders', names: ['ETag'] } })
    const answer = await requestRaw(url, { Connection: 'close' })
    expect([answer.body.toString(), headerOf(answer.head, 'etag')]).toEqual(['`bcde', undefined])
  })

  it('refuses numbers that make no sense', async () => {
    const hub = await startOpen()
    const wrong: Fault[] = [
      { kind: 'rate', bytesPerSecond: 0 },
      { kind: 'stall', afterBytes: -1 },
      { kind: 'latency', ms: Number.NaN },
      { kind: 'status', status: 42 },
    ]
    for (const fault of wrong) expect(() => hub.addFault({ fault })).toThrow('cannot be')
    expect(() => hub.addFault({ times: -1, fault: teapot })).toThrow(
      'times of a status fault cannot be -1',
    )
  })
})
