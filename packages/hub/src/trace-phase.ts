import type { FlowSink, Phase } from '@hfx/core'

/** Pairs every `phase:start` with one `phase:end`, also when the work throws. */
export async function tracePhase<T>(
  context: { readonly emit: FlowSink },
  phase: Phase,
  work: () => Promise<T>,
): Promise<T> {
  context.emit({ type: 'phase:start', phase })
  try {
    return await work()
  } finally {
    context.emit({ type: 'phase:end', phase })
  }
}
