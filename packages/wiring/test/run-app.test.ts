import { EventEmitter } from 'node:events'

import { describe, expect, it } from 'vitest'

import {
  createApp,
  createTestApp,
  decorate,
  invoke,
  module,
  optional,
  privately,
  provide,
  replace,
  runApp,
  SHUTDOWN,
  type SignalSource,
  supply,
  token,
} from '../src/index.ts'
import { A, B } from './tokens.ts'

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('runApp', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('stops cleanly on %s and answers 0', async (signal) => {
    const log: string[] = []
    const process = new EventEmitter()
    const app = createApp([
      invoke('main', {}, (_parts, lifecycle) => lifecycle.onStop(() => void log.push('stopped'))),
    ])
    const running = runApp(app, process)
    await settle()
    expect(log).toEqual([])
    process.emit(signal)
    expect(await running).toEqual({ reason: signal, exitCode: 0 })
    expect(log).toEqual(['stopped'])
  })

  it('answers with the exit code of the part that ends the application', async () => {
    const app = createApp([
      invoke('main', { shutdown: SHUTDOWN }, ({ shutdown }) => {
        shutdown({ exitCode: 3, reason: 'nothing to do' })
        shutdown({ exitCode: 4 })
      }),
    ])
    const process = new EventEmitter()
    expect(await runApp(app, process)).toEqual({ exitCode: 3, reason: 'nothing to do' })
    await expect(app.whenShutdown()).resolves.toEqual({ exitCode: 3, reason: 'nothing to do' })
  })

  it('rolls a start back when a signal comes during it, and answers 128 + the number of the signal', async () => {
    const log: string[] = []
    const process = new EventEmitter()
    const app = createApp([
      invoke('main', {}, (_parts, lifecycle) => {
        lifecycle.onStop(() => void log.push('stopped'))
        lifecycle.append({ onStart: () => new Promise(() => {}) })
      }),
    ])
    const running = runApp(app, process)
    await settle()
    process.emit('SIGTERM')
    expect(await running).toEqual({ reason: 'SIGTERM', exitCode: 143 })
    expect(log).toEqual(['stopped'])
  })

  it('gives a stop up on the second signal', async () => {
    const process = new EventEmitter()
    const app = createApp([
      invoke('main', {}, (_parts, lifecycle) => lifecycle.onStop(() => new Promise(() => {}))),
    ])
    const running = runApp(app, process)
    await settle()
    process.emit('SIGINT')
    await settle()
    process.emit('SIGINT')
    await expect(running).rejects.toThrow('"main" did not stop: SIGINT was received')
  })

  it('leaves no listener behind, also when the start fails', async () => {
    const process = new EventEmitter()
    const app = createApp([invoke('main', {}, () => Promise.reject(new Error('no')))])
    await expect(runApp(app, process)).rejects.toThrow('no')
    expect(process.eventNames()).toEqual([])
  })

  it.skipIf(process.platform === 'win32')(
    'hears a real SIGTERM on the process of Node',
    async () => {
      const source: SignalSource = process
      const app = createApp([])
      const running = runApp(app, source)
      await settle()
      process.kill(process.pid, 'SIGTERM')
      expect(await running).toEqual({ reason: 'SIGTERM', exitCode: 0 })
    },
  )
})

describe('createTestApp', () => {
  it('starts an application with parts replaced wherever they are asked for, private ones too', async () => {
    const built: string[] = []
    const inner = module('m', [
      privately(provide(A, {}, () => (built.push('a'), 'real'))),
      provide(B, { a: A }, ({ a }) => `b of ${a}`),
    ])
    await using test = await createTestApp([inner], {
      replace: [replace(A, 'fake')],
      expose: { b: B },
    })
    expect(test.parts.b).toBe('b of fake')
    expect(built).toEqual([])
  })

  it('wins over decorators, and needs nothing of what only the original needs', async () => {
    await using test = await createTestApp(
      [
        module('m', [provide(A, { b: B }, () => 'real'), decorate(A, {}, () => 'decorated')]),
        supply(token<number>('n'), 1),
      ],
      { replace: [replace(A, 'fake')], expose: { a: A } },
    )
    expect(test.parts.a).toBe('fake')
  })

  it('stands in for a part that nobody provides', async () => {
    await using test = await createTestApp([provide(B, { a: A }, ({ a }) => `${a}!`)], {
      replace: [decorate(A, { n: optional(token<number>('n'), 1) }, ({ n }) => `fake ${n}`)],
      expose: { b: B },
    })
    expect(test.parts.b).toBe('fake 1!')
  })

  it('stops with its block and tells its events', async () => {
    const log: string[] = []
    {
      await using test = await createTestApp(
        [invoke('main', {}, (_parts, lifecycle) => lifecycle.onStop(() => void log.push('stop')))],
        {},
      )
      expect(test.events.at(-1)?.type).toBe('startup:end')
      expect(log).toEqual([])
    }
    expect(log).toEqual(['stop'])
  })

  it('refuses wires that replace nothing, and two that replace the same', async () => {
    await expect(createTestApp([], { replace: [supply(A, '')] })).rejects.toThrow(
      'replace() and decorate() only',
    )
    await expect(createTestApp([], { replace: [replace(A, ''), replace(A, '')] })).rejects.toThrow(
      '"a" is replaced twice',
    )
  })
})
