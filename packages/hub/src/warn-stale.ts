import type { FlowSink, RepoRef } from '@hfx/core'

/** Says that the local copy stands in for the Hub, and why. */
export function warnStale(
  context: { readonly emit: FlowSink },
  copy: { readonly repo: RepoRef; readonly commit: string; readonly error: unknown },
): void {
  const reason = copy.error instanceof Error ? copy.error.message : String(copy.error)
  context.emit({
    type: 'job:warning',
    code: 'STALE_COPY',
    message: `using the local copy of ${copy.repo.id} (${copy.commit.slice(0, 8)}): ${reason}`,
  })
}
