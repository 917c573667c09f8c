import { describe, expect, it } from 'vitest'
import { ask, bearer, startTestHub } from './running-hub.ts'

const ada = { token: 'hf_ada', name: 'ada', orgs: ['demo-org'] }

describe('who am I and OAuth', () => {
  it('names the account behind a token', async () => {
    const hub = await startTestHub({ users: [ada] })
    const answer = await ask(`${hub.url}/api/whoami-v2`, bearer('hf_ada'))
    expect(await answer.json()).toMatchObject({
      type: 'user',
      name: 'ada',
      orgs: [{ name: 'demo-org' }],
      auth: { accessToken: { displayName: 'ada-token', role: 'read' } },
    })
    expect((await ask(`${hub.url}/api/whoami-v2`)).status).toBe(401)
  })

  it('exchanges an OIDC id token and refreshes', async () => {
    const hub = await startTestHub({
      users: [{ token: 'hf_jwt_new', name: 'ci', idToken: 'id-1', refreshToken: 'refresh-1' }],
    })
    const json = (fields: Record<string, string>): Promise<Response> =>
      ask(`${hub.url}/oauth/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(fields),
      })
    const exchange = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      subject_token: 'id-1',
      resource: 'acme/model',
    }
    expect(await (await json(exchange)).json()).toEqual({
      access_token: 'hf_jwt_new',
      token_type: 'bearer',
      expires_in: 3600,
    })
    const forged = await json({ ...exchange, subject_token: 'id-2' })
    expect([forged.status, await forged.json()]).toMatchObject([400, { error: 'invalid_grant' }])
    expect((await json({ ...exchange, resource: '' })).status).toBe(400)
    const refresh = (token: string): Promise<Response> =>
      ask(`${hub.url}/oauth/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'refresh_token',
          refresh_token: token,
          client_id: 'c',
        }),
      })
    expect(await (await refresh('refresh-1')).json()).toMatchObject({
      access_token: 'hf_jwt_new',
      refresh_token: 'refresh-1',
    })
    expect(await (await refresh('stale')).json()).toMatchObject({ error: 'invalid_grant' })
    expect(await (await json({ grant_type: 'password' })).json()).toMatchObject({
      error: 'unsupported_grant_type',
    })
  })

  it('gives a Xet read token only where a Xet server is named', async () => {
    const files = { 'a.bin': { bytes: 'a', xetHash: 'ab'.repeat(32) } }
    const repos = [{ id: 'a/xet', commits: [{ files }] }]
    const without = await startTestHub({ repos })
    expect((await ask(`${without.url}/api/models/a/xet/xet-read-token/main`)).status).toBe(404)
    const hub = await startTestHub({ repos, casUrl: 'http://127.0.0.1:1/' })
    const answer = await ask(`${hub.url}/api/models/a/xet/xet-read-token/main`)
    expect(await answer.json()).toMatchObject({ casUrl: 'http://127.0.0.1:1' })
    const head = await ask(`${hub.url}/a/xet/resolve/main/a.bin`, { method: 'HEAD' })
    expect(head.headers.get('link')).toContain('http://127.0.0.1:1/v1/reconstructions/abab')
  })
})
