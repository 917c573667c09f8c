import { HttpError, isHubError, joinSignals } from '@hfx/core'

/** A limit on one exchange: a server that drips a small answer must not hold us. */
export interface TimeBound {
  /** Aborts with the caller's signal, or when the time is over. */
  readonly signal?: AbortSignal
  /** The error as it is told: that the time was over, when that is what ended the exchange. */
  name(error: unknown): unknown
  /** The exchange is over. */
  leave(): void
}

/** Starts the clock of one exchange. Without a limit only the caller's signal counts. */
export function boundTime(
  url: URL,
  limitMs: number | undefined,
  signal: AbortSignal | undefined,
): TimeBound {
  if (limitMs === undefined)
    return { ...(signal ? { signal } : {}), name: (error) => error, leave: () => undefined }
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), limitMs)
  const joined = joinSignals(signal, late.signal)
  return {
    signal: joined.signal,
    name: (error) =>
      !late.signal.aborted || signal?.aborted || isHubError(error)
        ? error
        : tookTooLong(url, limitMs, error),
    leave() {
      clearTimeout(timer)
      joined.leave()
    },
  }
}

function tookTooLong(url: URL, limitMs: number, cause: unknown): HttpError {
  return new HttpError({
    code: 'HUB_TIMEOUT',
    message: `${url.host} did not answer whole within ${limitMs} ms`,
    hint: 'Check the network; a slow answer can be given more time (request timeout).',
    url: url.origin,
    retryable: true,
    cause,
  })
}
