import { startFakeHub } from '@hfx/fake-hub'
import { useTempDir } from '@hfx/testing'
import { expect, it, onTestFinished } from 'vitest'
import { createHubClient } from '../src/index.ts'

it('AU-3: a stale HF_TOKEN does not keep a public repository away; it is told once', async () => {
  const hub = await startFakeHub({
    repos: [
      {
        id: 'acme/open',
        commits: [
          { files: { 'a.txt': 'a', 'model.bin': { lfs: true, bytes: Buffer.from('weights') } } },
        ],
      },
    ],
  })
  onTestFinished(() => hub.close())
  const warnings: string[] = []
  const client = createHubClient({
    env: { HF_TOKEN: 'hf_stale_stale_stale' },
    endpoint: hub.url,
    cacheDir: await useTempDir(),
    onEvent: (event) => void (event.type === 'job:warning' && warnings.push(event.code)),
  })
  onTestFinished(() => client.close())
  expect((await client.snapshot('acme/open')).files).toHaveLength(2)
  expect(warnings).toEqual(['ANONYMOUS_RETRY'])
})
