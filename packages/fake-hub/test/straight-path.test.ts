import { createHash } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import { type FakeHub, startFakeHub } from '../src/index.ts'

let hub: FakeHub | undefined
afterEach(async () => hub?.close())

const bytes = Buffer.from('some large bytes')
const sha256 = createHash('sha256').update(bytes).digest('hex')

async function startSmall(): Promise<FakeHub> {
  hub = await startFakeHub({
    repos: [
      {
        id: 'acme/tiny',
        commits: [
          {
            files: {
              'config.json': '{}\n',
              'model.bin': { lfs: true, bytes },
              'big.bin': { lfs: true, generate: { sizeBytes: 8 * 2 ** 20, seed: 1 } },
            },
          },
        ],
      },
    ],
    users: [{ token: 'hf_good', name: 'ada' }],
  })
  return hub
}

it('tells the commit of a branch', async () => {
  const small = await startSmall()
  const { url } = small
  const answer = await fetch(`${url}/api/models/acme/tiny/revision/main`)
  expect(answer.status).toBe(200)
  expect(await answer.json()).toMatchObject({ id: 'acme/tiny', sha: small.commit('acme/tiny') })
})

it('lists the tree with git and LFS ids', async () => {
  const { url } = await startSmall()
  const answer = await fetch(`${url}/api/models/acme/tiny/tree/main?recursive=true&expand=false`)
  expect(await answer.json()).toMatchObject([
    { path: 'big.bin', size: 8 * 2 ** 20 },
    { path: 'config.json', oid: createHash('sha1').update('blob 3\0{}\n').digest('hex') },
    { path: 'model.bin', lfs: { oid: sha256, size: bytes.length } },
  ])
})

it('serves a git file of a public repository by a relative redirect', async () => {
  const small = await startSmall()
  const { url, requests } = small
  const answer = await fetch(`${url}/acme/tiny/resolve/main/config.json`)
  expect(await answer.text()).toBe('{}\n')
  expect(requests.map((request) => [request.status, request.path])).toEqual([
    [307, '/acme/tiny/resolve/main/config.json'],
    [200, `/api/resolve-cache/models/acme/tiny/${small.commit('acme/tiny', 'main')}/config.json`],
  ])
})

it('serves an LFS file by a signed URL of another origin', async () => {
  const { url, cdnUrl, requests } = await startSmall()
  const redirect = await fetch(`${url}/acme/tiny/resolve/main/model.bin`, { redirect: 'manual' })
  expect(redirect.status).toBe(302)
  expect(redirect.headers.get('x-linked-etag')).toBe(`"${sha256}"`)
  const location = redirect.headers.get('location') ?? ''
  expect(location.startsWith(`${cdnUrl}/`)).toBe(true)
  const part = await fetch(location, { headers: { range: 'bytes=5-9' } })
  expect(part.status).toBe(206)
  expect(part.headers.get('content-range')).toBe(`bytes 5-9/${bytes.length}`)
  expect(await part.text()).toBe('large')
  expect(requests.at(-1)).toMatchObject({ host: 'cdn', range: 'bytes=5-9', file: 'model.bin' })
})
