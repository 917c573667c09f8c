import { describe, expect, it } from 'vitest'

import {
  contribute,
  createApp,
  decorate,
  groupToken,
  type GroupToken,
  invoke,
  module,
  optional,
  privately,
  provide,
  replace,
  supply,
} from '../src/index.ts'
import { LOG, NUMBER, TEXT } from './tokens.ts'

const TEXTS: GroupToken<string, 'texts'> = groupToken('texts')

describe('modules, as fx has them', () => {
  it('provides what a nested module provides to everybody', async () => {
    const app = createApp([module('a', [module('b', [supply(NUMBER, 5)])])], {
      expose: { n: NUMBER },
    })
    expect(await app.start()).toEqual({ n: 5 })
  })

  it('runs the invokes of inner modules before those around them', async () => {
    const order: string[] = []
    const app = createApp([
      invoke('outer', {}, () => void order.push('outer')),
      module('m', [
        invoke('inner', {}, () => void order.push('inner')),
        module('n', [invoke('innermost', {}, () => void order.push('innermost'))]),
      ]),
      invoke('last', {}, () => void order.push('last')),
    ])
    await app.start()
    expect(order).toEqual(['innermost', 'inner', 'outer', 'last'])
  })

  it('lets a private part of the parent be used by the modules inside', async () => {
    let seen: number | undefined
    const app = createApp([
      privately(supply(NUMBER, 1)),
      module('sub', [invoke('look', { n: NUMBER }, ({ n }) => void (seen = n))]),
    ])
    await app.start()
    expect(seen).toBe(1)
  })

  it('lets each module have its own private part of the same token', async () => {
    const seen: number[] = []
    const lookAtNumber = invoke('look', { n: NUMBER }, ({ n }) => void seen.push(n))
    const app = createApp([
      module('a', [privately(supply(NUMBER, 1)), lookAtNumber]),
      module('b', [privately(provide(NUMBER, {}, () => 2)), lookAtNumber]),
      supply(NUMBER, 3),
      lookAtNumber,
    ])
    await app.start()
    expect(seen).toEqual([1, 2, 3])
  })
})

function look(name: string, seen: Record<string, string>) {
  return invoke(name, { log: LOG }, ({ log }) => void (seen[name] = log.name))
}

