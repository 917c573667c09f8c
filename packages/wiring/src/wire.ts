import type { Lifecycle } from './hook.ts'
import type { Recipe } from './part-node.ts'
import { type Needs, type Parts, plansOf, type RequiresOfNeeds, resolveParts } from './parts.ts'
import type { GroupToken, Keyed, Token } from './token.ts'

export const addTo: unique symbol = Symbol('hfx.wiring.addTo')
export const addPrivatelyTo: unique symbol = Symbol('hfx.wiring.addPrivatelyTo')
declare const gives: unique symbol
declare const hides: unique symbol
declare const asks: unique symbol

/** Takes the wires of an application in, whatever the types of their parts. */
export interface Registrar {
  provide<T>(token: Keyed<T>, recipe: Recipe<T>, isPrivate: boolean): void
  contribute<T>(group: GroupToken<T>, recipe: Recipe<T>, isPrivate: boolean): void
  decorate<T>(token: Keyed<T>, recipe: Recipe<T>): void
  invoke(name: string, recipe: Recipe<void>): void
  module(name: string, wires: readonly AnyWire[]): void
}

/**
 * One statement about an application. `Gives` and `Asks` are the names of the parts it provides and needs; the compiler
 * adds them up. A wire may be typed to give less or ask for more than it does, never the other way round.
 */
export interface Wire<
  in Gives extends string = never,
  out Asks extends string = string,
  in Hides extends string = never,
> {
  readonly [addTo]: (registrar: Registrar) => void
  readonly [gives]?: (name: Gives) => void
  readonly [hides]?: (name: Hides) => void
  readonly [asks]?: Asks
}

/** A wire of which nothing is known until the application is created. */
export type AnyWire = Wire

/** A wire that provides one part, and can be made private. */
export interface PartWire<
  in Gives extends string = never,
  out Asks extends string = string,
> extends Wire<Gives, Asks> {
  readonly [addPrivatelyTo]: (registrar: Registrar) => void
}

/** Builds a part: from its dependencies, or from them and a lifecycle to hang its start and stop on. */
export type BuildPart<N extends Needs, T> = (
  parts: Parts<N>,
  lifecycle: Lifecycle,
) => T | Promise<T>

/** How to build a part. `needs` is the `XDeps` of the function it calls, so a wrong wire does not compile. */
export function provide<T, const Name extends string, const N extends Needs>(
  token: Token<T, Name>,
  needs: N,
  build: BuildPart<N, NoInfer<T>>,
): PartWire<Name, RequiresOfNeeds<N>> {
  const recipe = createRecipe<N, T>('provide', needs, build)
  return {
    [addTo]: (registrar) => registrar.provide(token, recipe, false),
    [addPrivatelyTo]: (registrar) => registrar.provide(token, recipe, true),
  }
}

/** A part that exists already. Who made it stops it. */
export function supply<T, const Name extends string>(
  token: Token<T, Name>,
  value: NoInfer<T>,
): PartWire<Name, never> {
  const recipe = valueRecipe<T>('supply', value)
  return {
    [addTo]: (registrar) => registrar.provide(token, recipe, false),
    [addPrivatelyTo]: (registrar) => registrar.provide(token, recipe, true),
  }
}

/** One more member of a group. */
export function contribute<T, const N extends Needs>(
  group: GroupToken<T>,
  needs: N,
  build: BuildPart<N, NoInfer<T>>,
): PartWire<never, RequiresOfNeeds<N>> {
  const recipe = createRecipe<N, T>('contribute', needs, build)
  return {
    [addTo]: (registrar) => registrar.contribute(group, recipe, false),
    [addPrivatelyTo]: (registrar) => registrar.contribute(group, recipe, true),
  }
}

/**
 * A part as this module and the modules inside it see it. Needs may name the decorated token itself: that is the value
 * beneath. One that does not ask for it keeps the original from being built.
 */
export function decorate<T, const Name extends string, Own extends string, const N extends Needs>(
  token: Keyed<T, Name, Own>,
  needs: N,
  build: BuildPart<N, NoInfer<T>>,
): Wire<never, Own | RequiresOfNeeds<N>> {
  const recipe = createRecipe<N, T>('decorate', needs, build)
  return { [addTo]: (registrar) => registrar.decorate(token, recipe) }
}

/** Another value for a part, as this module and the modules inside it see it. The original is not built. */
export function replace<T, Own extends string>(
  token: Keyed<T, string, Own>,
  value: NoInfer<T>,
): Wire<never, Own> {
  const recipe = valueRecipe<T>('replace', value)
  return { [addTo]: (registrar) => registrar.decorate(token, recipe) }
}

/** What the application does once its parts exist; only what invokes need is built. The name is for messages. */
export function invoke<const N extends Needs>(
  name: string,
  needs: N,
  run: BuildPart<N, void>,
): Wire<never, RequiresOfNeeds<N>> {
  const recipe = createRecipe<N, void>('invoke', needs, run)
  return { [addTo]: (registrar) => registrar.invoke(name, recipe) }
}

/** Keeps a part inside its module and the modules within. */
export function privately<Gives extends string, Asks extends string>(
  wire: PartWire<Gives, Asks>,
): Wire<never, Asks, Gives> {
  return { [addTo]: (registrar) => wire[addPrivatelyTo](registrar) }
}

/** Wires under one name: what is decorated or private here stays here, what is provided is for everybody. */
export function module<const W extends readonly AnyWire[]>(
  name: string,
  wires: W,
): Wire<GivesOf<W[number]>, AsksOf<W[number]>> {
  return { [addTo]: (registrar) => registrar.module(name, wires) }
}

/** Names that wires provide to those around them. */
export type GivesOf<W extends AnyWire> = W extends Wire<infer G> ? G : never
/** Names that wires need and do not provide among themselves. */
export type AsksOf<W extends AnyWire> = Exclude<AsksOfEach<W>, GivesOf<W> | HidesOfEach<W>>
type AsksOfEach<W extends AnyWire> = W extends Wire<never, infer A> ? A : never
type HidesOfEach<W extends AnyWire> = W extends Wire<never, string, infer H> ? H : never

function createRecipe<const N extends Needs, T>(
  kind: Recipe<T>['kind'],
  needs: N,
  build: BuildPart<N, T>,
): Recipe<T> {
  return {
    kind,
    plans: plansOf(needs),
    make: async (view, context, lifecycle) =>
      build(await resolveParts(needs, view, context), lifecycle),
  }
}

function valueRecipe<T>(kind: Recipe<T>['kind'], value: T): Recipe<T> {
  return { kind, plans: [], make: () => Promise.resolve(value) }
}
