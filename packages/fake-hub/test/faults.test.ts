import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type FakeHub, type Fault } from '../src/index.ts'
import { headerOf, type RawAnswer, requestRaw } from './raw-client.ts'
import { ask, locate, startTestHub } from './running-hub.ts'

const sizeBytes = 100_000
const bytes = Buffer.alloc(sizeBytes, 'abcdefghij')
const file = '/a/open/resolve/main/data.bin'

function startOpen(): Promise<FakeHub> {
  const files = { 'data.bin': { bytes, lfs: true }, 'small.txt': 'small text\n' }
  return startTestHub({ repos: [{ id: 'a/open', commits: [{ files }] }] })
}

/** The data origin's answer to one request under a fault. */
async function fetchBent(
  fault: Fault,
  headers: Record<string, string> = {},
  options: { idleMs?: number } = {},
): Promise<{ answer: RawAnswer; hub: FakeHub }> {
  const hub = await startOpen()
  const url = await locate(hub, file)
  hub.addFault({ on: { host: 'cdn' }, fault })
  const answer = await requestRaw(url, { Connection: 'close', ...headers }, options)
  return { answer, hub }
}

function statusOf(answer: RawAnswer): number {
  return Number(answer.head.split(' ')[1])
}

describe('faults that answer in the place of the Hub', () => {
  it('status: any status, with headers and a body', async () => {
    const { answer } = await fetchBent({
      kind: 'status',
      status: 429,
      headers: { 'Retry-After': '3' },
      body: 'slow down',
    })
    expect([
      statusOf(answer),
      headerOf(answer.head, 'retry-after'),
      answer.body.toString(),
    ]).toEqual([429, '3', 'slow down'])
  })

  it('html: a login page with status 200', async () => {
    const { answer } = await fetchBent({ kind: 'html' })
    expect([statusOf(answer), headerOf(answer.head, 'content-type')]).toEqual([
      200,
      'text/html; charset=utf-8',
    ])
  })

  it('redirect: anywhere, also to itself', async () => {
    const hub = await startOpen()
    hub.addFault({
      on: { path: 'small' },
      fault: { kind: 'redirect', to: 'file:///etc/passwd', status: 308 },
    })
    const hostile = await ask(`${hub.url}/a/open/resolve/main/small.txt`)
    expect([hostile.status, hostile.headers.get('location')]).toEqual([308, 'file:///etc/passwd'])
    hub.addFault({ on: { path: 'data' }, fault: { kind: 'redirect', to: '{url}' } })
    await expect(fetch(hub.url + file)).rejects.toThrow('fetch failed')
    expect(hub.requests.length).toBeGreaterThan(15)
  })

  it('refuse: hangs up without an answer', async () => {
    const { answer, hub } = await fetchBent({ kind: 'refuse' })
    expect(answer.head).toBe('')
    expect(answer.ending).not.toBe('idle')
    expect(hub.requests.at(-1)).toMatchObject({ status: 0, aborted: true })
  })

  it('expireUrl: refuses a signed URL, or hands out a dead one', async () => {
    const { answer } = await fetchBent({ kind: 'expireUrl' })
    expect([statusOf(answer), answer.body.toString()]).toEqual([
      403,
      expect.stringContaining('Request has expired'),
    ])
    const hub = await startOpen()
    hub.addFault({ on: { host: 'hub' }, times: 1, fault: { kind: 'expireUrl' } })
    const dead = await ask(await locate(hub, file))
    const alive = await ask(await locate(hub, file))
    expect([dead.status, alive.status]).toEqual([403, 200])
  })
})

