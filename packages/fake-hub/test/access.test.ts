import { describe, expect, it } from 'vitest'
import { type FakeHub, sampleRepos } from '../src/index.ts'
import { ask, bearer, locate, startTestHub } from './running-hub.ts'

const users = [
  {
    token: 'hf_ada',
    name: 'ada',
    access: ['sample/private', 'sample/gated', 'sample/gated-manual'],
  },
  { token: 'hf_bob', name: 'bob' },
  { token: 'hf_owner', name: 'sample' },
  { token: 'hf_member', name: 'mia', orgs: ['sample'] },
]

function startSamples(): Promise<FakeHub> {
  return startTestHub({ repos: sampleRepos(), users })
}

async function describeAnswer(answer: Response): Promise<unknown[]> {
  await answer.arrayBuffer()
  return [answer.status, answer.headers.get('x-error-code')]
}

describe('who may have what', () => {
  it.each([
    ['/api/models/sample/private', undefined, 401, null],
    ['/api/models/sample/private', 'hf_bob', 404, 'RepoNotFound'],
    ['/api/models/sample/private', 'hf_ada', 200, null],
    ['/api/models/sample/private', 'hf_owner', 200, null],
    ['/api/models/sample/private', 'hf_member', 200, null],
    ['/sample/private/resolve/main/config.json', undefined, 401, null],
    ['/sample/private/resolve/main/config.json', 'hf_bob', 404, 'RepoNotFound'],
    ['/sample/private/resolve/main/config.json', 'hf_ada', 200, null],
    ['/api/models/nobody/nothing', undefined, 401, null],
    ['/api/models/nobody/nothing', 'hf_ada', 404, 'RepoNotFound'],
    ['/api/models/sample/gated', undefined, 200, null],
    ['/api/models/sample/gated/tree/main', undefined, 200, null],
    ['/sample/gated/resolve/main/config.json', undefined, 401, 'GatedRepo'],
    ['/sample/gated/resolve/main/config.json', 'hf_bob', 403, 'GatedRepo'],
    ['/sample/gated/resolve/main/config.json', 'hf_ada', 200, null],
    ['/sample/gated-manual/resolve/main/model.bin', 'hf_bob', 403, 'GatedRepo'],
    ['/sample/gated-manual/resolve/main/model.bin', 'hf_ada', 302, null],
    ['/sample/disabled/resolve/main/config.json', 'hf_ada', 403, null],
    ['/api/models/sample/revisions', 'hf_wrong', 401, null],
  ])('%s with %s gives %i %s', async (...[path, token, status, code]) => {
    const hub = await startSamples()
    const answer = await ask(hub.url + path, token === undefined ? {} : bearer(token))
    expect(await describeAnswer(answer)).toEqual([status, code])
  })

  it('words the disabled and the invalid-token refusals as clients expect them', async () => {
    const hub = await startSamples()
    const disabled = await ask(`${hub.url}/api/models/sample/disabled`)
    expect(disabled.headers.get('x-error-message')).toBe('Access to this resource is disabled.')
    const wrong = await ask(`${hub.url}/api/models/sample/revisions`, bearer('hf_wrong'))
    expect(wrong.headers.get('x-error-message')).toBe('Invalid credentials in Authorization header')
  })

  it('does not let a resolve-cache URL of a gated repository through', async () => {
    const hub = await startSamples()
    const path = `/api/resolve-cache/models/sample/gated/${hub.commit('sample/gated')}/config.json`
    expect(await describeAnswer(await ask(hub.url + path))).toEqual([401, 'GatedRepo'])
  })

  it('refuses a token on the data origin, as S3 does, and says so in the log', async () => {
    const hub = await startSamples()
    const location = await locate(hub, '/sample/gated/resolve/main/model.bin', bearer('hf_ada'))
    const answer = await ask(location, bearer('hf_ada'))
    expect([answer.status, await answer.text()]).toEqual([
      400,
      expect.stringContaining('Only one auth mechanism'),
    ])
    expect(hub.requests.at(-1)).toMatchObject({
      host: 'cdn',
      headers: { authorization: '<token:ada>' },
    })
    expect(await (await ask(location)).text()).toBe('weights\n')
  })
})
