import { findReachable } from './check-graph.ts'
import type { Graph } from './graph.ts'
import type { NodeInfo, PartKind } from './part-node.ts'

/** `dot` for Graphviz, `mermaid` for Markdown. */
export type PictureFormat = 'dot' | 'mermaid'

interface PictureNode {
  readonly id: string
  readonly label: string
  readonly kind: PartKind
  readonly module: string
  /** Nothing that runs needs it, so it is not built. */
  readonly isIdle: boolean
}

interface PictureEdge {
  readonly from: string
  readonly to: string
  readonly isOptional: boolean
}

interface Picture {
  readonly nodes: readonly PictureNode[]
  readonly edges: readonly PictureEdge[]
}

/** Draws parts as boxes in their modules, with an arrow from each part to what it needs. */
export function renderPicture(
  graph: Graph,
  roots: readonly NodeInfo[],
  format: PictureFormat,
): string {
  const picture = createPicture(graph, roots)
  return format === 'dot' ? renderDot(picture) : renderMermaid(picture)
}

function createPicture(graph: Graph, roots: readonly NodeInfo[]): Picture {
  const reachable = findReachable(roots)
  const extra = roots.filter((root) => root.kind === 'expose' && root.links().length > 0)
  const all = [...graph.nodes, ...extra]
  const ids = new Map(all.map((node, index) => [node, `n${index}`]))
  const idOf = (node: NodeInfo): string => ids.get(node) ?? ''
  const edges = all.flatMap((node) =>
    node
      .links()
      .flatMap(({ target, required }) =>
        target ? [{ from: idOf(node), to: idOf(target), isOptional: !required }] : [],
      ),
  )
  const nodes = all.map((node) => ({
    id: idOf(node),
    label: node.isPrivate ? `${node.name} (private)` : node.name,
    kind: node.kind,
    module: node.scope.name,
    isIdle: !reachable.has(node),
  }))
  return { nodes, edges }
}

const dotShapes: Readonly<Record<PartKind, string>> = {
  provide: 'box',
  supply: 'note',
  contribute: 'box',
  group: 'folder',
  decorate: 'component',
  replace: 'component',
  invoke: 'cds',
  expose: 'house',
}

function renderDot({ nodes, edges }: Picture): string {
  const lines = ['digraph wiring {', '  rankdir=LR;', '  node [fontname="sans-serif"];']
  for (const [index, [module, inside]] of groupByModule(nodes).entries()) {
    const pad = module ? '    ' : '  '
    if (module) lines.push(`  subgraph cluster_${index} {`, `    label=${quoteDot(module)};`)
    for (const node of inside) {
      const style = node.isIdle ? ', style=dashed' : ''
      lines.push(
        `${pad}${node.id} [label=${quoteDot(titleOf(node))}, shape=${dotShapes[node.kind]}${style}];`,
      )
    }
    if (module) lines.push('  }')
  }
  for (const edge of edges) {
    lines.push(`  ${edge.from} -> ${edge.to}${edge.isOptional ? ' [style=dashed]' : ''};`)
  }
  return `${[...lines, '}'].join('\n')}\n`
}

function renderMermaid({ nodes, edges }: Picture): string {
  const lines = ['flowchart LR']
  for (const [index, [module, inside]] of groupByModule(nodes).entries()) {
    const pad = module ? '    ' : '  '
    if (module) lines.push(`  subgraph m${index}[${quoteMermaid(module)}]`)
    for (const node of inside) lines.push(`${pad}${node.id}[${quoteMermaid(titleOf(node))}]`)
    if (module) lines.push('  end')
  }
  for (const edge of edges) {
    lines.push(`  ${edge.from} ${edge.isOptional ? '-.->' : '-->'} ${edge.to}`)
  }
  const idle = nodes.filter((node) => node.isIdle).map((node) => node.id)
  if (idle.length > 0) {
    lines.push('  classDef idle stroke-dasharray: 4 4', `  class ${idle.join(',')} idle`)
  }
  return `${lines.join('\n')}\n`
}

function groupByModule(nodes: readonly PictureNode[]): (readonly [string, PictureNode[]])[] {
  const modules = new Map<string, PictureNode[]>()
  for (const node of nodes) modules.set(node.module, [...(modules.get(node.module) ?? []), node])
  return [...modules]
}

function titleOf(node: PictureNode): string {
  return node.kind === 'provide' || node.kind === 'expose'
    ? node.label
    : `${node.kind} ${node.label}`
}

function quoteDot(text: string): string {
  const escaped = text
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll(/\s+/g, ' ')
  return `"${escaped}"`
}

function quoteMermaid(text: string): string {
  const escaped = text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll(/\s+/g, ' ')
  return `"${escaped}"`
}
