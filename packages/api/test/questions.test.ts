import { type HubApi, HubError, isHubError } from '@hfx/core'
import type { FakeHub } from '@hfx/fake-hub'
import { describe, expect, it } from 'vitest'
import { createHubApi } from '../src/index.ts'
import { cannedTransport, useApi, useFakeHub } from './fixtures.ts'

const repo = { type: 'model', id: 'a/b' } as const
const files = { 'a.txt': '1', 'sub/é x.txt': '2', 'm.bin': { lfs: true, bytes: 'weights' } }
const users = [
  {
    token: 'hf_good',
    name: 'ada',
    fullName: 'Ada L',
    orgs: ['math'],
    role: 'write',
    tokenName: 'laptop',
  },
] as const

async function start(token?: string): Promise<{ readonly hub: FakeHub; readonly api: HubApi }> {
  const commits = [{ files }, { files: { ...files, 'b.txt': '3' } }]
  const hub = await useFakeHub({
    users,
    repos: [
      {
        id: 'a/b',
        commits,
        tags: { 'v1.0': 0 },
        branches: { main: 1, 'feat/x': 0 },
        prs: { 1: 0 },
        converts: { parquet: 0 },
      },
      { id: 'a/private', private: true, commits },
      { id: 'a/gated', gated: 'auto', commits },
      { id: 'a/manual', gated: 'manual', commits },
      { id: 'a/disabled', disabled: true, commits },
      { id: 'a/b', type: 'dataset', commits },
    ],
  })
  return { hub, api: useApi(hub.url, token === undefined ? {} : { token }) }
}

describe('resolving a revision', () => {
  it('case 21: costs no request for a full commit hash', async () => {
    const { hub, api } = await start()
    const commit = 'c'.repeat(40)
    expect(await api.resolveRevision(repo, commit)).toEqual({ requested: commit, commit })
    expect(hub.requests).toEqual([])
  })

  it.each(['main', 'v1.0', 'feat/x', 'refs/pr/1'])('costs one for %s', async (revision) => {
    const { hub, api } = await start()
    expect(await api.resolveRevision(repo, revision)).toEqual({
      requested: revision,
      commit: hub.commit('a/b', revision),
    })
    expect(hub.requests).toHaveLength(1)
  })

  it.each([{}, { sha: 7 }, { sha: 'main' }, { sha: '../../x' }, [], null])(
    'refuses the answer %j',
    async (json) => {
      const api = createHubApi({ transport: cannedTransport(() => ({ json })) })
      await expect(api.resolveRevision(repo, 'main')).rejects.toMatchObject({
        code: 'HUB_BAD_RESPONSE',
      })
    },
  )

  it.each(['', '..', 'a b', 'a..b/../c', 'a~1', 'a\nb'])(
    'refuses the revision %j before anything is sent',
    async (revision) => {
      const transport = cannedTransport(() => ({}))
      const api = createHubApi({ transport })
      await expect(api.resolveRevision(repo, revision)).rejects.toMatchObject({
        code: 'HUB_INVALID_OPTION',
      })
      expect(transport.asked).toEqual([])
    },
  )

  it.each(['', 'a/b/c', '../b', 'a--b'])(
    'refuses the repository %j before anything is sent',
    async (id) => {
      const transport = cannedTransport(() => ({}))
      const api = createHubApi({ transport })
      await expect(api.resolveRevision({ type: 'model', id }, 'main')).rejects.toMatchObject({
        code: 'HUB_INVALID_REPO_ID',
      })
      expect(transport.asked).toEqual([])
    },
  )
})

describe('describing a repository', () => {
  it('tells commit, access, tags and storage', async () => {
    const { hub, api } = await start()
    expect(await api.describeRepo(repo)).toMatchObject({
      repo,
      commit: hub.commit('a/b'),
      private: false,
      gated: false,
      disabled: false,
    })
    expect(await api.describeRepo({ type: 'model', id: 'a/manual' })).toMatchObject({
      gated: 'manual',
    })
    expect(await api.describeRepo({ type: 'model', id: 'a/gated' })).toMatchObject({
      gated: 'auto',
    })
    expect(await api.describeRepo({ type: 'dataset', id: 'a/b' })).toMatchObject({
      repo: { type: 'dataset' },
    })
  })

  it('leaves out what is not of the right kind', async () => {
    const json = {
      sha: 'c'.repeat(40),
      private: 'yes',
      gated: true,
      tags: ['x', 7, null],
      usedStorage: -1,
      lastModified: 3,
    }
    const api = createHubApi({ transport: cannedTransport(() => ({ json })) })
    expect(await api.describeRepo(repo)).toEqual({
      repo,
      commit: 'c'.repeat(40),
      private: false,
      gated: 'auto',
      disabled: false,
      tags: ['x'],
    })
  })
})

