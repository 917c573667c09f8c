/** Lets many listen to one signal without a listener of its own for each. */
export interface AbortFan {
  /** Calls back once when the signal aborts, at once if it has; the returned function ends that. */
  listen(signal: AbortSignal | undefined, onAbort: (reason: unknown) => void): () => void
}

interface Spread {
  readonly listeners: Set<(reason: unknown) => void>
  readonly hear: () => void
}

/**
 * One listener for each signal, however many files of a snapshot share it: Node warns of a leak from the eleventh on,
 * and adding one is not cheap.
 */
export function createAbortFan(): AbortFan {
  const spreads = new Map<AbortSignal, Spread>()

  function open(signal: AbortSignal): Spread {
    const listeners: Spread['listeners'] = new Set()
    const spread = {
      listeners,
      hear: () => {
        for (const listener of listeners) listener(signal.reason)
      },
    }
    spreads.set(signal, spread)
    signal.addEventListener('abort', spread.hear)
    return spread
  }

  function leave(signal: AbortSignal, onAbort: (reason: unknown) => void): void {
    const spread = spreads.get(signal)
    spread?.listeners.delete(onAbort)
    if (!spread || spread.listeners.size > 0) return
    signal.removeEventListener('abort', spread.hear)
    spreads.delete(signal)
  }

  return {
    listen: (signal, onAbort) => {
      if (!signal) return ignore
      if (signal.aborted) {
        onAbort(signal.reason)
        return ignore
      }
      const spread = spreads.get(signal) ?? open(signal)
      spread.listeners.add(onAbort)
      return () => leave(signal, onAbort)
    },
  }
}

function ignore(): void {}
