import type { Logger } from '@hfx/core'
import { createManualClock } from '@hfx/testing'
import { describe, expect, it } from 'vitest'

import {
  createApp,
  invoke,
  logWiringEvents,
  module,
  privately,
  provide,
  supply,
  token,
  type Token,
  type WiringEvent,
} from '../src/index.ts'
import { A, B } from './tokens.ts'

function createTold(fail: boolean): { app: ReturnType<typeof createApp>; events: WiringEvent[] } {
  const events: WiringEvent[] = []
  const wires = [
    module('m', [privately(supply(A, 'a')), provide(B, { a: A }, buildB)]),
    invoke('main', { b: B }, () => {}),
  ] as const
  function buildB(_parts: object, lifecycle: Parameters<Parameters<typeof provide>[2]>[1]): string {
    lifecycle.append({
      name: 'server',
      onStart: () => (fail ? Promise.reject(new Error('port hf_abcdef0123 taken')) : undefined),
    })
    return 'b'
  }
  const onEvent = (event: WiringEvent): void => void events.push(event)
  return { app: createApp(wires, { onEvent, clock: createManualClock() }), events }
}

describe('wiring events', () => {
  it('tell each wire, build, hook, start and stop, with one end for each start', async () => {
    const { app, events } = createTold(false)
    await app.start()
    app.requestShutdown({ reason: 'done', exitCode: 3 })
    await app.stop()
    expect(events.map(summary)).toEqual([
      'wire:add m/a private',
      'wire:add m/b',
      'wire:add main',
      'wire:add shutdown',
      'startup:start',
      'build:start main',
      'build:start m/b',
      'build:start m/a',
      'build:end m/a done',
      'build:end m/b done',
      'build:end main done',
      'build:start app',
      'build:end app done',
      'hook:start m/b start server',
      'hook:end m/b start server done',
      'startup:end done',
      'shutdown:request done 3',
      'shutdown:start',
      'shutdown:end done',
    ])
  })

  it('tell a rollback and why, without secrets', async () => {
    const { app, events } = createTold(true)
    await expect(app.start()).rejects.toThrow('taken')
    expect(events.map(summary).slice(-5)).toEqual([
      'hook:start m/b start server',
      'hook:end m/b start server failed',
      'rollback:start',
      'rollback:end done',
      'startup:end failed',
    ])
    expect(JSON.stringify(events)).toContain('port <redacted> taken')
    expect(JSON.stringify(events)).not.toContain('hf_abcdef0123')
  })

  it('are written to a logger: steps as info, failures as errors, the rest as debug', async () => {
    const lines: string[] = []
    const note = (level: string) => (message: string) => void lines.push(`${level} ${message}`)
    const logger: Logger = {
      debug: note('debug'),
      info: note('info'),
      warn: note('warn'),
      error: note('error'),
    }
    const app = createApp([invoke('main', {}, () => Promise.reject(new Error('no')))], {
      onEvent: logWiringEvents(logger),
    })
    await expect(app.start()).rejects.toThrow('Could not run invoke main: no')
    expect(lines).toEqual([
      'debug wiring wire:add',
      'debug wiring wire:add',
      'info wiring startup:start',
      'debug wiring build:start',
      'error wiring build:end',
      'warn wiring rollback:start',
      'warn wiring rollback:end',
      'error wiring startup:end',
    ])
  })

  it('go to a logger among the parts, from the very first', async () => {
    const lines: string[] = []
    const note = (message: string): void => void lines.push(message)
    const LOG: Token<Logger, 'log'> = token('log')
    const app = createApp(
      [
        provide(LOG, { a: A }, () => ({ debug: note, info: note, warn: note, error: note })),
        supply(A, 'a'),
        invoke('main', {}, () => void lines.push('main runs')),
      ],
      { logTo: LOG },
    )
    expect(lines).toEqual([])
    await app.start()
    expect(lines.slice(0, 2)).toEqual(['wiring wire:add', 'wiring wire:add'])
    expect(lines.indexOf('wiring startup:start')).toBeLessThan(lines.indexOf('main runs'))
    expect(lines.at(-1)).toBe('wiring startup:end')
  })

  it('need no logger that nobody provides', () => {
    const LOG: Token<Logger, 'log'> = token('log')
    expect(() => createApp([], { logTo: LOG })).toThrow('Nothing provides "log"')
  })

  it('a logger that cannot be built ends the start, and is named', async () => {
    const LOG: Token<Logger, 'log'> = token('log')
    const app = createApp(
      [
        provide(LOG, {}, (): Logger => {
          throw new Error('no such folder')
        }),
        invoke('main', {}, () => {}),
      ],
      { logTo: LOG },
    )
    await expect(app.start()).rejects.toThrow(/log.*no such folder/s)
  })

  it('do no harm when the listener throws', async () => {
    const app = createApp([supply(A, 'a')], {
      expose: { a: A },
      onEvent() {
        throw new Error('the log is full')
      },
    })
    expect(await app.start()).toEqual({ a: 'a' })
    await app.stop()
  })
})

function summary(event: WiringEvent): string {
  const words: string[] = [event.type]
  if ('part' in event) words.push(event.module ? `${event.module}/${event.part}` : event.part)
  if ('isPrivate' in event && event.isPrivate) words.push('private')
  if ('hook' in event) words.push(event.phase, event.hook)
  if ('outcome' in event) words.push(event.outcome)
  if ('exitCode' in event) words.push(event.reason, `${event.exitCode}`)
  return words.join(' ')
}
