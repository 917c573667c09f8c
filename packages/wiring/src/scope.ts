/** A module's inside. Parts are looked for from a scope outwards to the root. */
export interface Scope {
  /** Module path such as `hub/cache`; empty for the application itself. */
  readonly name: string
  readonly parent: Scope | undefined
  readonly root: Scope
}

/** The scope of the application itself. */
export function createRootScope(): Scope {
  const scope = {
    name: '',
    parent: undefined,
    get root(): Scope {
      return scope
    },
  }
  return scope
}

/** The scope of a module inside another scope. */
export function createChildScope(parent: Scope, name: string): Scope {
  return { name: parent.name ? `${parent.name}/${name}` : name, parent, root: parent.root }
}