describe('decorate and replace, as fx has them', () => {
  it('decorates parts of inner modules for the module that decorates, not for those around it', async () => {
    const seen: Record<string, string> = {}
    const app = createApp([
      module('testRedis', [
        module('redis', [provide(LOG, {}, () => ({ name: 'redis' }))]),
        decorate(LOG, {}, () => ({ name: 'testRedis' })),
        look('inside', seen),
      ]),
      look('outside', seen),
    ])
    await app.start()
    expect(seen).toEqual({ inside: 'testRedis', outside: 'redis' })
  })

  it('does not build the original when the decorator does not ask for it', async () => {
    let built = false
    const seen: Record<string, string> = {}
    const app = createApp([
      module('child', [decorate(LOG, {}, () => ({ name: 'child' })), look('child', seen)]),
      provide(LOG, {}, () => ((built = true), { name: 'root' })),
    ])
    await app.start()
    expect([seen, built]).toEqual([{ child: 'child' }, false])
  })

  it('applies a decorator of the application to every module', async () => {
    const seen: Record<string, string> = {}
    const app = createApp([
      module('a', [look('a', seen)]),
      module('b', [provide(LOG, {}, () => ({ name: 'log' }))]),
      decorate(LOG, { log: LOG }, ({ log }) => ({ name: `decorated ${log.name}` })),
    ])
    await app.start()
    expect(seen).toEqual({ a: 'decorated log' })
  })

  it('stacks decorators from the outside inwards', async () => {
    const seen: Record<string, string> = {}
    const app = createApp([
      supply(LOG, { name: 'log' }),
      decorate(LOG, { log: LOG }, ({ log }) => ({ name: `${log.name} root` })),
      module('child', [
        decorate(LOG, { log: LOG }, ({ log }) => ({ name: `${log.name} child` })),
        look('child', seen),
      ]),
      look('root', seen),
    ])
    await app.start()
    expect(seen).toEqual({ child: 'log root child', root: 'log root' })
  })

  it('reaches the needs of parts that the decorating module provides, and not those of others', async () => {
    const seen: string[] = []
    const makeText = provide(TEXT, { log: LOG }, ({ log }) => log.name)
    const inside = createApp([
      supply(LOG, { name: 'root' }),
      module('child', [
        replace(LOG, { name: 'child' }),
        makeText,
        invoke('look', { text: TEXT }, ({ text }) => void seen.push(text)),
      ]),
    ])
    const outside = createApp([
      supply(LOG, { name: 'root' }),
      makeText,
      module('child', [
        replace(LOG, { name: 'child' }),
        invoke('look', { text: TEXT }, ({ text }) => void seen.push(text)),
      ]),
    ])
    await inside.start()
    await outside.start()
    expect(seen).toEqual(['child', 'root'])
  })

  it('replaces a value in a module before the part is provided elsewhere', async () => {
    const seen: Record<string, string> = {}
    const app = createApp([
      module('child', [replace(LOG, { name: 'A' }), look('child', seen)]),
      provide(LOG, {}, () => ({ name: 'a' })),
      look('root', seen),
    ])
    await app.start()
    expect(seen).toEqual({ child: 'A', root: 'a' })
  })

  it('leaves a private part alone when the part of the same name outside is decorated', async () => {
    const seen: Record<string, string> = {}
    const app = createApp([
      supply(LOG, { name: 'public' }),
      decorate(LOG, { log: LOG }, ({ log }) => ({ name: `decorated ${log.name}` })),
      module('m', [privately(supply(LOG, { name: 'own' })), look('m', seen)]),
      look('root', seen),
    ])
    await app.start()
    expect(seen).toEqual({ m: 'own', root: 'decorated public' })
  })

  it('lets a decorator have optional needs', async () => {
    const app = createApp(
      [
        supply(LOG, { name: 'log' }),
        decorate(LOG, { log: LOG, text: optional(TEXT) }, ({ log, text }) => ({
          name: text ?? log.name,
        })),
      ],
      { expose: { log: LOG } },
    )
    expect(await app.start()).toEqual({ log: { name: 'log' } })
  })

  it("reaches the needs of a group's members as well", async () => {
    const app = createApp(
      [
        supply(NUMBER, 1),
        module('one', [
          decorate(NUMBER, { n: NUMBER }, ({ n }) => n + 10),
          contribute(TEXTS, { n: NUMBER }, ({ n }) => `inside ${n}`),
        ]),
        contribute(TEXTS, { n: NUMBER }, ({ n }) => `outside ${n}`),
      ],
      { expose: { texts: TEXTS } },
    )
    expect(await app.start()).toEqual({ texts: ['inside 11', 'outside 1'] })
  })

  it('sees what its own needs were decorated to', async () => {
    const seen: string[] = []
    const app = createApp([
      supply(NUMBER, 1),
      supply(TEXT, 'plain'),
      module('one', [
        decorate(NUMBER, { n: NUMBER }, ({ n }) => n + 1),
        decorate(TEXT, { text: TEXT, n: NUMBER }, ({ text, n }) => `${text} ${n}`),
        invoke('look', { text: TEXT }, ({ text }) => void seen.push(text)),
      ]),
    ])
    await app.start()
    expect(seen).toEqual(['plain 2'])
  })

  it('that fails in an inner module ends the start, named with its module and its cause', async () => {
    const log: string[] = []
    const app = createApp([
      provide(NUMBER, {}, (_parts, lifecycle) => {
        lifecycle.onStop(() => void log.push('number is closed'))
        return 1
      }),
      module('outer', [
        module('inner', [
          decorate(NUMBER, { n: NUMBER }, () => Promise.reject(new Error('no such number'))),
          invoke('look', { n: NUMBER }, () => void log.push('looked')),
        ]),
        invoke('later', {}, () => void log.push('went on')),
      ]),
    ])
    await expect(app.start()).rejects.toMatchObject({
      code: 'HUB_WIRING',
      message: expect.stringMatching(
        /decorator of number \(module outer\/inner\).*no such number/s,
      ),
      cause: expect.objectContaining({ message: 'no such number' }),
    })
    expect(log).toEqual(['number is closed'])
  })
})
