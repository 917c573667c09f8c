import { type FlowEvent, fixedToken, Secret, type TokenSource } from '@hfx/core'
import { startFakeHub } from '@hfx/fake-hub'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createHttp, type Http } from '../src/index.ts'

async function useHub(token: TokenSource) {
  const hub = await startFakeHub({
    repos: [
      { id: 'acme/open', commits: [{ files: { 'a.txt': 'a' } }] },
      { id: 'acme/private', private: true, commits: [{ files: { 'a.txt': 'a' } }] },
      { id: 'acme/gated', gated: 'manual', commits: [{ files: { 'a.txt': 'a' } }] },
      { id: 'acme/off', disabled: true, commits: [{ files: { 'a.txt': 'a' } }] },
    ],
    users: [
      { token: 'hf_good', name: 'ada', access: ['acme/private', 'acme/gated'] },
      { token: 'hf_other', name: 'bob' },
    ],
  })
  onTestFinished(() => hub.close())
  const http = createHttp({ endpoint: hub.url, token, retry: { maxRetries: 0 } })
  onTestFinished(() => http.close())
  return { hub, http }
}

const head = (http: Http, url: string, events: FlowEvent[] = []): Promise<number> =>
  http.transport
    .send({ method: 'HEAD', url, redirect: 'same-origin' }, { emit: (event) => events.push(event) })
    .then((answer) => answer.status)

describe('AU-3: a bad token that nobody gave', () => {
  it('gives way to an anonymous try, with a warning', async () => {
    const ambient = { ambient: true, getToken: () => Promise.resolve(new Secret('hf_stale')) }
    const { hub, http } = await useHub(ambient)
    const events: FlowEvent[] = []
    expect(await head(http, `${hub.url}/acme/open/resolve/main/a.txt`, events)).toBe(200)
    expect(events).toEqual([
      expect.objectContaining({ type: 'job:warning', code: 'ANONYMOUS_RETRY' }),
    ])
    expect(JSON.stringify(events)).not.toContain('hf_stale')
  })

  it('but one that was given is an error', async () => {
    const { hub, http } = await useHub(fixedToken('hf_stale'))
    await expect(head(http, `${hub.url}/acme/open/resolve/main/a.txt`)).rejects.toMatchObject({
      code: 'HUB_TOKEN_INVALID',
      status: 401,
    })
  })
})

it('AU-5: a token that is refused is asked for anew, and the new one is sent', async () => {
  const asked: boolean[] = []
  const { hub, http } = await useHub({
    ambient: false,
    getToken({ refresh = false } = {}) {
      asked.push(refresh)
      return Promise.resolve(new Secret(refresh ? 'hf_good' : 'hf_expired'))
    },
  })
  expect(await head(http, `${hub.url}/acme/private/resolve/main/a.txt`)).toBe(200)
  expect(asked).toEqual([false, true])
})

describe('AU-1: one error for each state, with the step to take', () => {
  it.each([
    ['acme/private', undefined, 'HUB_REPO_NOT_FOUND', /hfx auth login/],
    ['acme/private', 'hf_other', 'HUB_REPO_NOT_FOUND', /scope of the token/],
    ['acme/gated', undefined, 'HUB_GATED_REPO', /Accept its terms at/],
    ['acme/gated', 'hf_other', 'HUB_GATED_REPO', /Ask for access at/],
    ['acme/off', undefined, 'HUB_REPO_DISABLED', /Nobody can download/],
    ['acme/none', 'hf_good', 'HUB_REPO_NOT_FOUND', /Check the name/],
  ])('%s with %s', async (...[repo, token, code, hint]) => {
    const { hub, http } = await useHub(
      token === undefined
        ? { ambient: false, getToken: () => Promise.resolve(undefined) }
        : fixedToken(token),
    )
    await expect(head(http, `${hub.url}/${repo}/resolve/main/a.txt`)).rejects.toMatchObject({
      code,
      hint: expect.stringMatching(hint),
    })
  })

  it('a revision and a file that are not there, with the commit of the miss', async () => {
    const { hub, http } = await useHub(fixedToken('hf_good'))
    await expect(head(http, `${hub.url}/acme/open/resolve/nope/a.txt`)).rejects.toMatchObject({
      code: 'HUB_REVISION_NOT_FOUND',
    })
    await expect(head(http, `${hub.url}/acme/open/resolve/main/b.txt`)).rejects.toMatchObject({
      code: 'HUB_ENTRY_NOT_FOUND',
      repoCommit: hub.commit('acme/open'),
      requestId: expect.any(String),
    })
  })
})

describe('AU-3: what one request learns of a stale token', () => {
  async function useStale() {
    const ambient = { ambient: true, getToken: () => Promise.resolve(new Secret('hf_stale')) }
    return useHub(ambient)
  }

  it('is warned of once, also where it is no better without', async () => {
    const { hub, http } = await useStale()
    const events: FlowEvent[] = []
    for (let asked = 0; asked < 2; asked += 1)
      await head(http, `${hub.url}/acme/private/resolve/main/a.txt`, events).catch(() => undefined)
    expect(events).toHaveLength(1)
  })

  it('counts for nothing where one must be known: then the token is sent all the same', async () => {
    const { hub, http } = await useStale()
    await head(http, `${hub.url}/acme/open/resolve/main/a.txt`)
    hub.clearRequests()
    const asked = head(http, `${hub.url}/acme/private/resolve/main/a.txt`)
    await expect(asked).rejects.toMatchObject({ status: 401 })
    const sent = hub.requests.map(({ headers }) => headers['authorization'])
    expect(sent).toEqual([undefined, '<token:unknown>'])
  })

  it('the others know: ranges too, and without a warning each', async () => {
    const { hub, http } = await useStale()
    const events: FlowEvent[] = []
    await head(http, `${hub.url}/acme/open/resolve/main/a.txt`, events)
    hub.clearRequests()
    const range = {
      url: `${hub.url}/acme/open/resolve/main/a.txt`,
      start: 0,
      end: 1,
      totalBytes: 1,
    }
    await http.rangeReader.readRange(range, { onData: () => true })
    await head(http, `${hub.url}/acme/open/resolve/main/a.txt`, events)
    expect(hub.requests.every((request) => request.headers['authorization'] === undefined)).toBe(
      true,
    )
    expect(events).toHaveLength(1)
  })

  it('a range learns it by itself as well', async () => {
    const { hub, http } = await useStale()
    const range = {
      url: `${hub.url}/acme/open/resolve/main/a.txt`,
      start: 0,
      end: 1,
      totalBytes: 1,
    }
    await expect(http.rangeReader.readRange(range, { onData: () => true })).resolves.toMatchObject({
      status: 200,
    })
  })

  it('where it is no better without, the token is what is wrong', async () => {
    const { hub, http } = await useStale()
    const asked = head(http, `${hub.url}/acme/private/resolve/main/a.txt`)
    await expect(asked).rejects.toMatchObject({ code: 'HUB_TOKEN_INVALID' })
  })
})
