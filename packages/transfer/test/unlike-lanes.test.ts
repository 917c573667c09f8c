import { describe, expect, it } from 'vitest'
import { createGate } from './support/gate.ts'
import { refusal } from './support/http-errors.ts'
import type { ScriptedRequest } from './support/scripted-reader.ts'
import { failAll, openStage, serve, serveRest } from './support/scripted-stage.ts'

const kib = 1024
/** Waits long, and hears no silence meanwhile. */
const patient = { retryWaitMs: 10_000, stallTimeoutMs: 100_000 }

describe('a slow connection', () => {
  it('ST-2: is replaced more and more rarely where it is the line that is slow', async () => {
    const { requests, clock, fetch } = openStage({ connections: 1, partBytes: 1024 * kib })
    const { over } = fetch(1)
    await clock.advance(0)
    for (let second = 0; second < 600; second += 1) {
      requests.at(-1)?.send(1000)
      await clock.advance(1000)
    }
    expect(requests.map(({ range }) => range.freshConnection)).toEqual([
      false,
      true,
      true,
      true,
      true,
    ])
    serveFrom(requests.at(-1), 1024 * kib - 600_000)
    expect(await over).toBe('done')
  })

  it('ST-5: shares what it has left with an idle lane; no byte comes twice, and its socket is closed', async () => {
    const { requests, clock, fetch } = openStage({ connections: 2, partBytes: 4096 * kib })
    const { over, task } = fetch(1)
    await clock.advance(0)
    await drip({ clock }, [requests[0]], 1)
    expect(requests).toHaveLength(2)
    const from = requests[1]?.range.start ?? 0
    expect(requests[1]?.range).toMatchObject({ end: 4096 * kib, freshConnection: false })
    serve(requests[1])
    // The server knows nothing of it and sends on.
    requests[0]?.send(from - 100_000 + 5000)
    expect(requests[0]?.aborted).toBe(true)
    expect(await over).toBe('done')
    expect(task.totals.fetchedBytes).toBe(4096 * kib)
  })
})

it('a lane that waits for a reason of our own is not judged by the speed of others', async () => {
  const stage = openStage({ connections: 2, partBytes: 16_384 * kib })
  const { requests, clock } = stage
  const gate = createGate()
  const paused = stage.fetch(1, { gate })
  const other = stage.fetch(1)
  await clock.advance(0)
  await drip(stage, requests, 4)
  gate.set(true)
  for (let quarter = 0; quarter < 16; quarter += 1) {
    requests[1]?.send(1_000_000)
    await clock.advance(250)
  }
  expect(requests.map(({ aborted }) => aborted)).toEqual([false, false])
  gate.set(false)
  serveFrom(requests[0], 16_384 * kib - 400_000)
  serveFrom(requests[1], 16_384 * kib)
  expect([await paused.over, await other.over]).toEqual(['done', 'done'])
})

describe('an idle lane takes nothing', () => {
  it('of a file whose bytes must come in order', async () => {
    const stage = openStage({ partBytes: 4096 * kib })
    const { over } = stage.fetch(1, { splittable: false })
    await stage.clock.advance(0)
    await drip(stage, [stage.requests[0]], 5)
    expect(stage.requests).toHaveLength(1)
    serveFrom(stage.requests[0], 4096 * kib - 500_000)
    expect(await over).toBe('done')
  })

  it('of a file that comes whole, because its server does no ranges', async () => {
    const stage = openStage({ partBytes: 4096 * kib })
    const { over } = stage.fetch(2)
    await stage.clock.advance(0)
    stage.requests[0]?.sendWhole(1)
    await drip(stage, [stage.requests[0]], 5)
    expect(stage.requests).toHaveLength(2)
    serveFrom(stage.requests[0], 8192 * kib - 500_001)
    expect(await over).toBe('done')
  })

  it('of a range while others are held back: a server in trouble gets no more requests', async () => {
    const stage = openStage({ ...patient, partBytes: 4096 * kib })
    const { over } = stage.fetch(8)
    await stage.clock.advance(0)
    failAll(stage.requests.slice(0, 3), refusal(500))
    await drip(stage, [stage.requests[3]], 3)
    expect(stage.requests).toHaveLength(4)
    serveFrom(stage.requests[3], 4096 * kib - 300_000)
    await stage.clock.advance(0)
    expect(stage.requests[3]?.aborted).toBe(false)
    await stage.clock.advance(20_000)
    await serveRest(stage, 4)
    expect(await over).toBe('done')
  })

  it('but of the range of which most is left', async () => {
    const stage = openStage({ connections: 3, partBytes: 4096 * kib })
    const { over } = stage.fetch(2)
    await stage.clock.advance(0)
    stage.requests[0]?.send(2048 * kib)
    await drip(stage, stage.requests.slice(0, 2), 1)
    expect(stage.requests[2]?.range.start).toBeGreaterThan(4096 * kib)
    serve(stage.requests[2])
    serveFrom(stage.requests[0], 2048 * kib - 100_000)
    serveFrom(stage.requests[1], 4096 * kib)
    await stage.clock.advance(0)
    await serveRest(stage, 3)
    expect(await over).toBe('done')
  })
})

/** Some seconds of so many bytes a second from each of them. */
async function drip(
  { clock }: Pick<ReturnType<typeof openStage>, 'clock'>,
  requests: readonly (ScriptedRequest | undefined)[],
  seconds: number,
): Promise<void> {
  for (let quarter = 0; quarter < 4 * seconds; quarter += 1) {
    for (const request of requests) request?.send(25_000)
    await clock.advance(250)
  }
}

function serveFrom(request: ScriptedRequest | undefined, bytes: number): void {
  request?.send(bytes)
  request?.end()
}
