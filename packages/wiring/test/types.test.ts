import { describe, expect, expectTypeOf, it } from 'vitest'

import {
  type App,
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
  SHUTDOWN,
  supply,
  token,
  type Token,
  type Wire,
} from '../src/index.ts'

interface Store {
  readonly root: string
}
interface Api {
  list(): string[]
}
interface Hub {
  readonly url: string
}

const STORE: Token<Store, 'store'> = token('store')
const API: Token<Api, 'api'> = token('api')
const HUB: Token<Hub, 'hub'> = token('hub')
const CHECKS: GroupToken<() => boolean, 'checks'> = groupToken('checks')

/** A function as packages have them: its dependencies are the `needs` of its provider. */
function createHub(deps: { readonly api: Api; readonly store: Store }): Hub {
  return { url: deps.store.root + deps.api.list().join('') }
}

const provideHub = provide(HUB, { api: API, store: STORE }, createHub)
const supplyApi = supply(API, { list: () => [] })
const supplyStore = supply(STORE, { root: '/' })

// Each `@ts-expect-error` is an assertion of the type checker: the test is `tsc`, which fails when the line compiles.
describe('the compiler', () => {
  it('refuses a wire of the wrong type, a missing one and a part of the wrong type', () => {
    // @ts-expect-error the store is wired where the api belongs
    provide(HUB, { api: STORE, store: STORE }, createHub)
    // @ts-expect-error the store is not wired
    provide(HUB, { api: API }, createHub)
    // @ts-expect-error a hub is not a store
    provide(STORE, { api: API, store: STORE }, createHub)
    // @ts-expect-error a group is contributed to, not provided
    provide(CHECKS, {}, () => [])
    // @ts-expect-error a number is no check
    contribute(CHECKS, {}, () => 1)
    // @ts-expect-error a store has a root
    supply(STORE, {})
    // @ts-expect-error a store has a root
    replace(STORE, {})
    // @ts-expect-error an optional part may be missing
    provide(HUB, { api: API, store: optional(STORE) }, createHub)
    // @ts-expect-error only parts can be private
    privately(invoke('x', {}, () => {}))
    expectTypeOf(provideHub).toExtend<Wire<'hub', 'api' | 'store'>>()
  })

  it('refuses an application with a missing part and names it', () => {
    // @ts-expect-error nothing provides "store"
    expect(() => createApp([provideHub, supplyApi, invoke('x', { hub: HUB }, () => {})])).toThrow(
      '"store"',
    )
    // @ts-expect-error nothing provides "hub"
    expect(() => createApp([], { expose: { hub: HUB } })).toThrow('"hub"')
    // @ts-expect-error nothing provides what is replaced
    expect(() => createApp([replace(STORE, { root: '' })])).toThrow('"store"')
    const inner = module('m', [privately(supplyStore)])
    // @ts-expect-error the store is private to its module
    expect(() => createApp([inner, invoke('x', { s: STORE }, () => {})])).toThrow('"store"')
  })

  it('takes a complete application, whatever its modules, groups and optional parts', () => {
    const disk = module('disk', [supplyStore, privately(supply(token<number>('n'), 1))])
    const app = createApp(
      [
        module('net', [supplyApi, provideHub]),
        disk,
        decorate(STORE, { store: STORE }, ({ store }) => store),
        decorate(CHECKS, { checks: CHECKS }, ({ checks }) => checks),
        invoke('x', { checks: CHECKS, stop: SHUTDOWN }, () => {}),
      ],
      { expose: { hub: HUB, maybe: optional(HUB) } },
    )
    type Started = Awaited<ReturnType<typeof app.start>>
    expectTypeOf<Started>().toEqualTypeOf<{ readonly hub: Hub; readonly maybe: Hub | undefined }>()
  })

  it('adds up what a module gives and asks for, and lets a declaration claim less, never more', () => {
    const net = module('net', [provideHub, supplyApi])
    expectTypeOf(net).toExtend<Wire<'hub' | 'api', 'store'>>()
    const less: Wire<'hub', 'store' | 'config'> = net
    // @ts-expect-error it gives no store
    const more: Wire<'hub' | 'store', 'store'> = net
    // @ts-expect-error it asks for the store
    const free: Wire<'hub'> & Wire<'hub', never> = net
    expect([less, more, free]).toHaveLength(3)
  })

  it('keeps tokens of different types apart in both directions', () => {
    // @ts-expect-error a token can be written through, so it is no token of a wider type
    const wider: Token<object, 'store'> = STORE
    // @ts-expect-error nor of a narrower one
    const narrower: Token<Store & { readonly more: 1 }, 'store'> = STORE
    expect([wider, narrower]).toEqual([STORE, STORE])
  })

  it('gives start no parts when none were asked for', () => {
    expectTypeOf(createApp([])).toEqualTypeOf<App<Readonly<Record<string, never>>>>()
  })
})
