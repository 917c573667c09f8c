import { describe, expect, it } from 'vitest'

import { createApp, invoke, provide } from '../src/index.ts'
import { createTrial, failureOf, never } from './create-trial.ts'
import { A, B } from './tokens.ts'

describe('giving a stop up', () => {
  it('leaves a hook that hangs, even one that gives the stop up itself', async () => {
    const hurry = new AbortController()
    const { app, log } = createTrial({
      b: { onStop: () => (hurry.abort(new Error('hurry')), never()) },
    })
    await app.start()
    const error = await failureOf(app.stop({ signal: hurry.signal }))
    expect(error.message).toMatch(/"b" did not stop: hurry; "a" was not stopped: hurry/)
    expect(log.slice(3)).toEqual(['stop c'])
  })

  it('refuses a time for a hook that no timer can keep, and names the part', async () => {
    const { app } = createTrial({ b: { stopTimeoutMs: -1 } })
    const error = await failureOf(app.start())
    expect(error).toMatchObject({ code: 'HUB_INVALID_OPTION', path: ['invoke main', 'c', 'b'] })
  })
})

describe('giving a start up', () => {
  it('has a stop wait for the rollback of a start that failed', async () => {
    const { app, log } = createTrial({
      a: {
        async onStop() {
          await new Promise((resolve) => setImmediate(resolve))
          log.push('stop a, late')
        },
      },
      b: { onStart: () => Promise.reject(new Error('no')) },
    })
    const failure = failureOf(app.start())
    while (!log.includes('start a')) await Promise.resolve()
    for (let turn = 0; turn < 50; turn++) await Promise.resolve()
    await app.stop()
    expect(log).toEqual(['start a', 'stop a, late'])
    expect((await failure).message).toBe('"b" failed to start: no')
  })

  it('lets the reason of the caller pass through untouched, after the rollback', async () => {
    const caller = new AbortController()
    const reason = new Error('changed my mind')
    const { app, log } = createTrial({
      a: { onStop: () => Promise.reject(new Error((log.push('stop a'), 'a is stuck'))) },
      b: { onStart: () => (caller.abort(reason), never()) },
    })
    await expect(app.start({ signal: caller.signal })).rejects.toBe(reason)
    expect(log).toEqual(['start a', 'stop a'])
  })

  it('builds nothing for a signal that has aborted already', async () => {
    const { app, events } = createTrial()
    await expect(app.start({ signal: AbortSignal.abort('no') })).rejects.toBe('no')
    expect(events.filter((event) => event.type !== 'wire:add')).toEqual([])
  })

  it('rolls back when it is stopped while it starts, and the stop waits for that', async () => {
    const { app, log } = createTrial({ b: { onStart: never } })
    const failure = failureOf(app.start())
    await new Promise((resolve) => setImmediate(resolve))
    await app.stop()
    expect(log).toEqual(['start a', 'stop a'])
    expect((await failure).message).toMatch(/stopped while it was starting/)
  })

  it('releases what a build opens after it was given up, and builds nothing more', async () => {
    const log: string[] = []
    const caller = new AbortController()
    const gate = new AbortController()
    const app = createApp([
      provide(A, {}, async (_parts, lifecycle) => {
        await new Promise((resolve) => gate.signal.addEventListener('abort', resolve))
        lifecycle.onStop(() => void log.push('closed a'))
        return 'a'
      }),
      provide(B, { a: A }, () => (log.push('built b'), 'b')),
      invoke('main', { a: A, b: B }, () => {}),
    ])
    const started = app.start({ signal: caller.signal })
    await new Promise((resolve) => setImmediate(resolve))
    caller.abort('enough')
    await expect(started).rejects.toBe('enough')
    gate.abort()
    await new Promise((resolve) => setImmediate(resolve))
    expect(log).toEqual(['closed a'])
  })
})
