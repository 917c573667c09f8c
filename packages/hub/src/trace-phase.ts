import type { FlowSink, Phase } from '@hfx/core'

/** Pairs every `phase:start` with one `phase:end`, also when the work throws. */
export async function tracePhase<T>(
  context: { readonly emit: FlowSink },
  what: Phase | { readonly phase: Phase; readonly path: string },
  work: () => Promise<T>,
): Promise<T> {
  const facts = typeof what === 'string' ? { phase: what } : what
  context.emit({ type: 'phase:start', ...facts })
  try {
    return await work()
  } finally {
    context.emit({ type: 'phase:end', ...facts })
  }
}
