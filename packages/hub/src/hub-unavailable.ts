import { type Clock, HttpError, isHubError, joinSignals, type StepOptions } from '@hfx/core'
import type { FlowOptions } from './flow.ts'

/** The Hub answers, and what it says is about the request itself: a local copy would hide it. */
const definite = new Set(['HUB_REVISION_NOT_FOUND', 'HUB_ENTRY_NOT_FOUND', 'HUB_NO_MATCH'])

/**
 * True when a complete local copy may stand in for the Hub's answer, as the Python client does it: no answer, an
 * answer that may pass, and also a refusal (401, 403, unknown repository), because what was allowed once is here.
 */
export function mayUseLocalCopy(
  error: unknown,
  work: { readonly options: FlowOptions; readonly context: { readonly signal: AbortSignal } },
): boolean {
  if (work.context.signal.aborted || work.options.policy.kind === 'network') return false
  return isHubError(error) && !definite.has(error.code)
}

/**
 * Asks with a bound on the whole question, retries included. Without `limitMs` the transport's patience counts.
 * @throws HttpError `HUB_TIMEOUT` when the bound passes.
 */
export async function askInTime<T>(
  clock: Clock,
  context: StepOptions & { readonly signal: AbortSignal },
  question: {
    readonly limitMs: number | undefined
    readonly ask: (options: StepOptions) => Promise<T>
    /** Aborted when the bound passes. @default one of its own */
    readonly bound?: AbortController
  },
): Promise<T> {
  const { limitMs, bound = new AbortController() } = question
  if (limitMs === undefined) return question.ask(context)
  const settled = new AbortController()
  const { signal, leave } = joinSignals(context.signal, bound.signal)
  const timer = clock.sleep(limitMs, settled.signal).then(
    () => bound.abort(),
    () => undefined,
  )
  try {
    return await question.ask({ ...context, signal })
  } catch (error) {
    if (!bound.signal.aborted || context.signal.aborted) throw error
    throw tookTooLong(limitMs, error)
  } finally {
    leave()
    settled.abort()
    await timer
  }
}

/**
 * Pages of a listing with a bound on the wait for each: the first has what is left of a larger bound.
 * @throws HttpError `HUB_TIMEOUT` when the bound passes.
 */
export async function* pagesInTime<T>(
  clock: Clock,
  context: StepOptions & { readonly signal: AbortSignal },
  question: {
    readonly firstLimitMs: number
    readonly limitMs: number
    readonly ask: (options: StepOptions) => AsyncIterable<T>
  },
): AsyncGenerator<T> {
  const bound = new AbortController()
  const { signal, leave } = joinSignals(context.signal, bound.signal)
  const pages = question.ask({ ...context, signal })[Symbol.asyncIterator]()
  let limitMs = question.firstLimitMs
  try {
    for (;;) {
      const ask = (): Promise<IteratorResult<T>> => pages.next()
      const next = await askInTime(clock, context, { limitMs, ask, bound })
      if (next.done) return
      yield next.value
      limitMs = question.limitMs
    }
  } finally {
    leave()
    await pages.return?.()
  }
}

function tookTooLong(limitMs: number, cause: unknown): HttpError {
  return new HttpError({
    code: 'HUB_TIMEOUT',
    message: `the Hub did not answer within ${limitMs} ms`,
    hint: 'Check the network; the local copy is used meanwhile where it is complete.',
    url: '',
    retryable: true,
    cause,
  })
}
