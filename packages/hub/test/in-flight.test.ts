import { type FakeHub, startFakeHub } from '@hfx/fake-hub'
import { useTempDir } from '@hfx/testing'
import { expect, it, onTestFinished } from 'vitest'
import { createHubClient, type HubClient } from '../src/index.ts'

const MiB = 1024 ** 2

async function useStage(sizeBytes: number): Promise<{ hub: FakeHub; client: HubClient }> {
  const hub = await startFakeHub({
    repos: [
      {
        id: 'acme/big',
        commits: [{ files: { 'model.bin': { lfs: true, generate: { sizeBytes, seed: 5 } } } }],
      },
    ],
  })
  onTestFinished(() => hub.close())
  const cacheDir = await useTempDir()
  const client = createHubClient({
    env: {},
    token: false,
    endpoint: hub.url,
    cacheDir,
    connections: 8,
    partBytes: 2 * MiB,
  })
  onTestFinished(() => client.close())
  return { hub, client }
}

it('SP-1: a file of eight parts on slow connections has eight ranges in flight', async () => {
  const { hub, client } = await useStage(16 * MiB)
  hub.addFault({ on: { host: 'cdn' }, fault: { kind: 'rate', bytesPerSecond: 10_000_000 } })
  await client.snapshot('acme/big')
  expect(hub.maxConcurrent({ host: 'cdn' })).toBe(8)
  const ranges = hub.requests
    .filter((request) => request.host === 'cdn')
    .map((request) => request.range)
  expect(new Set(ranges).size).toBe(8)
})

it('one question for the signed URL serves all of its ranges', async () => {
  const { hub, client } = await useStage(16 * MiB)
  await client.snapshot('acme/big')
  expect(hub.requests.filter((request) => request.path.includes('/resolve/'))).toHaveLength(1)
})
