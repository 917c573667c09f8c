import { createHash } from 'node:crypto'
import { assert, nat, property, tuple } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createGeneratedSource, type FakeHub } from '../src/index.ts'
import { ask, bearer, locate, startTestHub } from './running-hub.ts'
import { headerOf, requestRaw } from './raw-client.ts'

const text = '0123456789'

function startFiles(): Promise<FakeHub> {
  const commits = [
    {
      files: {
        'digits.txt': text,
        'empty.txt': '',
        'folder/data.bin': { bytes: text, lfs: true },
        'evil.bin': { bytes: text, lfs: true, etag: '"../../../evil"' },
        'worse.bin': { bytes: text, lfs: true, etag: '"\u0000\u65e5"' },
      },
    },
  ]
  return startTestHub({
    repos: [
      { id: 'a/open', commits },
      { id: 'a/private', private: true, commits },
    ],
    users: [{ token: 'hf_a', name: 'a' }],
  })
}

const digits = '/a/private/resolve/main/digits.txt'

function range(value: string, more: Record<string, string> = {}): RequestInit {
  return { headers: { authorization: 'Bearer hf_a', range: value, ...more } }
}

describe('ranges', () => {
  it.each([
    ['bytes=0-0', 206, '0', 'bytes 0-0/10'],
    ['bytes=3-', 206, '3456789', 'bytes 3-9/10'],
    ['bytes=-4', 206, '6789', 'bytes 6-9/10'],
    ['bytes=-40', 206, text, 'bytes 0-9/10'],
    ['bytes=8-100', 206, '89', 'bytes 8-9/10'],
    ['bytes=10-', 416, 'Range Not Satisfiable', 'bytes */10'],
    ['bytes=5-4', 416, 'Range Not Satisfiable', 'bytes */10'],
    ['bytes=-0', 416, 'Range Not Satisfiable', 'bytes */10'],
    ['bytes=0-1,3-4', 416, 'Range Not Satisfiable', 'bytes */10'],
    ['items=0-1', 200, text, null],
  ])('%s gives %i', async (...[value, status, body, contentRange]) => {
    const hub = await startFiles()
    const answer = await ask(hub.url + digits, range(value))
    expect([answer.status, await answer.text(), answer.headers.get('content-range')]).toEqual([
      status,
      body,
      contentRange,
    ])
    const signed = await locate(hub, '/a/open/resolve/main/folder/data.bin')
    const part = await ask(signed, { headers: { range: value } })
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([
      status,
      body,
      contentRange,
    ])
  })

  it('keeps to If-Range: the whole file when the validator no longer fits', async () => {
    const hub = await startFiles()
    const signed = await locate(hub, '/a/open/resolve/main/folder/data.bin')
    const etag = (await ask(signed)).headers.get('etag') ?? ''
    const fits = await ask(signed, { headers: { range: 'bytes=1-2', 'if-range': etag } })
    const other = await ask(signed, { headers: { range: 'bytes=1-2', 'if-range': '"other"' } })
    expect([fits.status, other.status]).toEqual([206, 200])
  })

  it('answers 304 to If-None-Match with the git ETag', async () => {
    const hub = await startFiles()
    const etag = `"${createHash('sha1').update(`blob 10\0${text}`).digest('hex')}"`
    const answer = await ask(hub.url + digits, range('', { 'if-none-match': `"x", W/${etag}` }))
    expect([answer.status, answer.headers.get('etag')]).toEqual([304, etag])
    const changed = await ask(hub.url + digits, range('', { 'if-none-match': '"x"' }))
    expect(changed.status).toBe(200)
  })

  it('answers HEAD with the length and no body', async () => {
    const hub = await startFiles()
    const answer = await requestRaw(
      hub.url + digits,
      { Authorization: 'Bearer hf_a', Connection: 'close' },
      { method: 'HEAD' },
    )
    expect(answer.head).toMatch(/^HTTP\/1.1 200 [^]*content-length: 10/i)
    expect(answer.body).toHaveLength(0)
  })
})

