import {
  type BuildContext,
  createPartNode,
  type Link,
  type NeedPlan,
  type PartKey,
  type PartNode,
  type Recipe,
  type Viewpoint,
} from './part-node.ts'
import type { Scope } from './scope.ts'
import { WiringError } from './wiring-error.ts'

export const plan: unique symbol = Symbol('hfx.wiring.plan')
export const slot: unique symbol = Symbol('hfx.wiring.slot')
export const members: unique symbol = Symbol('hfx.wiring.members')
export const listIn: unique symbol = Symbol('hfx.wiring.listIn')
declare const requires: unique symbol

/** Something a part can ask for: a token, a group, or one of them made optional. */
export interface Need<out T, out Requires extends string = string> {
  readonly [plan]: NeedPlan<T>
  /** Only for the compiler: the name that somebody has to provide. */
  readonly [requires]?: Requires
}

/** What a scope holds under a token. */
export interface SlotEntry<T> {
  readonly provider?: PartNode<T>
  readonly decorator?: PartNode<T>
  /** On the root scope only: a test's replacement, seen from everywhere. */
  readonly override?: PartNode<T>
}

/** A name with a type. Its values live behind the token itself, one slot per scope, so a lookup needs no cast. */
export interface Keyed<
  in out T,
  out Name extends string = string,
  out Requires extends string = string,
> extends Need<T, Requires> {
  readonly name: Name
  readonly [slot]: WeakMap<Scope, SlotEntry<T>>
  /** Of a group: its list as seen from a scope, there even when nobody contributes. */
  readonly [listIn]?: (home: Scope) => PartNode<T>
}

/** A typed name for one part of the application. */
export interface Token<in out T, out Name extends string = string> extends Keyed<T, Name, Name> {
  readonly kind: 'part'
}

/** A typed name for many parts of one kind. Asked for, it is the list of them, empty when there are none. */
export interface GroupToken<in out T, out Name extends string = string> extends Keyed<
  readonly T[],
  Name,
  never
> {
  readonly kind: 'group'
  readonly [members]: WeakMap<Scope, readonly PartNode<T>[]>
}

/**
 * A name for a part of type `T`. State both in the type, so that a missing wire is a compile error:
 * `export const STORE: Token<FileStore, 'store'> = token('store')`. A second part of the same type is a second token.
 */
export function token<T, const Name extends string = string>(name: Name): Token<T, Name> {
  const slots = new WeakMap<Scope, SlotEntry<T>>()
  const key = createKey(name, slots)
  return { name, kind: 'part', [slot]: slots, [plan]: requiredPlan(key) }
}

/** A name for many parts of type `T`; each `contribute` adds one, in the order of the wires. */
export function groupToken<T, const Name extends string = string>(name: Name): GroupToken<T, Name> {
  const slots = new WeakMap<Scope, SlotEntry<readonly T[]>>()
  const key = createKey(name, slots)
  const own = new WeakMap<Scope, readonly PartNode<T>[]>()
  const none: readonly T[] = []
  return {
    name,
    kind: 'group',
    [slot]: slots,
    [members]: own,
    [listIn]: (home) => createListNode(name, own, home),
    [plan]: {
      keys: [key],
      required: false,
      resolve: async (view, context) => (await key.find(view)?.build(context)) ?? none,
    },
  }
}

/** A part that may be missing: `undefined` then, or the fallback. */
export function optional<T>(part: Token<T>): Need<T | undefined, never>
/** A part that may be missing: the fallback then. */
export function optional<T>(part: Token<T>, fallback: NoInfer<T>): Need<T, never>
export function optional<T>(part: Token<T>, fallback?: T): Need<T | undefined, never> {
  return firstOf(part, valueNeed(fallback))
}

/** The named part if somebody provides it, else the next one: `firstOf(HUB_LOGGER, optional(LOGGER, silentLogger))`. */
export function firstOf<T, U>(part: Token<T>, next: Need<U>): Need<T | U, never> {
  const first = part[plan]
  const second = next[plan]
  const keys = [...first.keys, ...second.keys]
  const resolve = (view: Viewpoint, context: BuildContext): Promise<T | U> =>
    first.keys.some((key) => key.find(view))
      ? first.resolve(view, context)
      : second.resolve(view, context)
  return { [plan]: { keys, required: second.required, resolve } }
}

/** The identity under which a token is found; `find` is the whole rule of visibility and decoration. */
export interface TypedKey<out T> extends PartKey {
  find(view: Viewpoint): PartNode<T> | undefined
}

function createKey<T>(name: string, slots: WeakMap<Scope, SlotEntry<T>>): TypedKey<T> {
  const key: TypedKey<T> = { name, find: (view) => findNode(key, slots, view) }
  return key
}

function findNode<T>(
  key: PartKey,
  slots: WeakMap<Scope, SlotEntry<T>>,
  view: Viewpoint,
): PartNode<T> | undefined {
  // A decorator sees the value beneath itself, but with the decorations of the modules around its own.
  const beneath = view.undecorated === key ? view.scope : undefined
  const override = slots.get(view.scope.root)?.override
  return override && !beneath ? override : findNearest(slots, view.scope, beneath)
}

/** The innermost decorator between the asking scope and the one that provides; the provider when there is none. */
function findNearest<T>(
  slots: WeakMap<Scope, SlotEntry<T>>,
  from: Scope,
  beneath: Scope | undefined,
): PartNode<T> | undefined {
  const seen = outwards(from).map((scope) => ({ scope, entry: slots.get(scope) }))
  const home = seen.findIndex(({ entry }) => entry?.provider)
  if (home < 0) return undefined
  const around = seen.slice(0, home + 1)
  const decorated = around.find(({ scope, entry }) => scope !== beneath && entry?.decorator)
  return decorated?.entry?.decorator ?? seen[home]?.entry?.provider
}

function outwards(scope: Scope): readonly Scope[] {
  return scope.parent ? [scope, ...outwards(scope.parent)] : [scope]
}

/** The members that everybody sees, then those of the modules inwards to `home`. */
function createListNode<T>(
  name: string,
  own: WeakMap<Scope, readonly PartNode<T>[]>,
  home: Scope,
): PartNode<readonly T[]> {
  const gather = (): readonly PartNode<T>[] =>
    outwards(home)
      .toReversed()
      .flatMap((scope) => own.get(scope) ?? [])
  const recipe: Recipe<readonly T[]> = {
    kind: 'group',
    plans: [],
    async make(_view, context) {
      const list: T[] = []
      for (const member of gather()) list.push(await member.build(context))
      return list
    },
  }
  const links = (): readonly Link[] =>
    gather().map((target) => ({ names: [target.name], required: true, target }))
  const place = { name, scope: home, isPrivate: home !== home.root }
  return { ...createPartNode(recipe, place), links }
}

function requiredPlan<T>(key: TypedKey<T>): NeedPlan<T> {
  return {
    keys: [key],
    required: true,
    resolve(view, context) {
      const node = key.find(view)
      // The graph is checked before anything is built, so this is a part that asks for what it did not declare.
      if (!node)
        throw new WiringError({ code: 'HUB_WIRING', message: `No part "${key.name}" here` })
      return node.build(context)
    },
  }
}

function valueNeed<T>(value: T): Need<T, never> {
  return { [plan]: { keys: [], required: false, resolve: () => Promise.resolve(value) } }
}
