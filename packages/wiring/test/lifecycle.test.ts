import { HubError } from '@hfx/core'
import { createManualClock } from '@hfx/testing'
import { describe, expect, it } from 'vitest'

import { createApp, invoke, provide, WiringError } from '../src/index.ts'
import { createTrial, failureOf, never } from './create-trial.ts'
import { A, B } from './tokens.ts'

describe('start and stop', () => {
  it('starts in build order and stops in reverse', async () => {
    const { app, log } = createTrial()
    await app.start()
    await app.stop()
    expect(log).toEqual(['start a', 'start b', 'start c', 'stop c', 'stop b', 'stop a'])
  })

  it('stops what was started when a start hook fails, not the one that failed', async () => {
    const cause = new HubError({ code: 'HUB_UNAUTHORIZED', message: 'bad token', hint: 'Log in.' })
    const { app, log } = createTrial({ b: { onStart: () => Promise.reject(cause) } })
    const error = await failureOf(app.start())
    expect(log).toEqual(['start a', 'stop a'])
    expect(error).toMatchObject({
      code: 'HUB_UNAUTHORIZED',
      message: '"b" failed to start: bad token',
      hint: 'Log in.',
      cause,
    })
  })

  it('reports the failed start first, then all that failed in its rollback', async () => {
    const { app } = createTrial({
      a: { onStop: () => Promise.reject(new Error('stop a')) },
      b: { onStop: () => Promise.reject(new Error('stop b')) },
      c: {
        onStart() {
          throw new Error('start c')
        },
      },
    })
    const error = await failureOf(app.start())
    expect(error.errors.map((each) => (each instanceof Error ? each.message : each))).toEqual([
      '"c" failed to start: start c',
      '"b" failed to stop: stop b',
      '"a" failed to stop: stop a',
    ])
  })

  it('runs every stop hook although some fail, and collects what they throw', async () => {
    const { app, log } = createTrial({
      b: { onStop: () => Promise.reject(new Error('stuck b')) },
      c: { onStop: () => Promise.reject(new Error('stuck c')) },
    })
    await app.start()
    const error = await failureOf(app.stop())
    expect(log).toContain('stop a')
    expect(error.errors).toHaveLength(2)
    expect(error.message).toBe(
      'The application did not stop cleanly: "c" failed to stop: stuck c; "b" failed to stop: stuck b',
    )
  })

  it('releases what a build opened when a later build fails', async () => {
    const log: string[] = []
    const app = createApp([
      provide(A, {}, (_parts, lifecycle) => {
        lifecycle.onStop(() => void log.push('closed a'))
        return 'a'
      }),
      provide(B, { a: A }, () => Promise.reject(new Error('no disk'))),
      invoke('main', { b: B }, () => {}),
    ])
    const error = await failureOf(app.start())
    expect(log).toEqual(['closed a'])
    expect(error.message).toBe('Could not build invoke main → b: no disk')
    expect(error.path).toEqual(['invoke main', 'b'])
  })

  it('does nothing when it is stopped before it was started, and stops once however often it is asked', async () => {
    const { app, log } = createTrial()
    await app.stop()
    await app.start()
    await Promise.all([app.stop(), app.stop()])
    await app.stop()
    expect(log.filter((line) => line === 'stop a')).toHaveLength(1)
  })

  it('has one life', async () => {
    const { app } = createTrial()
    await app.start()
    expect((await failureOf(app.start())).message).toMatch(/cannot be started: it is running/)
    await app.stop()
    expect((await failureOf(app.start())).message).toMatch(/cannot be started: it is stopped/)
  })

  it('ends with its block', async () => {
    const { app, log } = createTrial()
    {
      await using running = app
      await running.start()
      expect(log).not.toContain('stop a')
    }
    expect(log.at(-1)).toBe('stop a')
  })
})

describe('time', () => {
  it('gives the start up when its time is over, stops what was started and names the option', async () => {
    const { app, clock, log } = createTrial({ c: { onStart: never } })
    const failure = failureOf(app.start())
    await clock.advance(1_000)
    const error = await failure
    expect(error.message).toBe('The application did not start within 1000 ms')
    expect(error.hint).toMatch(/startTimeoutMs/)
    expect(log).toEqual(['start a', 'start b', 'stop b', 'stop a'])
  })

  it('tells a start hook by its signal that its own time is over', async () => {
    let heard: unknown
    const { app, clock } = createTrial({
      b: {
        startTimeoutMs: 100,
        onStart: ({ signal }) =>
          new Promise((resolve) => {
            signal.addEventListener('abort', () => ((heard = signal.reason), resolve()))
          }),
      },
    })
    const failure = failureOf(app.start())
    await clock.advance(100)
    expect((await failure).message).toBe('"b" did not start within 100 ms')
    expect(heard).toBeInstanceOf(WiringError)
  })

  it('leaves out the stop hooks for which there is no time, and names them', async () => {
    const { app, clock, log } = createTrial({ b: { onStop: never } })
    await app.start()
    const failure = failureOf(app.stop())
    await clock.advance(1_000)
    const error = await failure
    expect(log.slice(3)).toEqual(['stop c'])
    expect(error.message).toMatch(/"b" did not stop: .*1000 ms.*"a" was not stopped/)
  })

  it('goes on with the next stop hook when one had a time of its own', async () => {
    const { app, clock, log } = createTrial({ b: { onStop: never, stopTimeoutMs: 100 } })
    await app.start()
    const failure = failureOf(app.stop())
    await clock.advance(100)
    expect((await failure).errors).toHaveLength(1)
    expect(log.slice(3)).toEqual(['stop c', 'stop a'])
  })

  it('leaves no timer behind', async () => {
    const { app, clock } = createTrial({ a: { startTimeoutMs: 5, stopTimeoutMs: 5 } })
    await app.start()
    await app.stop()
    expect(clock.sleepers).toEqual([])
  })

  it('waits for ever when told to', async () => {
    const clock = createManualClock()
    const app = createApp([], {
      clock,
      startTimeoutMs: Number.POSITIVE_INFINITY,
      stopTimeoutMs: Number.POSITIVE_INFINITY,
    })
    await app.start()
    await app.stop()
    expect(clock.sleepers).toEqual([])
  })
})
