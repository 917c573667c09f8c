import type { Graph } from './graph.ts'
import { findNearestName } from '@hfx/core'
import { labelOf, type Link, type NodeInfo } from './part-node.ts'
import type { Scope } from './scope.ts'
import { WiringError } from './wiring-error.ts'

/**
 * Proves that everything the roots need can be built, before anything is: no cycle anywhere, no missing part on the way
 * from a root, no decorator without something to decorate. Rejects with a `WiringError` that prints the path.
 */
export function checkGraph(graph: Graph, roots: readonly NodeInfo[]): void {
  const cycle = findCycle([...graph.nodes, ...roots])
  if (cycle) throw cycleError(cycle)
  const [problem, ...others] = [...findEmptyDecorators(graph), ...findMissing(graph, roots)]
  if (!problem) return
  const lines = [problem, ...others].map((each) => each.message)
  throw new WiringError({
    code: 'HUB_WIRING',
    message:
      lines.length === 1
        ? problem.message
        : `${lines.length} wires are missing\n${lines.join('\n')}`,
    hint: problem.hint,
    path: problem.path,
  })
}

/** Everything that building the roots would build. */
export function findReachable(roots: readonly NodeInfo[]): ReadonlySet<NodeInfo> {
  const seen = new Set<NodeInfo>()
  const queue = [...roots]
  for (const node of queue) {
    if (seen.has(node)) continue
    seen.add(node)
    for (const link of node.links()) if (link.target) queue.push(link.target)
  }
  return seen
}

interface Problem {
  readonly message: string
  readonly hint: string
  readonly path: readonly string[]
}

function findMissing(graph: Graph, roots: readonly NodeInfo[]): Problem[] {
  const problems: Problem[] = []
  const seen = new Set<NodeInfo>()
  function visit(node: NodeInfo, path: readonly string[]): void {
    if (seen.has(node)) return
    seen.add(node)
    const here = [...path, labelOf(node)]
    for (const link of node.links()) {
      if (link.target) visit(link.target, here)
      else if (link.required) problems.push(missingPart(graph, link, here))
    }
  }
  for (const root of roots) visit(root, [])
  return problems
}

function missingPart(graph: Graph, link: Link, path: readonly string[]): Problem {
  const name = link.names.join('" or "')
  const whole = [...path, link.names.at(-1) ?? '']
  return {
    message: `Nothing provides "${name}": ${whole.join(' → ')} (missing)`,
    hint: hintFor(graph, link),
    path: whole,
  }
}

function hintFor(graph: Graph, link: Link): string {
  const given = graph.nodes.filter((node) => node.kind === 'provide' || node.kind === 'supply')
  const hidden = given.find((node) => node.isPrivate && link.names.includes(node.name))
  if (hidden) {
    return `"${hidden.name}" is private to ${placeOf(hidden.scope)}; take privately() away or ask for it from inside.`
  }
  const names = given.filter((node) => !node.isPrivate).map((node) => node.name)
  const nearest = findNearestName(link.names[0] ?? '', names)
  const wish = `Add provide() or supply() for it, or a module that does.`
  return nearest ? `Did you mean "${nearest}"? ${wish}` : wish
}

function placeOf(scope: Scope): string {
  return scope.name ? `module ${scope.name}` : 'the application'
}

function findEmptyDecorators(graph: Graph): Problem[] {
  return graph.nodes.flatMap((node): Problem[] => {
    const key = node.view.undecorated
    if (!key || node.isOverride || key.find(node.view)) return []
    const path = [labelOf(node), node.name]
    return [
      {
        message: `Nothing provides "${node.name}": ${path.join(' → ')} (missing)`,
        hint: hintFor(graph, { names: [node.name], required: true, target: undefined }),
        path,
      },
    ]
  })
}

/** The first cycle, beginning and ending with the same part. */
function findCycle(nodes: readonly NodeInfo[]): readonly NodeInfo[] | undefined {
  const done = new Set<NodeInfo>()
  const path: NodeInfo[] = []
  function visit(node: NodeInfo): readonly NodeInfo[] | undefined {
    const start = path.indexOf(node)
    if (start >= 0) return [...path.slice(start), node]
    if (done.has(node)) return undefined
    path.push(node)
    for (const { target } of node.links()) {
      const cycle = target && visit(target)
      if (cycle) return cycle
    }
    path.pop()
    done.add(node)
    return undefined
  }
  for (const node of nodes) {
    const cycle = visit(node)
    if (cycle) return cycle
  }
  return undefined
}

function cycleError(cycle: readonly NodeInfo[]): WiringError {
  const path = cycle.map((node) => labelOf(node))
  return new WiringError({
    code: 'HUB_WIRING',
    message: `Parts need each other in a circle: ${path.join(' → ')}`,
    hint: 'Move what both need into a part of its own, or hand one of them a function that is called later.',
    path,
  })
}
