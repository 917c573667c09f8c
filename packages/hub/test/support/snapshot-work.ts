import type { SnapshotWork } from '../../src/download-snapshot.ts'
import { createPauseButton } from '../../src/pause-gate.ts'

/** What a flow is run with when no client runs it: it asks the network and tells nobody, unless a test says otherwise. */
export function createSnapshotWork(
  options: Partial<SnapshotWork['options']> = {},
  context: Partial<SnapshotWork['context']> = {},
): SnapshotWork {
  return {
    options: {
      policy: { kind: 'network' },
      force: false,
      forceSpace: false,
      filesAtOnce: 1,
      partBytes: 1024 ** 2,
      ...options,
    },
    context: {
      signal: new AbortController().signal,
      emit: () => undefined,
      trace: { jobId: 'job' },
      gate: createPauseButton(),
      ...context,
    },
  }
}
