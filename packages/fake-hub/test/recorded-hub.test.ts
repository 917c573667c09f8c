import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { createStoredFile, hashGitObject } from '../src/stored-file.ts'
import { type FakeHub } from '../src/index.ts'
import { ask, startTestHub } from './running-hub.ts'

interface Exchange {
  readonly method: string
  readonly path: string
  readonly origin?: string
  readonly anonymous?: boolean
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

const recorded: { readonly exchanges: readonly Exchange[] } = JSON.parse(
  await readFile(new URL('fixtures/recorded-hub.json', import.meta.url), 'utf8'),
)
const ofHub = recorded.exchanges.filter((exchange) => exchange.origin !== 'cas')

const commit = 'bcf51b2ec6fb5bc8215f4b365a0e48532e26abb8'
const xetHash = 'f857c20483a87a6737b06f718d340429fc080f73c00f6d46b2030b58734a61e4'
const sha256 = 'cd44947308b4b22228767cab8addd523d1de22abd9b23a10808e5fc295202e4f'
const lfsBytes = createPcgBytes(1_048_576)
// What the recorded text file held is not known; its length is.
const regularText = 'x'.repeat(186)
const textOid = hashGitObject('blob', Buffer.from(regularText))

function startRecorded(): Promise<FakeHub> {
  return startTestHub({
    repos: [
      {
        id: 'wzshiming/test',
        private: true,
        commits: [
          {
            hash: commit,
            files: {
              'regression/ref-lfs.bin': { bytes: lfsBytes, xetHash },
              'regression/ref-regular.txt': regularText,
            },
          },
        ],
      },
    ],
    users: [{ token: 'hf_owner', name: 'wzshiming' }],
    casUrl: 'http://cas.invalid',
  })
}

describe('answers like the production Hub did', () => {
  it.each(ofHub.map((exchange) => [`${exchange.method} ${exchange.path}`, exchange] as const))(
    '%s',
    async (_, exchange) => {
      const hub = await startRecorded()
      const answer = await ask(hub.url + exchange.path, {
        method: exchange.method,
        headers: exchange.anonymous ? {} : { authorization: 'Bearer hf_owner' },
      })
      expect(answer.status).toBe(exchange.status)
      for (const [name, value] of Object.entries(exchange.headers)) {
        expect.soft(answer.headers.has(name), `${name} is sent`).toBe(true)
        expect
          .soft(normalise(hub, name, answer.headers.get(name) ?? ''), name)
          .toEqual(normalise(hub, name, value))
      }
      expect(answer.headers.get('x-request-id')).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/)
      expect(answer.headers.get('x-powered-by')).toBe('huggingface-moon')
      const body: unknown = JSON.parse((await answer.text().then(onlyJson)) || 'null')
      expect(comparable(exchange.body === undefined ? undefined : body)).toEqual(
        comparable(exchange.body),
      )
    },
  )

  it('gives a folder the id that git gives it', async () => {
    const tree = ofHub.find((exchange) => exchange.path.includes('/tree/'))
    const pointer = Buffer.from('c9176dbf0ba8556845af9072b3dd39d06764e8ba', 'hex')
    const regular = Buffer.from('e5698f9a721147f2090edf7da4892e23da00d5be', 'hex')
    const members = (textId: Buffer): Buffer =>
      Buffer.concat([
        Buffer.from('100644 ref-lfs.bin\0'),
        pointer,
        Buffer.from('100644 ref-regular.txt\0'),
        textId,
      ])
    expect(tree?.body).toContainEqual(
      expect.objectContaining({ path: 'regression', oid: hashGitObject('tree', members(regular)) }),
    )
    const hub = await startRecorded()
    const answer = await ask(`${hub.url}/api/models/wzshiming/test/tree/main`, {
      headers: { authorization: 'Bearer hf_owner' },
    })
    expect(await answer.json()).toEqual([
      {
        type: 'directory',
        path: 'regression',
        size: 0,
        oid: hashGitObject('tree', members(Buffer.from(textOid, 'hex'))),
      },
    ])
  })

  it('makes the pointer of an LFS file as git-lfs does', async () => {
    const file = createStoredFile('ref-lfs.bin', { bytes: lfsBytes, lfs: true })
    expect(await file.describe()).toEqual({
      oid: 'c9176dbf0ba8556845af9072b3dd39d06764e8ba',
      lfs: { sha256, pointerSizeBytes: 132 },
    })
  })
})

/** The value with what changes from call to call taken out, so that the rest must be equal. */
function normalise(hub: FakeHub, name: string, value: string): string {
  const steady = value
    .replaceAll(hub.url, 'http://HUB')
    .replace(
      /https?:\/\/(?:us\.aws\.cdn\.hf\.co|127\.0\.0\.1:\d+)\/xet-bridge-us\/[^/]+\//,
      'http://CDN/',
    )
    .replace(/https:\/\/cas-server\.xethub\.hf\.co|http:\/\/cas\.invalid/, 'http://CAS')
  switch (name.toLowerCase()) {
    case 'ratelimit':
      return steady.replace(/\d+/g, 'N')
    case 'ratelimit-policy':
      return steady.replace(/q=\d+/, 'q=N')
    case 'location':
      return steady.replace(/\?.*$/, '?signed')
    case 'x-xet-access-token':
      return 'secret'
    case 'x-xet-token-expiration':
      return steady.replace(/^\d{10}$/, 'seconds')
    case 'content-length':
      return Number(steady) > 300 ? 'the redirect text' : steady
    case 'etag':
      // The recorded text file's bytes are not known, nor is the recorded JSON's.
      return steady
        .replace(/^W\/"[0-9a-f]+-[\w+/]{27}"$/, 'weak')
        .replace(/^"[0-9a-f]{40}"$/, 'git oid')
    default:
      return steady
  }
}

function onlyJson(text: string): string {
  return /^[[{]/.test(text) ? text : ''
}

/** Listings whole but for the ids of other bytes; of other JSON which facts are told. */
function comparable(body: unknown): unknown {
  if (!Array.isArray(body))
    return Object.keys(body ?? {})
      .filter((key) => !derived.has(key))
      .toSorted()
  const other = new Set(['regression', 'regression/ref-regular.txt'])
  return body.map((item: Record<string, unknown>) => ({
    ...item,
    oid: other.has(String(item['path'])) ? 'other bytes' : item['oid'],
  }))
}

/** The Hub derives these two from a card and the files; a spec does not tell them here. */
const derived = new Set(['library_name', 'pipeline_tag'])

/** Go's `math/rand/v2` PCG(20260925, 1), the recipe of the recorded file. */
function createPcgBytes(size: number): Buffer {
  const mask = (1n << 128n) - 1n
  const low64 = (1n << 64n) - 1n
  const multiplier = (2549297995355413924n << 64n) | 4865540595714422341n
  const increment = (6364136223846793005n << 64n) | 1442695040888963407n
  const bytes = Buffer.alloc(size)
  let state = (20260925n << 64n) | 1n
  for (let at = 0; at < size; at += 8) {
    state = (state * multiplier + increment) & mask
    let high = state >> 64n
    const low = state & low64
    high ^= high >> 32n
    high = (high * 0xda942042e4dd58b5n) & low64
    high ^= high >> 48n
    high = (high * (low | 1n)) & low64
    bytes.writeBigUInt64LE(high, at)
  }
  return bytes
}

it('has the very bytes of the recorded LFS file', () => {
  expect(createHash('sha256').update(lfsBytes).digest('hex')).toBe(sha256)
})
