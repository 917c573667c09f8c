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
import { LOG, NUMBER, TEXT } from './tokens.ts'

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
