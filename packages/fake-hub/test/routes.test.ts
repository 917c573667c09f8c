import { describe, expect, it } from 'vitest'
import { type FakeHub, sampleRepos } from '../src/index.ts'
import { type Item, listAll } from './list-all.ts'
import { ask, startTestHub } from './running-hub.ts'

const ada = { token: 'hf_ada', name: 'ada', orgs: ['demo-org'], access: ['sample/gated'] }

function startSamples(pageSize = 1000): Promise<FakeHub> {
  return startTestHub({ repos: sampleRepos(), users: [ada], pageSize })
}

describe('repository and revisions', () => {
  it.each([
    ['main', 1],
    ['next', 2],
    ['feature/with slash', 0],
    ['v1.0', 0],
    ['v1.0+build', 1],
    ['refs/pr/1', 2],
    ['refs/convert/parquet', 0],
    ['refs/heads/main', 1],
  ])('resolves %s', async (revision, version) => {
    const hub = await startSamples()
    const path = `sample/revisions/resolve/${encodeURIComponent(revision)}/version.txt`
    const answer = await fetch(`${hub.url}/${path}`)
    expect(await answer.text()).toBe(`${version + 1}\n`)
    const commit = answer.headers.get('x-repo-commit')
    expect(commit).toBe(hub.commit('sample/revisions', revision))
    const told = await ask(
      `${hub.url}/api/models/sample/revisions/revision/${encodeURIComponent(revision)}`,
    )
    expect(await told.json()).toMatchObject({ sha: commit })
  })

  it('resolves full and short commit hashes', async () => {
    const hub = await startSamples()
    const commit = hub.commit('sample/revisions', 'v1.0')
    for (const revision of [commit, commit.slice(0, 7)]) {
      const answer = await ask(`${hub.url}/api/models/sample/revisions/revision/${revision}`)
      expect(await answer.json()).toMatchObject({ sha: commit })
    }
    const tooShort = await ask(
      `${hub.url}/api/models/sample/revisions/revision/${commit.slice(0, 5)}`,
    )
    expect(tooShort.status).toBe(404)
  })

  it('tells RevisionNotFound on the API and on resolve', async () => {
    const hub = await startSamples()
    for (const path of [
      '/api/models/sample/revisions/revision/nope',
      '/sample/revisions/resolve/nope/same.txt',
    ]) {
      const answer = await ask(hub.url + path)
      expect(answer.status).toBe(404)
      expect(answer.headers.get('x-error-code')).toBe('RevisionNotFound')
      expect(answer.headers.get('x-error-message')).toBe('Invalid rev id: nope')
    }
  })

  it('tells EntryNotFound with the commit, so that clients can remember it', async () => {
    const hub = await startSamples()
    const answer = await ask(`${hub.url}/sample/revisions/resolve/main/nope.txt`, {
      method: 'HEAD',
    })
    expect(answer.status).toBe(404)
    expect(answer.headers.get('x-error-code')).toBe('EntryNotFound')
    expect(answer.headers.get('x-repo-commit')).toBe(hub.commit('sample/revisions'))
  })

  it('serves every type of repository and ids without an owner', async () => {
    const hub = await startSamples()
    for (const [api, page] of [
      ['datasets/demo/tiny-stories', 'datasets/demo/tiny-stories/resolve/main/README.md'],
      ['spaces/sample/space', 'spaces/sample/space/resolve/main/app.py'],
      ['kernels/sample/kernel', 'kernels/sample/kernel/resolve/main/build/kernel.txt'],
      ['models/sample-without-owner', 'sample-without-owner/resolve/main/config.json'],
    ]) {
      expect((await ask(`${hub.url}/api/${api}`)).status).toBe(200)
      expect((await fetch(`${hub.url}/${page}`)).status).toBe(200)
    }
  })

  it('answers 304 when the JSON has not changed', async () => {
    const hub = await startSamples()
    const url = `${hub.url}/api/models/sample/revisions`
    const etag = (await ask(url)).headers.get('etag') ?? ''
    expect(etag).toMatch(/^W\//)
    const again = await ask(url, { headers: { 'if-none-match': etag } })
    expect([again.status, await again.text()]).toEqual([304, ''])
  })

  it('sends a renamed repository on by a relative 307, query kept', async () => {
    const hub = await startSamples()
    const api = await ask(`${hub.url}/api/models/sample/old-name/tree/main?recursive=true`)
    expect([api.status, api.headers.get('location')]).toEqual([
      307,
      '/api/models/demo/tiny-llama/tree/main?recursive=true',
    ])
    const file = await ask(`${hub.url}/sample/old-name/resolve/main/config.json`, {
      method: 'HEAD',
    })
    expect([file.status, file.headers.get('location')]).toEqual([
      307,
      '/demo/tiny-llama/resolve/main/config.json',
    ])
  })

  it('lists branches, tags, conversions and, when asked, pull requests', async () => {
    const hub = await startSamples()
    const at = (name: string): string => hub.commit('sample/revisions', name)
    const plain = await ask(`${hub.url}/api/models/sample/revisions/refs`)
    const refs = {
      branches: [
        { name: 'main', ref: 'refs/heads/main', targetCommit: at('main') },
        { name: 'next', ref: 'refs/heads/next', targetCommit: at('next') },
        {
          name: 'feature/with slash',
          ref: 'refs/heads/feature/with slash',
          targetCommit: at('v1.0'),
        },
      ],
      tags: [
        { name: 'v1.0', ref: 'refs/tags/v1.0', targetCommit: at('v1.0') },
        { name: 'v1.0+build', ref: 'refs/tags/v1.0+build', targetCommit: at('v1.0+build') },
      ],
      converts: [{ name: 'parquet', ref: 'refs/convert/parquet', targetCommit: at('v1.0') }],
    }
    expect(await plain.json()).toEqual(refs)
    const all = await ask(`${hub.url}/api/models/sample/revisions/refs?include_prs=1`)
    expect(await all.json()).toEqual({
      ...refs,
      pullRequests: [{ name: 'refs/pr/1', ref: 'refs/pr/1', targetCommit: at('next') }],
    })
  })

  it('shows people what there is, but nothing private', async () => {
    const hub = await startSamples()
    const home = await (await ask(hub.url)).text()
    expect(home).toContain('<a href="/datasets/demo/tiny-stories">demo/tiny-stories</a>')
    expect(home).not.toContain('sample/private')
    const page = await ask(`${hub.url}/sample/revisions`)
    expect([page.status, await page.text()]).toEqual([
      200,
      expect.stringContaining('refs/tags/v1.0+build'),
    ])
  })

  it('refuses a wrong method and a malformed escape', async () => {
    const hub = await startSamples()
    expect((await ask(`${hub.url}/api/models/sample/revisions`, { method: 'DELETE' })).status).toBe(
      405,
    )
    expect((await ask(`${hub.url}/sample/revisions/resolve/main/%ff`)).status).toBe(400)
    expect((await ask(`${hub.url}/api/nothing`)).status).toBe(404)
  })
})

describe('paths-info', () => {
  it.each([
    [
      'form',
      'application/x-www-form-urlencoded',
      'paths=version.txt&paths=nope&paths=same.txt&expand=False',
    ],
    ['JSON', 'application/json', JSON.stringify({ paths: ['version.txt', 'nope', 'same.txt'] })],
  ])('takes a %s and leaves out unknown paths', async (_, type, body) => {
    const hub = await startSamples()
    const url = `${hub.url}/api/models/sample/revisions/paths-info/main`
    const answer = await ask(url, { method: 'POST', headers: { 'content-type': type }, body })
    const items: Item[] = JSON.parse(await answer.text())
    expect(items.map((item) => item.path)).toEqual(['version.txt', 'same.txt'])
  })

  it('refuses more than a thousand paths and a body that is none', async () => {
    const hub = await startSamples()
    const url = `${hub.url}/api/models/sample/revisions/paths-info/main`
    const post = (body: string): Promise<Response> =>
      ask(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    expect((await post(JSON.stringify({ paths: Array(1001).fill('a') }))).status).toBe(413)
    expect((await post(' '.repeat(1024 * 1024 + 1))).status).toBe(413)
    expect((await post('{')).status).toBe(400)
    expect((await post('{"paths":[1]}')).status).toBe(400)
    expect((await ask(url)).status).toBe(405)
  })
})

describe('names in URLs', () => {
  it('serves every odd name, encoded as clients do', async () => {
    const hub = await startSamples()
    const { items } = await listAll(`${hub.url}/api/models/demo/odd-names/tree/main?recursive=true`)
    const files = items.filter((item) => item.type === 'file' && item.path !== 'empty.bin')
    for (const { path } of files) {
      const encoded = path.split('/').map(encodeURIComponent).join('/')
      const answer = await fetch(`${hub.url}/demo/odd-names/resolve/main/${encoded}`)
      expect(await answer.text()).toBe(`This is ${path}\n`)
    }
    expect(files).toHaveLength(15)
  })
})
