import { type HubErrorCode, isHubError, SnapshotError, type SnapshotRequest } from '@hfx/core'
import type { DoneFile } from './bring-file.ts'
import { createPackedOutcomes, type PackedOutcomes } from './packed-outcomes.ts'

/** Failures that every further file would meet as well: going on would only repeat them. */
const hopeless: ReadonlySet<HubErrorCode> = new Set<HubErrorCode>([
  'HUB_UNAUTHORIZED',
  'HUB_TOKEN_INVALID',
  'HUB_FORBIDDEN',
  'HUB_GATED_REPO',
  'HUB_REPO_DISABLED',
  'HUB_REPO_NOT_FOUND',
  'HUB_OFFLINE',
  'HUB_RATE_LIMITED',
  'HUB_DNS_FAILED',
  'HUB_CONNECT_FAILED',
  'HUB_TLS_FAILED',
  'HUB_PROXY_FAILED',
  'HUB_PROXY_AUTH',
  'HUB_STALLED',
  'HUB_DEADLINE',
  'HUB_BUDGET_EXCEEDED',
  'HUB_NO_SPACE',
  'HUB_PERMISSION_DENIED',
  'HUB_READ_ONLY',
])

export interface Tally {
  /** Of the files that ended well. */
  readonly outcomes: PackedOutcomes
  readonly fetchedBytes: number
  /** Runs the work of one file and keeps its outcome. Rejects only when the job was aborted. */
  add(path: string, work: (signal: AbortSignal) => Promise<DoneFile>): Promise<void>
  /** @throws the failure itself when it stopped the job, else a `SnapshotError` with every failure. */
  throwFailures(request: SnapshotRequest): void
}

/** Keeps every file's outcome. One failure does not stop the others, unless they could only fail alike. */
export function createTally(jobSignal: AbortSignal, folder: string): Tally {
  const outcomes = createPackedOutcomes(folder)
  const failures: SnapshotError['failures'][number][] = []
  const stop = new AbortController()
  const signal = AbortSignal.any([jobSignal, stop.signal])
  let fetchedBytes = 0
  let decisive: Error | undefined

  return {
    outcomes,
    get fetchedBytes() {
      return fetchedBytes
    },
    async add(path, work) {
      jobSignal.throwIfAborted()
      if (decisive) return
      try {
        const done = await work(signal)
        fetchedBytes += done.fetchedBytes
        outcomes.add(done)
      } catch (error) {
        if (jobSignal.aborted) throw error
        if (decisive) return
        const failure = error instanceof Error ? error : new Error(String(error))
        failures.push({ path, error: failure })
        if (!isHubError(failure) || !hopeless.has(failure.code)) return
        decisive = failure
        stop.abort(failure)
      }
    },
    throwFailures(request) {
      if (decisive) throw decisive
      const [first] = failures
      if (!first) return
      if (isOneFault(failures) && outcomes.count === 0) throw first.error
      throw snapshotFailed(request, failures, outcomes.count)
    },
  }
}

/** Every file failed alike: that is one fault, and its own words are the clearest. */
function isOneFault(failures: SnapshotError['failures']): boolean {
  const codes = failures.map(({ error }) => (isHubError(error) ? error.code : undefined))
  return codes.length === 1 || (codes[0] !== undefined && new Set(codes).size === 1)
}

function snapshotFailed(
  request: SnapshotRequest,
  failures: SnapshotError['failures'],
  completed: number,
): SnapshotError {
  const [first] = failures
  const count = failures.length + completed
  return new SnapshotError({
    code: 'HUB_SNAPSHOT_FAILED',
    message: `${failures.length} of ${count} files of ${request.repo.id} failed; first ${first?.path ?? ''}: ${first?.error.message ?? ''}`,
    hint: 'Run it again: finished files and the bytes of the others are kept.',
    failures,
    completed,
    cause: first?.error,
  })
}
