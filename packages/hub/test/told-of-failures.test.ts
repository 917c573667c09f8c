import { expect, it } from 'vitest'
import { type HubClientOptions } from '../src/index.ts'
import { openStage } from './support/hub-stage.ts'

const MiB = 1024 ** 2

async function useStage(options: HubClientOptions = {}) {
  const files = {
    'config.json': '{}',
    'model.bin': { lfs: true, generate: { sizeBytes: 2 * MiB, seed: 1 } },
  } as const
  const { hub, seen, open } = await openStage(
    { repos: [{ id: 'acme/two', commits: [{ files }] }] },
    { maxRetries: 1, partBytes: MiB },
  )
  return { hub, seen, client: open(options) }
}

const onData = { host: 'cdn' } as const

it('the end of a file that failed tells what it fetched, and so does the end of its job', async () => {
  const { hub, client, seen } = await useStage()
  hub.addFault({ on: onData, fault: { kind: 'flip', atByte: 5 } })
  await expect(client.snapshot('acme/two')).rejects.toMatchObject({ code: 'HUB_SNAPSHOT_FAILED' })
  const ends = new Map(
    seen.flatMap((event) => (event.type === 'file:end' ? [[event.path, event]] : [])),
  )
  const failed = ends.get('model.bin')
  expect(failed).toMatchObject({ outcome: 'failed', code: 'HUB_HASH_MISMATCH' })
  expect(failed?.fetchedBytes).toBeGreaterThanOrEqual(2 * MiB)
  expect(seen.at(-1)).toMatchObject({
    type: 'job:end',
    outcome: 'failed',
    fetchedBytes: (failed?.fetchedBytes ?? 0) + 2,
  })
})

it('an aborted job tells what it fetched', async () => {
  const { hub, client, seen } = await useStage()
  hub.addFault({ on: onData, fault: { kind: 'rate', bytesPerSecond: MiB } })
  const job = client.snapshot('acme/two')
  for await (const event of job)
    if (event.type === 'file:progress' && event.doneBytes > 2) job.abort(new Error('enough'))
  await expect(job).rejects.toThrow('enough')
  const end = seen.at(-1)
  expect(end).toMatchObject({ type: 'job:end', outcome: 'aborted' })
  expect(end?.type === 'job:end' && end.fetchedBytes).toBeGreaterThan(2)
})

it('what is refused is told with its request, its attempt of how many, and the connection', async () => {
  const refusal = { kind: 'status', status: 503, headers: { 'x-request-id': 'req-42' } } as const
  const { hub, client, seen } = await useStage({ maxRetries: 2 })
  hub.addFault({ on: { path: /\/tree\// }, times: 1, fault: refusal })
  hub.addFault({ on: onData, fault: refusal })
  const error: unknown = await client.snapshot('acme/two').catch((error_: unknown) => error_)
  expect(seen).toContainEqual(
    expect.objectContaining({
      type: 'request:wait',
      reason: 'backoff',
      status: 503,
      failure: { attempt: 1, maxRetries: 2, code: 'HUB_SERVER_ERROR', requestId: 'req-42' },
    }),
  )
  const retries = seen.flatMap((event) => (event.type === 'file:retry' ? [event] : []))
  expect(retries.map(({ attempt }) => attempt)).toEqual(expect.arrayContaining([1, 2]))
  for (const retry of retries) {
    expect(retry.attempt).toBeLessThanOrEqual(retry.maxRetries)
    expect(retry).toMatchObject({ maxRetries: 2, requestId: 'req-42', lane: expect.any(Number) })
  }
  expect(seen).toContainEqual(
    expect.objectContaining({ type: 'file:end', path: 'model.bin', requestId: 'req-42' }),
  )
  expect(error).toMatchObject({
    failures: [
      {
        path: 'model.bin',
        error: { code: 'HUB_SERVER_ERROR', status: 503, requestId: 'req-42', attempts: 3 },
      },
    ],
  })
})

it('log records carry repository, commit, file, worker, attempt and request', async () => {
  const records: Record<string, unknown>[] = []
  const write = (message: string, fields: Readonly<Record<string, unknown>> = {}): void =>
    void records.push({ message, ...fields })
  const { hub, client } = await useStage({
    logger: { debug: write, info: write, warn: write, error: write },
    logLevel: 'debug',
    detailedLogs: true,
  })
  hub.addFault({
    on: onData,
    times: 1,
    fault: { kind: 'status', status: 503, headers: { 'x-request-id': 'req-43' } },
  })
  const { commit } = await client.snapshot('acme/two')
  const file = {
    repo_id: 'acme/two',
    commit,
    filename: 'model.bin',
    worker_id: expect.any(Number),
  }
  expect(records).toContainEqual(
    expect.objectContaining({ message: 'file started', ...file, size: 2 * MiB, resume_size: 0 }),
  )
  expect(records).toContainEqual(
    expect.objectContaining({
      message: 'range failed, trying again',
      ...file,
      attempt: 1,
      max_retries: 1,
      status_code: 503,
      error: 'HUB_SERVER_ERROR',
      request_id: 'req-43',
    }),
  )
  expect(records).toContainEqual(
    expect.objectContaining({ message: 'file ended', ...file, outcome: 'downloaded' }),
  )
})
