import type { Lifecycle } from './hook.ts'
import type { Scope } from './scope.ts'

/** How a part came into the graph. */
export type PartKind =
  | 'provide'
  | 'supply'
  | 'decorate'
  | 'replace'
  | 'contribute'
  | 'group'
  | 'invoke'
  | 'expose'

/** From where a part is looked for. */
export interface Viewpoint {
  readonly scope: Scope
  /** The part whose decorator is asking: it sees the value beneath itself. */
  readonly undecorated?: PartKey
}

/** The identity of a part: the token object, not its name. */
export interface PartKey {
  readonly name: string
  find(view: Viewpoint): NodeInfo | undefined
}

/** One need of one part: the keys it may be met by, best first. */
export interface NeedPlan<out T> {
  readonly keys: readonly PartKey[]
  readonly required: boolean
  resolve(view: Viewpoint, context: BuildContext): Promise<T>
}

/** An edge of the graph. `target` is absent when nobody provides it. */
export interface Link {
  readonly names: readonly string[]
  readonly required: boolean
  readonly target: NodeInfo | undefined
}

/** A part as the graph sees it, whatever its type. */
export interface NodeInfo {
  readonly name: string
  readonly kind: PartKind
  readonly scope: Scope
  readonly isPrivate: boolean
  /** Stands in for a part in a test, whether or not somebody provides it. */
  readonly isOverride: boolean
  readonly view: Viewpoint
  links(): readonly Link[]
}

/** A part that can be built: once, however often it is asked for. */
export interface PartNode<out T> extends NodeInfo {
  build(context: BuildContext): Promise<T>
}

/** What building needs from the application. */
export interface BuildContext {
  /** Runs a build function: keeps the path, tells events, names the path when it fails. */
  run<T>(node: NodeInfo, work: (lifecycle: Lifecycle) => Promise<T>): Promise<T>
}

/** How a part is made; what is left once the types of its needs are closed over. */
export interface Recipe<out T> {
  readonly kind: PartKind
  readonly plans: readonly NeedPlan<unknown>[]
  make(view: Viewpoint, context: BuildContext, lifecycle: Lifecycle): Promise<T>
}

export interface NodePlace {
  readonly name: string
  readonly scope: Scope
  readonly isPrivate?: boolean
  readonly isOverride?: boolean
  readonly undecorated?: PartKey
}

/** A recipe at its place in one application. */
export function createPartNode<T>(recipe: Recipe<T>, place: NodePlace): PartNode<T> {
  let instance: Promise<T> | undefined
  const view: Viewpoint = {
    scope: place.scope,
    ...(place.undecorated && { undecorated: place.undecorated }),
  }
  const node: PartNode<T> = {
    name: place.name,
    kind: recipe.kind,
    scope: place.scope,
    isPrivate: place.isPrivate ?? false,
    isOverride: place.isOverride ?? false,
    view,
    links: () => recipe.plans.map((plan) => linkOf(plan, view)),
    build: (context) =>
      (instance ??= context.run(node, (lifecycle) => recipe.make(view, context, lifecycle))),
  }
  return node
}

/** `store (module cache)`, as errors, events and pictures name it. */
export function labelOf(node: Pick<NodeInfo, 'name' | 'kind' | 'scope'>): string {
  const place = node.scope.name ? ` (module ${node.scope.name})` : ''
  return `${kindLabels[node.kind]}${node.name}${place}`
}

const kindLabels: Readonly<Record<PartKind, string>> = {
  provide: '',
  supply: '',
  group: '',
  decorate: 'decorator of ',
  replace: 'replacement of ',
  contribute: 'member of ',
  invoke: 'invoke ',
  expose: '',
}

function linkOf(plan: NeedPlan<unknown>, view: Viewpoint): Link {
  const names = plan.keys.map((key) => key.name)
  for (const key of plan.keys) {
    const target = key.find(view)
    if (target) return { names, required: plan.required, target }
  }
  return { names, required: plan.required, target: undefined }
}
