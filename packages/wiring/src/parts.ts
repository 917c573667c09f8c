import type { BuildContext, NeedPlan, Viewpoint } from './part-node.ts'
import { type Need, plan } from './token.ts'
import { WiringError } from './wiring-error.ts'

/** What a part asks for, by the names its build function knows them under: the `XDeps` of the function it calls. */
export type Needs = Readonly<Record<string, Need<unknown>>>

/** What it gets: the same names, each with its part. */
export type Parts<N extends Needs> = {
  readonly [K in keyof N]: N[K] extends Need<infer T> ? T : never
}

/** The names that somebody has to provide for these needs; none are known of needs made while the program runs. */
export type RequiresOfNeeds<N extends Needs> = string extends keyof N
  ? never
  : { readonly [K in keyof N]: N[K] extends Need<unknown, infer R> ? R : never }[keyof N]

/** The plans of all needs, in the order they were written. */
export function plansOf(needs: Needs = {}): readonly NeedPlan<unknown>[] {
  return Object.entries(needs).map(([name, need]) => planOf(name, need))
}

/** A token imported in a circle is `undefined` when the wire is made; the compiler cannot see that. */
function planOf(name: string, need: Need<unknown> | undefined): NeedPlan<unknown> {
  if (need && plan in need) return need[plan]
  throw new WiringError({
    code: 'HUB_WIRING',
    message: `The need "${name}" is ${need === undefined ? 'undefined' : 'no token'}`,
    hint: 'Is its module imported in a circle? Put tokens into a file that imports no wires.',
    path: [name],
  })
}

/** Builds what is needed, one after the other in the order written, so that start order is build order. */
export async function resolveParts<const N extends Needs>(
  needs: N | undefined,
  view: Viewpoint,
  context: BuildContext,
): Promise<Parts<N>> {
  const entries: [string, unknown][] = []
  for (const [name, need] of Object.entries(needs ?? {})) {
    entries.push([name, await need[plan].resolve(view, context)])
  }
  const parts: object = Object.fromEntries(entries)
  if (!isPartsOf(needs, parts)) throw new TypeError('A need was lost while its parts were built')
  return parts
}

/**
 * TypeScript cannot follow a loop over a generic record, so the step from "a value of each need, under its name" to
 * `Parts<N>` is this guard: the one place of the container where a type is concluded. Each value came from the
 * typed `resolve` of the need of that name; what is left to check is that no name is missing.
 */
function isPartsOf<N extends Needs>(needs: N | undefined, parts: object): parts is Parts<N> {
  return Object.keys(needs ?? {}).every((name) => Object.hasOwn(parts, name))
}