describe('faults of time', () => {
  it('latency: waits before the answer', async () => {
    const { answer } = await fetchBent({ kind: 'latency', ms: 120 }, {}, { idleMs: 2000 })
    expect(answer.arrivals[0]?.atMs).toBeGreaterThanOrEqual(115)
    expect(answer.body.equals(bytes)).toBe(true)
  })

  it('rate: limits each connection on its own', async () => {
    const hub = await startOpen()
    const url = await locate(hub, file)
    hub.addFault({ on: { host: 'cdn' }, fault: { kind: 'rate', bytesPerSecond: 500_000 } })
    const fetchOne = (): Promise<RawAnswer> =>
      requestRaw(url, { Connection: 'close' }, { idleMs: 2000 })
    const answers = await Promise.all([fetchOne(), fetchOne(), fetchOne()])
    for (const answer of answers) {
      expect(answer.body.equals(bytes)).toBe(true)
      expect(answer.arrivals.at(-1)?.atMs).toBeGreaterThanOrEqual(190)
      expect(answer.arrivals.length).toBeGreaterThanOrEqual(3)
    }
    expect(hub.maxConcurrent({ host: 'cdn' })).toBe(3)
  })

  it('stall: sends so much, then nothing, the connection open', async () => {
    const { answer, hub } = await fetchBent({ kind: 'stall', afterBytes: 30_000 })
    expect([answer.ending, answer.body.length]).toEqual(['idle', 30_000])
    expect(headerOf(answer.head, 'content-length')).toBe(String(sizeBytes))
    await expect
      .poll(() => hub.requests.at(-1))
      .toMatchObject({ sentBytes: 30_000, aborted: true, ended: true })
  })

  it('stall after nothing: only the head comes', async () => {
    const { answer } = await fetchBent({ kind: 'stall', afterBytes: 0 })
    expect([answer.ending, statusOf(answer), answer.body.length]).toEqual(['idle', 200, 0])
  })

  it('drip: full speed at first, then a trickle', async () => {
    const { answer } = await fetchBent(
      { kind: 'drip', afterBytes: 90_000, bytesPerSecond: 2 },
      {},
      { idleMs: 220 },
    )
    expect(answer.body.length).toBeGreaterThanOrEqual(90_000)
    expect(answer.body.length).toBeLessThan(sizeBytes)
    expect(answer.body.equals(bytes.subarray(0, answer.body.length))).toBe(true)
  })

  it('slowHeaders: the head comes line by line', async () => {
    const { answer } = await fetchBent({ kind: 'slowHeaders', ms: 10 }, {}, { idleMs: 2000 })
    expect(answer.arrivals.length).toBeGreaterThanOrEqual(6)
    expect([statusOf(answer), answer.body.equals(bytes)]).toEqual([200, true])
  })
})