describe('listing refs', () => {
  it('tells branches, tags, conversions and pull requests with their commits', async () => {
    const { hub, api } = await start()
    const refs = await api.listRefs(repo)
    const first = hub.commit('a/b', 'v1.0')
    expect(refs.branches.map(({ name }) => name).toSorted()).toEqual(['feat/x', 'main'])
    expect(refs.tags).toEqual([{ name: 'v1.0', ref: 'refs/tags/v1.0', commit: first }])
    expect(refs.converts).toEqual([{ name: 'parquet', ref: 'refs/convert/parquet', commit: first }])
    expect(refs.pullRequests).toEqual([{ name: 'refs/pr/1', ref: 'refs/pr/1', commit: first }])
    expect(hub.requests).toHaveLength(1)
  })

  it('leaves out refs without a commit, and needs a list of branches', async () => {
    const good = { name: 'main', ref: 'refs/heads/main', targetCommit: 'c'.repeat(40) }
    const branches = [
      good,
      null,
      {},
      { ...good, ref: 7 },
      { ...good, targetCommit: 'x' },
      { ...good, name: undefined },
    ]
    const api = createHubApi({
      transport: cannedTransport((_request, count) => ({ json: count === 1 ? { branches } : {} })),
    })
    const refs = await api.listRefs(repo)
    expect(refs.branches.map(({ name }) => name)).toEqual(['main', 'refs/heads/main'])
    expect(refs.tags).toEqual([])
    await expect(api.listRefs(repo)).rejects.toMatchObject({ code: 'HUB_BAD_RESPONSE' })
  })
})

describe('describing paths', () => {
  it('answers in the order asked, once for each; what is not there is missing', async () => {
    const { hub, api } = await start()
    const paths = ['m.bin', 'sub/é x.txt', 'nope', 'a.txt', 'm.bin', 'sub']
    const found = await api.describePaths(repo, 'main', paths)
    expect(found.map(({ path }) => path)).toEqual(['m.bin', 'sub/é x.txt', 'a.txt'])
    expect(found[0]?.lfs?.sizeBytes).toBe(7)
    expect(hub.requests).toHaveLength(1)
  })

  it('sends a form, in batches, and nothing for no paths', async () => {
    const { hub, api } = await start()
    const transport = cannedTransport(() => ({ json: [] }))
    await createHubApi({ transport }, { pathsPerRequest: 2 }).describePaths(repo, 'main', [
      'a',
      'b&c',
      'd',
    ])
    expect(transport.asked.map(({ method, body }) => [method, body])).toEqual([
      ['POST', 'paths=a&paths=b%26c&expand=false'],
      ['POST', 'paths=d&expand=false'],
    ])
    expect(await api.describePaths(repo, 'main', [])).toEqual([])
    expect(hub.requests).toEqual([])
  })

  it('gives nothing that was not asked for', async () => {
    const entry = { type: 'file', path: 'other', size: 1, oid: 'c'.repeat(40) }
    const api = createHubApi({ transport: cannedTransport(() => ({ json: [entry] })) })
    expect(await api.describePaths(repo, 'main', ['a'])).toEqual([])
  })
})

describe('asking who we are', () => {
  it('tells name, organisations and the kind of token', async () => {
    const { api } = await start('hf_good')
    expect(await api.describeAccount()).toEqual({
      name: 'ada',
      type: 'user',
      fullName: 'Ada L',
      orgs: ['math'],
      tokenName: 'laptop',
      tokenRole: 'write',
    })
  })

  it('without a token is refused', async () => {
    const { api } = await start()
    await expect(api.describeAccount()).rejects.toMatchObject({ status: 401 })
  })

  it.each([{}, [], null, { name: 7 }])('refuses the answer %j', async (json) => {
    const api = createHubApi({ transport: cannedTransport(() => ({ json })) })
    await expect(api.describeAccount()).rejects.toMatchObject({ code: 'HUB_BAD_RESPONSE' })
  })
})

