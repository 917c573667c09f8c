import {
  createPartNode,
  type NodeInfo,
  type PartKey,
  type PartNode,
  type Recipe,
} from './part-node.ts'
import { createChildScope, createRootScope, type Scope } from './scope.ts'
import { type GroupToken, type Keyed, listIn, members, plan, slot } from './token.ts'
import { addTo, type AnyWire, type Registrar } from './wire.ts'
import { WiringError } from './wiring-error.ts'

/** All parts of one application at their places. */
export interface Graph {
  readonly root: Scope
  readonly nodes: readonly NodeInfo[]
  /** In the order in which they run: those of inner modules before those around them. */
  readonly invokes: readonly PartNode<void>[]
  /** Every token that wires name, by name. */
  readonly keys: ReadonlyMap<string, PartKey>
}

interface Draft {
  readonly root: Scope
  readonly nodes: NodeInfo[]
  readonly keys: Map<string, PartKey>
}

/** Puts wires in their places. Rejects what two wires disagree about; whether all needs are met is `checkGraph`. */
export function createGraph(wires: readonly AnyWire[], overrides: readonly AnyWire[] = []): Graph {
  const draft: Draft = { root: createRootScope(), nodes: [], keys: new Map() }
  const invokes = addWires(draft, draft.root, wires)
  for (const wire of overrides) wire[addTo](createOverrideRegistrar(draft))
  return { ...draft, invokes }
}

function addWires(draft: Draft, scope: Scope, wires: readonly AnyWire[]): PartNode<void>[] {
  const own: PartNode<void>[] = []
  const inner: PartNode<void>[] = []
  const registrar: Registrar = {
    provide: (token, recipe, isPrivate) => addProvider(draft, scope, { token, recipe, isPrivate }),
    contribute: (group, recipe, isPrivate) => addMember(draft, scope, { group, recipe, isPrivate }),
    decorate: (token, recipe) => addDecorator(draft, scope, { token, recipe, isOverride: false }),
    invoke(name, recipe) {
      const node = createPartNode(recipe, { name, scope })
      draft.nodes.push(node)
      own.push(node)
    },
    module(name, moduleWires) {
      inner.push(...addWires(draft, createChildScope(scope, name), moduleWires))
    },
  }
  for (const [index, wire] of wires.entries()) checkWire(wire, index, scope)[addTo](registrar)
  return [...inner, ...own]
}

function checkWire(wire: AnyWire | undefined, index: number, scope: Scope): AnyWire {
  if (wire && addTo in wire) return wire
  const place = scope.name ? `module ${scope.name}` : 'the application'
  throw new WiringError({
    code: 'HUB_WIRING',
    message: `Wire ${index + 1} of ${place} is ${wire === undefined ? 'undefined' : 'no wire'}`,
    hint: 'Use what provide(), supply(), invoke(), module() and the like return, and look for imports in a circle.',
  })
}

interface PartAt<T> {
  readonly token: Keyed<T>
  readonly recipe: Recipe<T>
}

/** What may stand once at each place of a part. */
type Role = 'provider' | 'decorator' | 'override'

function occupy<T>(
  draft: Draft,
  token: Keyed<T>,
  at: { readonly home: Scope; readonly role: Role; readonly node: PartNode<T> },
): void {
  const { home, role, node } = at
  const entry = token[slot].get(home)
  const first = entry?.[role]
  if (first) throw givenTwice(role, token.name, [first.scope, node.scope])
  token[slot].set(home, { ...entry, [role]: node })
  draft.nodes.push(node)
}

function addProvider<T>(
  draft: Draft,
  scope: Scope,
  wire: PartAt<T> & { readonly isPrivate: boolean },
): void {
  const { token, recipe, isPrivate } = wire
  claimName(draft, token)
  const node = createPartNode(recipe, { name: token.name, scope, isPrivate })
  occupy(draft, token, { home: isPrivate ? scope : draft.root, role: 'provider', node })
}

function addDecorator<T>(
  draft: Draft,
  scope: Scope,
  wire: PartAt<T> & { readonly isOverride: boolean },
): void {
  const { token, recipe, isOverride } = wire
  const key = claimName(draft, token)
  addList(draft, token, draft.root)
  const place = { name: token.name, scope, isOverride, ...(key && { undecorated: key }) }
  const role = isOverride ? 'override' : 'decorator'
  occupy(draft, token, { home: scope, role, node: createPartNode(recipe, place) })
}

interface MemberWire<T> {
  readonly group: GroupToken<T>
  readonly recipe: Recipe<T>
  readonly isPrivate: boolean
}

function addMember<T>(draft: Draft, scope: Scope, wire: MemberWire<T>): void {
  const { group, recipe, isPrivate } = wire
  claimName(draft, group)
  const home = isPrivate ? scope : draft.root
  const known = group[members].get(home) ?? []
  const node = createPartNode(recipe, { name: group.name, scope, isPrivate })
  group[members].set(home, [...known, node])
  draft.nodes.push(node)
  addList(draft, group, home)
}

/** A group has a list where it is contributed to, and one at the root for decorators of a group without members. */
function addList<T>(draft: Draft, token: Keyed<T>, home: Scope): void {
  const entry = token[slot].get(home)
  const list = entry?.provider ? undefined : token[listIn]?.(home)
  if (!list) return
  token[slot].set(home, { ...entry, provider: list })
  draft.nodes.push(list)
}

/** Takes a test's replacements in: they stand in for a part wherever it is asked for, private ones too. */
function createOverrideRegistrar(draft: Draft): Registrar {
  return {
    provide: refuseOverride,
    contribute: refuseOverride,
    invoke: refuseOverride,
    module: refuseOverride,
    decorate: (token, recipe) =>
      addDecorator(draft, draft.root, { token, recipe, isOverride: true }),
  }
}

function refuseOverride(): never {
  throw new WiringError({
    code: 'HUB_WIRING',
    message: 'A test may replace parts with replace() and decorate() only',
    hint: 'Add other wires to the list of wires.',
  })
}

function claimName<T>(draft: Draft, token: Keyed<T>): PartKey | undefined {
  const key = token[plan].keys[0]
  const known = draft.keys.get(token.name)
  if (known && known !== key) {
    throw new WiringError({
      code: 'HUB_WIRING',
      message: `Two different tokens are called "${token.name}"`,
      hint: 'Import the token instead of creating it again, or give one of them another name.',
      path: [token.name],
    })
  }
  if (key) draft.keys.set(token.name, key)
  return key
}

function givenTwice(role: Role, name: string, scopes: readonly Scope[]): WiringError {
  const places = scopes.map((scope) => (scope.name ? `module ${scope.name}` : 'the application'))
  const { how, hint } = twice[role]
  return new WiringError({
    code: 'HUB_WIRING',
    message: `"${name}" is ${how} twice in ${[...new Set(places)].join(' and in ')}`,
    hint,
    path: [name],
  })
}

const twice: Readonly<Record<Role, { readonly how: string; readonly hint: string }>> = {
  provider: {
    how: 'provided',
    hint: 'Keep one of them, make one private with privately(), or use replace().',
  },
  decorator: {
    how: 'decorated',
    hint: 'Decorate it once for each module; put the second one into a module of its own.',
  },
  override: { how: 'replaced', hint: 'Keep one of them.' },
}