describe('where files are', () => {
  it('serves empty files and files of ownerless repositories directly', async () => {
    const hub = await startFiles()
    const answer = await ask(`${hub.url}/a/open/resolve/main/empty.txt`)
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, '0'])
    const redirected = await ask(`${hub.url}/a/open/resolve/main/digits.txt?download=true`)
    expect(redirected.headers.get('location')).toBe(
      `/api/resolve-cache/models/a/open/${hub.commit('a/open')}/digits.txt?%2Fa%2Fopen%2Fresolve%2Fmain%2Fdigits.txt%3Fdownload%3Dtrue=&etag=%22${createHash('sha1').update(`blob 10\0${text}`).digest('hex')}%22`,
    )
    expect(redirected.headers.get('x-repo-commit')).toBe(hub.commit('a/open'))
  })

  it('gives the data origin an ETag that is no hash of the file', async () => {
    const hub = await startFiles()
    const answer = await ask(await locate(hub, '/a/open/resolve/main/folder/data.bin'))
    expect(answer.headers.get('etag')).toMatch(/^"[0-9a-f]{32}-8"$/)
    expect(answer.headers.get('x-repo-commit')).toBeNull()
    expect(answer.headers.get('content-disposition')).toContain('filename="data.bin"')
  })

  it('sends a hostile ETag verbatim', async () => {
    const hub = await startFiles()
    const answer = await ask(`${hub.url}/a/open/resolve/main/evil.bin`)
    expect(answer.headers.get('x-linked-etag')).toBe('"../../../evil"')
    const worse = await requestRaw(`${hub.url}/a/open/resolve/main/worse.bin`)
    expect(worse.head).toContain('HTTP/1.1 302 Found\r\n')
    expect(headerOf(worse.head, 'x-linked-etag')).toBe('"\u0000\u65e5"')
  })

  it('refuses a forged, a foreign and an unsigned data URL', async () => {
    const hub = await startFiles()
    const signed = await locate(hub, '/a/open/resolve/main/folder/data.bin')
    const forged = new URL(signed)
    forged.searchParams.set('Expires', '9999999999')
    for (const url of [
      forged.href,
      signed.replace(/[0-9a-f]{64}\?/, '0?'),
      signed.split('?')[0] ?? '',
    ]) {
      const answer = await ask(url)
      expect([answer.status, await answer.text()]).toEqual([
        403,
        expect.stringContaining('SignatureDoesNotMatch'),
      ])
    }
  })

  it('refuses a signed URL once its time is over, by the clock that it is given', async () => {
    let nowMs = 1_800_000_000_000
    const hub = await startTestHub({
      repos: [{ id: 'a/b', commits: [{ files: { 'x.bin': { bytes: text, lfs: true } } }] }],
      clock: { now: () => nowMs, monotonic: () => nowMs, sleep: () => Promise.resolve() },
      signedUrlMs: 10_000,
    })
    const signed = await locate(hub, '/a/b/resolve/main/x.bin')
    expect(new URL(signed).searchParams.get('Expires')).toBe('1800000010')
    nowMs += 9_999
    expect((await ask(signed)).status).toBe(200)
    nowMs += 1
    const late = await ask(signed)
    expect([late.status, await late.text()]).toEqual([
      403,
      expect.stringContaining('Request has expired'),
    ])
  })

  it('sends clients to another blob server when told', async () => {
    const bytes = Buffer.from(text)
    const hub = await startTestHub({
      repos: [{ id: 'a/b', commits: [{ files: { 'x.bin': { bytes, lfs: true } } }] }],
      cdnRedirect: 'http://127.0.0.1:9/blobs/',
    })
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    expect(await locate(hub, '/a/b/resolve/main/x.bin')).toMatch(
      new RegExp(`^http://127\\.0\\.0\\.1:9/blobs/${sha256}\\?.*Signature=`),
    )
  })

  it('answers a browser of another origin, preflight included', async () => {
    const hub = await startFiles()
    const url = `${hub.url}/api/models/a/open`
    const plain = await ask(url, { headers: { origin: 'http://page.invalid' } })
    expect(plain.headers.get('access-control-allow-origin')).toBe('*')
    expect(plain.headers.get('access-control-expose-headers')).toContain('X-Repo-Commit')
    const headers = {
      origin: 'http://page.invalid',
      'access-control-request-headers': 'authorization',
    }
    const preflight = await ask(url, { method: 'OPTIONS', headers })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization')
    expect((await ask(url, bearer('hf_a'))).headers.has('access-control-allow-origin')).toBe(false)
  })
})

describe('generated bytes', () => {
  it('are the same whichever way they are read', () => {
    const source = createGeneratedSource({ sizeBytes: 5000, seed: 3, head: Buffer.from('head!') })
    const whole = Buffer.from(source.read(0, 5000))
    const bounds = tuple(nat(5000), nat(5000))
    assert(
      property(bounds, ([a, b]) => {
        const [start, end] = a < b ? [a, b] : [b, a]
        return whole.subarray(start, end).equals(source.read(start, end))
      }),
      { numRuns: 300 },
    )
    expect(whole.subarray(0, 5).toString()).toBe('head!')
  })

  it('differ by seed and never repeat from one mebibyte to the next', () => {
    const one = createGeneratedSource({ sizeBytes: 2 ** 40, seed: 1 })
    const two = createGeneratedSource({ sizeBytes: 2 ** 40, seed: 2 })
    expect(Buffer.compare(one.read(0, 64), two.read(0, 64))).not.toBe(0)
    expect(Buffer.compare(one.read(0, 64), one.read(2 ** 20, 2 ** 20 + 64))).not.toBe(0)
    expect(one.read(2 ** 39 + 3, 2 ** 39 + 10)).toHaveLength(7)
  })

  it('travel with the sha256 that is told for them', async () => {
    const generate = { sizeBytes: 3 * 2 ** 20 + 17, seed: 9 }
    const hub = await startTestHub({
      repos: [
        {
          id: 'a/b',
          commits: [
            {
              files: {
                'x.bin': { generate, lfs: true },
                'told.bin': { generate, lfs: true, trustSha256: 'f'.repeat(64) },
              },
            },
          ],
        },
      ],
    })
    const redirect = await ask(`${hub.url}/a/b/resolve/main/x.bin`)
    const answer = await fetch(redirect.headers.get('location') ?? '')
    const bytes = Buffer.from(await answer.arrayBuffer())
    expect(bytes).toHaveLength(generate.sizeBytes)
    expect(redirect.headers.get('x-linked-etag')).toBe(
      `"${createHash('sha256').update(bytes).digest('hex')}"`,
    )
    const told = await ask(`${hub.url}/a/b/resolve/main/told.bin`)
    expect(told.headers.get('x-linked-etag')).toBe(`"${'f'.repeat(64)}"`)
  })
})
