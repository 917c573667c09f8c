import { request } from 'node:https'
import { connect } from 'node:net'
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { hubQuotas, startFakeHub } from '../src/index.ts'
import { requestRaw } from './raw-client.ts'
import { locate, startTestHub, bigRepos } from './running-hub.ts'

const api = '/api/models/a/b'

function readPem(name: 'cert' | 'key'): Promise<string> {
  return readFile(new URL(`fixtures/tls/${name}.pem`, import.meta.url), 'utf8')
}

describe('sending', () => {
  it('waits for a client that does not read (back-pressure)', async () => {
    const hub = await startTestHub({ repos: bigRepos })
    const url = new URL(await locate(hub, '/a/b/resolve/main/big.bin'))
    const socket = connect(Number(url.port), url.hostname)
    socket.pause()
    socket.write(`GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: x\r\n\r\n`)
    const sent = (): number => hub.requests.at(-1)?.sentBytes ?? 0
    await expect.poll(sent).toBeGreaterThan(0)
    let before = -1
    await expect.poll(() => before === (before = sent()), { interval: 100 }).toBe(true)
    expect(before).toBeLessThan(64 * 2 ** 20)
    socket.destroy()
  })
})

describe('growing and changing', () => {
  it('takes new commits and repositories while it runs', async () => {
    const hub = await startTestHub({ repos: bigRepos })
    const before = hub.commit('a/b')
    const after = hub.push('a/b', { files: { 'x.txt': 'changed\n' } })
    expect(hub.commit('a/b')).toBe(after)
    expect(after).not.toBe(before)
    expect(await (await fetch(`${hub.url}/a/b/resolve/main/x.txt`)).text()).toBe('changed\n')
    expect(await (await fetch(`${hub.url}/a/b/resolve/${before}/x.txt`)).text()).toBe('x\n')
    const onBranch = hub.push('a/b', { files: {} }, { branch: 'dev' })
    expect([hub.commit('a/b', 'dev'), hub.commit('a/b')]).toEqual([onBranch, after])
    hub.addRepo({ id: 'a/b', type: 'dataset', commits: [{ files: {} }] })
    expect(hub.commit('a/b', 'main', 'dataset')).not.toBe(after)
    expect(() => hub.addRepo({ id: 'a/b' })).toThrow('model a/b is there twice')
    expect(() => hub.commit('a/c')).toThrow(RangeError)
    expect(() => hub.commit('a/b', 'nope')).toThrow('a/b has no revision nope')
  })
})

describe('starting and ending', () => {
  it('refuses wrong options by name', async () => {
    await expect(startFakeHub({ pageSize: 0 })).rejects.toThrow('pageSize must be a whole number')
    await expect(startFakeHub({ cdnRedirect: 'ftp://x' })).rejects.toThrow('cdnRedirect')
    await expect(startFakeHub({ signedUrlMs: 0.5 })).rejects.toThrow('signedUrlMs')
    await expect(
      startFakeHub({ quotas: { ...hubQuotas, user: { api: -1, resolvers: 1, pages: 1 } } }),
    ).rejects.toThrow('quotas.user.api')
    await expect(startFakeHub({ users: [{ token: '', name: 'x' }] })).rejects.toThrow('token')
    await expect(startFakeHub({ repos: [{ id: 'a/b/c' }] })).rejects.toThrow('"a/b/c"')
    await expect(startFakeHub({ repos: [{ id: 'a/b', tags: { v1: 7 } }] })).rejects.toThrow(
      'refs/tags/v1',
    )
    await expect(
      startFakeHub({ repos: [{ id: 'a/b', commits: [{ files: { x: {} } }] }] }),
    ).rejects.toThrow('file "x"')
  })

  it('says which port is taken', async () => {
    const hub = await startTestHub({ repos: bigRepos })
    const port = Number(new URL(hub.url).port)
    await expect(startFakeHub({ port })).rejects.toMatchObject({
      code: 'HUB_INVALID_OPTION',
      message: `the fake Hub cannot listen on 127.0.0.1:${port}`,
    })
    await expect(startFakeHub({ cdnPort: port })).rejects.toMatchObject({
      code: 'HUB_INVALID_OPTION',
    })
  })

  it('names itself as its caller did when it listens everywhere', async () => {
    const hub = await startTestHub({ repos: bigRepos, host: '0.0.0.0' })
    expect(hub.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    const port = new URL(hub.url).port
    const answer = await requestRaw(`${hub.url}/a/b/resolve/main/big.bin`, {
      Host: `hub.example:${port}`,
      Connection: 'close',
    })
    expect(answer.head).toContain(`http://hub.example:${new URL(hub.cdnUrl).port}/repos/`)
  })

  it('gives its data another host name than its own, for clients that tell the two by their names', async () => {
    const hub = await startTestHub({ repos: bigRepos, cdnHost: 'localhost' })
    expect(new URL(hub.url).hostname).toBe('127.0.0.1')
    expect(new URL(hub.cdnUrl).hostname).toBe('localhost')
    const url = await locate(hub, '/a/b/resolve/main/big.bin')
    expect(new URL(url).origin).toBe(hub.cdnUrl)
    expect((await fetch(url)).status).toBe(200)
  })

  it('drops every connection when it closes, stalled ones included', async () => {
    const hub = await startFakeHub({ repos: bigRepos })
    const url = await locate(hub, '/a/b/resolve/main/big.bin')
    hub.addFault({ fault: { kind: 'stall', afterBytes: 10 } })
    hub.addFault({ on: { path: 'x.txt' }, fault: { kind: 'latency', ms: 3_600_000 } })
    const stalled = requestRaw(url, {}, { idleMs: 10_000 })
    const waiting = requestRaw(`${hub.url}/a/b/resolve/main/x.txt`, {}, { idleMs: 10_000 })
    await expect.poll(() => hub.requests.length).toBe(3)
    await hub.close()
    expect((await stalled).ending).not.toBe('idle')
    expect((await waiting).ending).not.toBe('idle')
    expect(hub.requests.every((one) => one.ended)).toBe(true)
    await expect(fetch(hub.url)).rejects.toThrow('fetch failed')
  })

  it('speaks TLS on both origins', async () => {
    const tls = { cert: await readPem('cert'), key: await readPem('key') }
    const hub = await startTestHub({ repos: bigRepos, tls })
    const status = (url: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        request(url, { ca: tls.cert, agent: false }, (answer) =>
          resolve(answer.resume().statusCode),
        )
          .on('error', reject)
          .end()
      })
    expect(await status(hub.url + api)).toBe(200)
    expect(hub.cdnUrl).toMatch(/^https:/)
    expect(await status(hub.cdnUrl)).toBe(403)
    hub.addFault({ fault: { kind: 'reset', afterBytes: 0 } })
    await expect(status(hub.cdnUrl)).resolves.toBe(403)
  })
})
