import { join } from 'node:path'
import type { RepoFile } from '@hfx/core'
import { startFakeHub } from '@hfx/fake-hub'
import { useTempDir } from '@hfx/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createHubClient, selectWeights } from '../src/index.ts'

async function start() {
  const home = await useTempDir()
  const hub = await startFakeHub({
    repos: [
      {
        id: 'acme/tiny',
        commits: [
          {
            files: { 'config.json': '{}\n', 'model.safetensors': 'ab', 'pytorch_model.bin': 'cd' },
          },
        ],
      },
    ],
  })
  const client = createHubClient({ endpoint: hub.url, cacheDir: join(home, 'hub'), env: {} })
  onTestFinished(async () => {
    await client.close()
    await hub.close()
  })
  return { hub, client }
}

describe('a snapshot', () => {
  it('LK-1: of known files asks the Hub for their bytes and for nothing else', async () => {
    const { hub, client } = await start()
    const files: RepoFile[] = []
    for await (const file of client.listFiles('acme/tiny')) files.push(file)
    hub.clearRequests()
    const known = files.filter(({ path }) => path === 'config.json')
    const result = await client.snapshot('acme/tiny', {
      revision: hub.commit('acme/tiny'),
      files: known,
    })
    expect(result.files).toMatchObject([
      { kind: 'ok', path: 'config.json', verifiedBy: 'git-sha1' },
    ])
    expect(hub.requests.filter(({ path }) => /\/(tree|revision)\//.test(path))).toEqual([])
  })

  it('of known files needs their commit', async () => {
    const { client } = await start()
    await expect(client.snapshot('acme/tiny', { files: [] })).rejects.toMatchObject({
      code: 'HUB_INVALID_OPTION',
      message: expect.stringContaining('"main" is none'),
    })
  })

  it('SL-1: takes what code selects, in the plan as in the download', async () => {
    const { client } = await start()
    const select = (files: readonly RepoFile[]) => selectWeights(files).selected
    const plan = await client.plan('acme/tiny', { select })
    const result = await client.snapshot('acme/tiny', { select })
    for (const { files } of [plan, result])
      expect(files.map(({ path }) => path).toSorted()).toEqual(['config.json', 'model.safetensors'])
  })
})
