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

it('SP-1: a file of eight parts has eight ranges in flight', async () => {
  const { hub, client } = await useStage(16 * MiB)
  // No answer begins before all have been asked for, however busy this machine is.
  hub.addFault({ on: { host: 'cdn' }, fault: { kind: 'stall', afterBytes: 0 } })
  const wish = new AbortController()
  const job = client.snapshot('acme/big', { signal: wish.signal })
  const inFlight = (): readonly (string | undefined)[] =>
    hub.requests.flatMap(({ host, ended, range }) => (host === 'cdn' && !ended ? [range] : []))
  await expect.poll(() => inFlight().length, { timeout: 9_000 }).toBe(8)
  expect(new Set(inFlight()).size).toBe(8)
  wish.abort('seen')
  await expect(job).rejects.toBe('seen')
  expect(hub.maxConcurrent({ host: 'cdn' })).toBe(8)
})

it('one question for the signed URL serves all of its ranges', async () => {
  const { hub, client } = await useStage(16 * MiB)
  await client.snapshot('acme/big')
  expect(hub.requests.filter((request) => request.path.includes('/resolve/'))).toHaveLength(1)
})
