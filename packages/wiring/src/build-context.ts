import type { Clock } from '@hfx/core'

import type { LifecycleRunner } from './lifecycle.ts'
import { type BuildContext, labelOf, type NodeInfo } from './part-node.ts'
import { messageOf, WiringError, wrapFailure } from './wiring-error.ts'
import type { WiringSink } from './wiring-event.ts'

export interface BuildContextDeps {
  readonly clock: Clock
  readonly emit: WiringSink
  readonly lifecycle: LifecycleRunner
  /** Nothing new is built once it aborts. */
  readonly signal: AbortSignal
}

/** Runs the build functions of one application, one at a time, and knows at each moment what is built for whom. */
export function createBuildContext(deps: BuildContextDeps): BuildContext {
  const path: string[] = []
  const known = new WeakSet<WiringError>()
  function describe(node: NodeInfo, error: unknown): unknown {
    if (deps.signal.aborted && error === deps.signal.reason) return error
    if (error instanceof WiringError && known.has(error)) return error
    const verb = node.kind === 'invoke' ? 'Could not run' : 'Could not build'
    const failure = wrapFailure(`${verb} ${path.join(' → ')}`, error, [...path])
    known.add(failure)
    return failure
  }
  return {
    async run(node, work) {
      deps.signal.throwIfAborted()
      const owner = { part: node.name, module: node.scope.name }
      const fact = { ...owner, kind: node.kind }
      const beganMs = deps.clock.monotonic()
      const took = (): number => deps.clock.monotonic() - beganMs
      path.push(labelOf(node))
      deps.emit({ type: 'build:start', ...fact })
      try {
        const part = await work(deps.lifecycle.lifecycleOf(owner))
        deps.emit({ type: 'build:end', ...fact, outcome: 'done', durationMs: took() })
        return part
      } catch (error) {
        const failure = describe(node, error)
        const message = messageOf(failure)
        deps.emit({ type: 'build:end', ...fact, outcome: 'failed', durationMs: took(), message })
        throw failure
      } finally {
        path.pop()
      }
    },
  }
}