describe('ER-1: a refusal names what was asked for and what to do', () => {
  const named = (id: string): { readonly type: 'model'; readonly id: string } => ({
    type: 'model',
    id,
  })
  const ask: Readonly<Record<string, (api: HubApi) => Promise<unknown>>> = {
    'an unknown repository': (api) => api.describeRepo(named('a/nope')),
    'a private one': (api) => api.describeRepo(named('a/private')),
    'an unknown revision': (api) => api.resolveRevision(repo, 'nope'),
    'an unknown file': (api) => api.describeFile(repo, 'main', 'nope.txt'),
    'an unknown folder': async (api) => {
      for await (const page of api.listTree(repo, 'main', { path: 'nope' }))
        if (page.length > 0) break
    },
    'a gated file': (api) => api.describeFile(named('a/gated'), 'main', 'a.txt'),
    'a gated file that awaits review': (api) =>
      api.describeFile(named('a/manual'), 'main', 'a.txt'),
    'a disabled repository': (api) => api.describeRepo(named('a/disabled')),
  }

  it.each([
    ['an unknown repository', 'HUB_REPO_NOT_FOUND', 'model a/nope', 'HF_TOKEN'],
    ['a private one', 'HUB_REPO_NOT_FOUND', 'the token in use may not see it', 'HF_TOKEN'],
    ['an unknown revision', 'HUB_REVISION_NOT_FOUND', 'model a/b has no revision "nope"', '/a/b'],
    ['an unknown file', 'HUB_ENTRY_NOT_FOUND', 'has no "nope.txt" at revision "main"', 'hfx ls'],
    ['an unknown folder', 'HUB_ENTRY_NOT_FOUND', 'has no "nope"', 'hfx ls'],
    ['a gated file', 'HUB_GATED_REPO', 'the account of the token in use', '/a/gated'],
    ['a gated file that awaits review', 'HUB_GATED_REPO', 'not granted it yet', '/a/manual'],
    ['a disabled repository', 'HUB_REPO_DISABLED', 'a/disabled', ''],
  ])('%s', async (...[what, code, message, hint]) => {
    const { api } = await start('hf_good')
    const failure: unknown = await ask[what]?.(api).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code, message: expect.stringContaining(message) })
    expect(isHubError(failure) ? failure.hint : undefined).toContain(hint)
    expect(failure).toHaveProperty('cause', expect.any(HubError))
  })

  it.each([
    ['an unknown repository', 'no token was sent'],
    ['a gated file', 'no token was sent'],
  ])('%s, asked for without a token: it says so', async (...[what, why]) => {
    const { api } = await start()
    await expect(ask[what]?.(api)).rejects.toThrow(why)
  })

  it('the commit at which a file is missing goes along', async () => {
    const { hub, api } = await start()
    await expect(api.describeFile(repo, 'main', 'nope.txt')).rejects.toMatchObject({
      repoCommit: hub.commit('a/b'),
    })
  })

  it('MI-2: a bare 404 is of the narrowest thing that was asked for', async () => {
    const { hub, api } = await start()
    hub.addFault({ fault: { kind: 'status', status: 404 } })
    await expect(api.describeRepo(repo)).rejects.toMatchObject({ code: 'HUB_REPO_NOT_FOUND' })
    await expect(api.describeRepo(repo, 'x')).rejects.toMatchObject({
      code: 'HUB_REVISION_NOT_FOUND',
    })
    await expect(api.describeFile(repo, 'x', 'y')).rejects.toMatchObject({
      code: 'HUB_ENTRY_NOT_FOUND',
    })
  })

  it('other failures keep their code and name the repository', async () => {
    const { hub, api } = await start()
    hub.addFault({ fault: { kind: 'status', status: 503 } })
    await expect(api.resolveRevision(repo, 'main')).rejects.toMatchObject({
      code: 'HUB_SERVER_ERROR',
      status: 503,
      message: expect.stringContaining('a/b'),
    })
  })

  it('an abort is passed on as it is', async () => {
    const { api } = await start()
    const reason = new Error('enough')
    await expect(
      api.describeRepo(repo, 'main', { signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason)
  })
})
