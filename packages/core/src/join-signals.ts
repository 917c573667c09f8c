/** One signal made of several, and the way to let go of them. */
export interface JoinedSignal {
  /** Aborts with the reason of the first that aborts. */
  readonly signal: AbortSignal
  /** Stops listening. Call it when the work is over: the others may live as long as the process. */
  leave(): void
}

/**
 * Joins signals for one piece of work. Not `AbortSignal.any`: in Node 20 every signal that it makes stays on the list
 * of its sources for as long as they live, so a client would grow with each request.
 */
export function joinSignals(...signals: readonly (AbortSignal | undefined)[]): JoinedSignal {
  const controller = new AbortController()
  const left: (() => void)[] = []
  const leave = (): void => {
    for (const stop of left.splice(0)) stop()
  }
  for (const signal of signals) {
    if (!signal || controller.signal.aborted) continue
    const abort = (): void => {
      leave()
      controller.abort(signal.reason)
    }
    if (signal.aborted) abort()
    else left.push(listenForAbort(signal, abort))
  }
  return { signal: controller.signal, leave }
}

const audiences = new WeakMap<AbortSignal, Set<() => void>>()

/**
 * Calls back once when the signal aborts; the returned function ends that. However many listen, the signal has one
 * listener: Node 20 warns of a leak from the eleventh on.
 */
function listenForAbort(signal: AbortSignal, listener: () => void): () => void {
  const audience = audiences.get(signal) ?? gather(signal)
  audience.add(listener)
  return () => audience.delete(listener)
}

/** The one listener stays with its signal. */
function gather(signal: AbortSignal): Set<() => void> {
  const audience = new Set<() => void>()
  audiences.set(signal, audience)
  signal.addEventListener(
    'abort',
    () => {
      for (const listener of audience) listener()
    },
    { once: true },
  )
  return audience
}
