import { describe, expect, it } from 'vitest'

import {
  contribute,
  createApp,
  decorate,
  firstOf,
  groupToken,
  type GroupToken,
  invoke,
  module,
  optional,
  privately,
  provide,
  replace,
  supply,
  token,
  type Token,
} from '../src/index.ts'

const NUMBER: Token<number, 'number'> = token('number')
const TEXT: Token<string, 'text'> = token('text')
const LOG: Token<{ readonly name: string }, 'log'> = token('log')
const DRINKS: GroupToken<string, 'drinks'> = groupToken('drinks')

describe('provide, supply, invoke', () => {
  it('builds a part once, however many need it', async () => {
    let builds = 0
    const app = createApp(
      [
        provide(NUMBER, {}, () => ++builds),
        provide(TEXT, { n: NUMBER }, ({ n }) => `${n}`),
        invoke('first', { n: NUMBER }, () => {}),
        invoke('second', { n: NUMBER, t: TEXT }, () => {}),
      ],
      { expose: { text: TEXT } },
    )
    expect(await app.start()).toEqual({ text: '1' })
    expect(builds).toBe(1)
  })

  it('builds only what invokes and exposed parts need', async () => {
    const built: string[] = []
    const app = createApp([
      provide(NUMBER, {}, () => (built.push('number'), 1)),
      provide(TEXT, {}, () => (built.push('text'), '')),
      invoke('main', { n: NUMBER }, () => {}),
    ])
    await app.start()
    expect(built).toEqual(['number'])
  })

  it('builds nothing before the start, and in the order in which parts need each other', async () => {
    const built: string[] = []
    const app = createApp([
      invoke('main', { text: TEXT }, () => void built.push('main')),
      provide(TEXT, { n: NUMBER }, async () => (built.push('text'), '')),
      provide(NUMBER, {}, async () => (built.push('number'), 1)),
    ])
    expect(built).toEqual([])
    await app.start()
    expect(built).toEqual(['number', 'text', 'main'])
  })

  it('waits for parts whose build is asynchronous', async () => {
    const app = createApp([provide(NUMBER, {}, () => Promise.resolve(7))], {
      expose: { n: NUMBER },
    })
    expect(await app.start()).toEqual({ n: 7 })
  })

  it('keeps two applications of the same wires apart', async () => {
    let builds = 0
    const wires = [provide(NUMBER, {}, () => ++builds)] as const
    const one = createApp(wires, { expose: { n: NUMBER } })
    const two = createApp(wires, { expose: { n: NUMBER } })
    expect([await one.start(), await two.start()]).toEqual([{ n: 1 }, { n: 2 }])
  })

  it('lets a supplied undefined be a part', async () => {
    const MAYBE: Token<string | undefined, 'maybe'> = token('maybe')
    const app = createApp([supply(MAYBE, undefined)], { expose: { m: MAYBE } })
    expect(await app.start()).toEqual({ m: undefined })
  })
})

describe('optional and named parts', () => {
  const HUB_LOGGER: Token<{ readonly name: string }, 'hub_logger'> = token('hub_logger')
  const need = firstOf(HUB_LOGGER, optional(LOG, { name: 'silent' }))

  it('answers with undefined or the fallback when nobody provides the part', async () => {
    const app = createApp([], { expose: { n: optional(NUMBER), m: optional(NUMBER, 3) } })
    expect(await app.start()).toEqual({ n: undefined, m: 3 })
  })

  it('answers with the part when somebody does', async () => {
    const app = createApp([supply(NUMBER, 0)], { expose: { n: optional(NUMBER, 3) } })
    expect(await app.start()).toEqual({ n: 0 })
  })

  it('takes hub_logger first, then the logger, then the fallback', async () => {
    const named = createApp([supply(HUB_LOGGER, { name: 'hub' }), supply(LOG, { name: 'log' })], {
      expose: { need },
    })
    const plain = createApp([supply(LOG, { name: 'log' })], { expose: { need } })
    const none = createApp([], { expose: { need } })
    expect([await named.start(), await plain.start(), await none.start()]).toEqual([
      { need: { name: 'hub' } },
      { need: { name: 'log' } },
      { need: { name: 'silent' } },
    ])
  })

  it('names every part that would do when all are missing', () => {
    expect(() => createApp([invoke('main', { log: firstOf(HUB_LOGGER, LOG) }, () => {})])).toThrow(
      'Nothing provides "hub_logger" or "log"',
    )
  })
})

describe('groups', () => {
  it('collects members of all modules in the order of the wires', async () => {
    const app = createApp(
      [
        contribute(DRINKS, {}, () => 'tea'),
        module('cafe', [contribute(DRINKS, { n: NUMBER }, ({ n }) => `coffee ${n}`)]),
        contribute(DRINKS, {}, () => 'water'),
        supply(NUMBER, 2),
      ],
      { expose: { drinks: DRINKS } },
    )
    expect(await app.start()).toEqual({ drinks: ['tea', 'coffee 2', 'water'] })
  })

  it('is an empty list when nobody contributes', async () => {
    const app = createApp([], { expose: { drinks: DRINKS } })
    expect(await app.start()).toEqual({ drinks: [] })
  })

  it('can be decorated and replaced as a whole', async () => {
    const seen: (readonly string[])[] = []
    const app = createApp(
      [
        contribute(DRINKS, {}, () => 'tea'),
        module('loud', [
          decorate(DRINKS, { drinks: DRINKS }, ({ drinks }) => drinks.map((d) => d.toUpperCase())),
          invoke('look', { drinks: DRINKS }, ({ drinks }) => void seen.push(drinks)),
        ]),
        module('other', [
          replace(DRINKS, ['x']),
          invoke('look', { drinks: DRINKS }, ({ drinks }) => void seen.push(drinks)),
        ]),
      ],
      { expose: { drinks: DRINKS } },
    )
    expect(await app.start()).toEqual({ drinks: ['tea'] })
    expect(seen).toEqual([['TEA'], ['x']])
  })

  it('shows private members inside their module only', async () => {
    const seen: (readonly string[])[] = []
    const app = createApp(
      [
        contribute(DRINKS, {}, () => 'tea'),
        module('bar', [
          privately(contribute(DRINKS, {}, () => 'gin')),
          invoke('look', { drinks: DRINKS }, ({ drinks }) => void seen.push(drinks)),
        ]),
      ],
      { expose: { drinks: DRINKS } },
    )
    expect(await app.start()).toEqual({ drinks: ['tea'] })
    expect(seen).toEqual([['tea', 'gin']])
  })
})

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
    const look = invoke('look', { n: NUMBER }, ({ n }) => void seen.push(n))
    const app = createApp([
      module('a', [privately(supply(NUMBER, 1)), look]),
      module('b', [privately(provide(NUMBER, {}, () => 2)), look]),
      supply(NUMBER, 3),
      look,
    ])
    await app.start()
    expect(seen).toEqual([1, 2, 3])
  })
})

describe('decorate and replace, as fx has them', () => {
  const look = (name: string, seen: Record<string, string>) =>
    invoke(name, { log: LOG }, ({ log }) => void (seen[name] = log.name))

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
})
