import { type HubEvent, systemClock } from '@hfx/core'
import { expect, it } from 'vitest'
import { type JobContext, startJob } from '../src/job.ts'

function start<T>(work: (context: JobContext) => Promise<T>, signal?: AbortSignal) {
  const heard: HubEvent[] = []
  let ids = 0
  const deps = {
    clock: systemClock,
    sink: (event: HubEvent) => void heard.push(event),
    newJobId: () => `job-${++ids}`,
  }
  return { job: startJob(deps, work, signal ? { signal } : {}), heard }
}

it('is awaited for its result and iterated for its events, from the first on', async () => {
  const { job, heard } = start(async ({ emit }) => {
    emit({ type: 'phase:start', phase: 'plan' })
    emit({ type: 'phase:end', phase: 'plan' })
    return 7
  })
  const seen: string[] = []
  for await (const event of job) seen.push(`${event.type} ${event.jobId} v${event.v}`)
  expect(seen).toEqual(['phase:start job-1 v1', 'phase:end job-1 v1'])
  expect(await job).toBe(7)
  expect(heard).toHaveLength(2)
})

it('NO-5: a job that fails while it is only iterated ends the iteration and rejects nobody else', async () => {
  const unhandled: unknown[] = []
  const listen = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', listen)
  const { job } = start(() => Promise.reject(new Error('no luck')))
  for await (const event of job) expect(event).toBeUndefined()
  await new Promise((resolve) => setTimeout(resolve, 20))
  process.off('unhandledRejection', listen)
  expect(unhandled).toEqual([])
  await expect(job).rejects.toThrow('no luck')
})

it('NO-2: abort rejects with the reason, by the handle and by the signal given', async () => {
  const waitForAbort = ({ signal }: JobContext): Promise<never> =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  const byHandle = start(waitForAbort)
  setImmediate(() => byHandle.job.abort(new Error('by hand')))
  await expect(byHandle.job).rejects.toThrow('by hand')
  const controller = new AbortController()
  const bySignal = start(waitForAbort, controller.signal)
  setImmediate(() => controller.abort(new Error('by signal')))
  await expect(bySignal.job).rejects.toThrow('by signal')
})

it('does no work when the signal was aborted before', async () => {
  let worked = false
  const { job } = start(
    async () => {
      worked = true
    },
    AbortSignal.abort(new Error('before')),
  )
  await expect(job).rejects.toThrow('before')
  expect(worked).toBe(false)
})

it('a slow reader gets every start and end but only the newest progress of a file', async () => {
  let finish: () => void = () => undefined
  const { job } = start(async ({ emit }) => {
    emit({ type: 'file:start', path: 'a', totalBytes: 10_000, resumedBytes: 0 })
    for (let doneBytes = 1; doneBytes <= 10_000; doneBytes++) {
      emit({ type: 'file:progress', path: 'a', doneBytes, totalBytes: 10_000, hashedBytes: 0 })
    }
    emit({
      type: 'file:end',
      path: 'a',
      outcome: 'downloaded',
      totalBytes: 10_000,
      fetchedBytes: 10_000,
      durationMs: 1,
    })
    await new Promise<void>((resolve) => {
      finish = resolve
    })
  })
  const events = job[Symbol.asyncIterator]()
  await new Promise((resolve) => setImmediate(resolve))
  const seen: HubEvent[] = []
  for (let left = 3; left > 0; left--) {
    const next: IteratorResult<HubEvent, undefined> = await events.next()
    if (!next.done) seen.push(next.value)
  }
  finish()
  expect((await events.next()).done).toBe(true)
  expect(seen.map((event) => event.type)).toEqual(['file:start', 'file:progress', 'file:end'])
  expect(seen[1]).toMatchObject({ doneBytes: 10_000 })
})
