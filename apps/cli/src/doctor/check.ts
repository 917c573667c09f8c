import type { ResolvedConfig } from '@hfx/config'
import type { CliIo } from '../io.ts'

/** One line of the report. */
export interface Finding {
  readonly check: string
  readonly status: 'ok' | 'warn' | 'fail' | 'skip'
  readonly detail: string
  /** What to do about it; only with `warn` and `fail`. */
  readonly fix?: string
}

/** What every check may look at. */
export interface DoctorContext {
  readonly io: CliIo
  readonly config: ResolvedConfig
  readonly endpoint: URL
  /** Repository that is asked for. */
  readonly repo: string
  /** Longest time for one step on the network, in milliseconds. */
  readonly stepMs: number
}

/** A check that fails in an unforeseen way is a finding, too, and not the end of the others. */
export async function guard(
  check: string,
  work: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await work()
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    const fix =
      error instanceof Error && 'hint' in error && typeof error.hint === 'string'
        ? error.hint
        : undefined
    return [{ check, status: 'fail', detail, ...(fix === undefined ? {} : { fix }) }]
  }
}