describe('faults of the body', () => {
  it('reset: sends so much, then a TCP reset', async () => {
    const { answer, hub } = await fetchBent({ kind: 'reset', afterBytes: 0 })
    expect(answer.ending).toBe('reset')
    await expect.poll(() => hub.requests.at(-1)).toMatchObject({ aborted: true })
    const later = await fetchBent({ kind: 'reset', afterBytes: 40_000 })
    expect([later.answer.ending, later.answer.body.length]).toEqual(['reset', 40_000])
    expect(later.hub.requests.at(-1)?.sentBytes).toBe(40_000)
  })

  it('short: closes too early, or declares too little', async () => {
    const cut = (await fetchBent({ kind: 'short', bytes: 10 })).answer
    expect([cut.body.length, headerOf(cut.head, 'content-length'), cut.ending]).toEqual([
      sizeBytes - 10,
      String(sizeBytes),
      'closed',
    ])
    const declared = (await fetchBent({ kind: 'short', bytes: 10, declared: true })).answer
    expect([declared.body.length, headerOf(declared.head, 'content-length')]).toEqual([
      sizeBytes - 10,
      String(sizeBytes - 10),
    ])
    const nothing = (await fetchBent({ kind: 'short', bytes: sizeBytes * 2 })).answer
    expect([statusOf(nothing), nothing.body.length]).toEqual([200, 0])
  })

  it('long: declares too much, or sends more than it declares', async () => {
    const declared = (await fetchBent({ kind: 'long', bytes: 10 })).answer
    expect([declared.body.length, headerOf(declared.head, 'content-length')]).toEqual([
      sizeBytes + 10,
      String(sizeBytes + 10),
    ])
    const hidden = (await fetchBent({ kind: 'long', bytes: 10, declared: false })).answer
    expect([hidden.body.length, headerOf(hidden.head, 'content-length')]).toEqual([
      sizeBytes + 10,
      String(sizeBytes),
    ])
    expect(hidden.body.subarray(0, sizeBytes).equals(bytes)).toBe(true)
  })

  it('flip: one bit of one byte, the length unchanged', async () => {
    const { answer } = await fetchBent(
      { kind: 'flip', atByte: 4321 },
      { Range: 'bytes=1000-50999' },
    )
    const right = bytes.subarray(1000, 51_000)
    const wrong = [...answer.body.keys()].filter((at) => answer.body[at] !== right[at])
    expect([answer.body.length, wrong]).toEqual([50_000, [4321]])
    expect((answer.body[4321] ?? 0) ^ (right[4321] ?? 0)).toBe(1)
  })

  it('ignoreRange: 200 with the whole file', async () => {
    const { answer } = await fetchBent({ kind: 'ignoreRange' }, { Range: 'bytes=5-9' })
    expect([statusOf(answer), answer.body.length]).toEqual([200, sizeBytes])
  })

  it('shiftRange: other bytes than asked for, told or not', async () => {
    const honest = (await fetchBent({ kind: 'shiftRange', by: 3 }, { Range: 'bytes=10-14' })).answer
    expect([headerOf(honest.head, 'content-range'), honest.body.toString()]).toEqual([
      `bytes 13-17/${sizeBytes}`,
      'defgh',
    ])
    const lying = (
      await fetchBent({ kind: 'shiftRange', by: 3, lie: true }, { Range: 'bytes=10-14' })
    ).answer
    expect([headerOf(lying.head, 'content-range'), lying.body.toString()]).toEqual([
      `bytes 10-14/${sizeBytes}`,
      'defgh',
    ])
    for (const [by, told] of [
      [3, '99998-99999/100000'],
      [1e9, '99999-99999/100000'],
      [-1e9, '0-4/100000'],
    ] as const) {
      const { answer } = await fetchBent({ kind: 'shiftRange', by }, { Range: 'bytes=99995-' })
      expect(headerOf(answer.head, 'content-range')).toBe(`bytes ${told}`)
    }
  })

  it('gzip: an encoded body without a length', async () => {
    const hub = await startOpen()
    const url = await locate(hub, file)
    hub.addFault({ fault: { kind: 'gzip' } })
    const answer = await requestRaw(url, { Connection: 'close' })
    expect(headerOf(answer.head, 'content-encoding')).toBe('gzip')
    expect(headerOf(answer.head, 'content-length')).toBeUndefined()
    expect(headerOf(answer.head, 'transfer-encoding')).toBe('chunked')
    const decoded = await fetch(url)
    expect(Buffer.from(await decoded.arrayBuffer()).equals(bytes)).toBe(true)
    expect(gunzipSync(joinChunks(answer.body)).equals(bytes)).toBe(true)
  })
})

describe('faults of the headers', () => {
  it('dropHeaders: X-Repo-Commit, ETag, Content-Length', async () => {
    const hub = await startOpen()
    const names = ['x-repo-commit', 'X-Linked-Etag', 'content-length']
    hub.addFault({ fault: { kind: 'dropHeaders', names } })
    const answer = await requestRaw(hub.url + file, { Connection: 'close' })
    for (const name of names) expect(headerOf(answer.head, name.toLowerCase())).toBeUndefined()
    expect(headerOf(answer.head, 'x-linked-size')).toBe(String(sizeBytes))
    expect(headerOf(answer.head, 'transfer-encoding')).toBe('chunked')
  })

  it('setHeaders: replaces whatever the case, and sends what Node itself would refuse', async () => {
    const { answer } = await fetchBent({
      kind: 'setHeaders',
      headers: { etag: '"../x"', 'X-Odd': 'a\u0001ü' },
    })
    expect(headerOf(answer.head, 'etag')).toBe('"../x"')
    expect(answer.head.match(/^etag/gim)).toHaveLength(1)
    expect(headerOf(answer.head, 'x-odd')).toBe('a\u0001ü')
    expect(answer.body.equals(bytes)).toBe(true)
    const plain = await fetchBent({
      kind: 'setHeaders',
      headers: { 'X-Repo-Commit': 'f'.repeat(40) },
    })
    expect(headerOf(plain.answer.head, 'x-repo-commit')).toBe('f'.repeat(40))
  })
})

function joinChunks(body: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < body.length;) {
    const lineEnd = body.indexOf('\r\n', at)
    const size = Number.parseInt(body.subarray(at, lineEnd).toString(), 16)
    parts.push(body.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
  return Buffer.concat(parts)
}
