import type { App } from './create-app.ts'
import type { Needs } from './parts.ts'
import type { Shutdown } from './shutdown.ts'
import { WiringError } from './wiring-error.ts'

/** The signals that end an application. */
export type StopSignal = 'SIGINT' | 'SIGTERM'

/** What of `process` is needed to hear signals; `process` itself will do. */
export interface SignalSource {
  on(signal: StopSignal, listener: () => void): unknown
  off(signal: StopSignal, listener: () => void): unknown
}

const signalNumbers: Readonly<Record<StopSignal, number>> = { SIGINT: 2, SIGTERM: 15 }

/**
 * Starts an application, waits for SIGINT, SIGTERM or a part's `SHUTDOWN`, stops it, and answers with the exit code:
 * the part's, 0 after a signal and a clean stop, 128 + n when the signal came before the start was through.
 * A second signal gives the stop up. Rejects when start or stop fail. Never ends the process.
 */
export async function runApp<N extends Needs>(
  app: App<N>,
  source: SignalSource,
): Promise<Shutdown> {
  const starting = new AbortController()
  const hurry = new AbortController()
  let first: StopSignal | undefined
  const hear = (signal: StopSignal): void => {
    if (first) return hurry.abort(signalReceived(signal))
    first = signal
    app.requestShutdown({ reason: signal })
    starting.abort(signalReceived(signal))
  }
  const listeners = { SIGINT: () => hear('SIGINT'), SIGTERM: () => hear('SIGTERM') }
  source.on('SIGINT', listeners.SIGINT)
  source.on('SIGTERM', listeners.SIGTERM)
  try {
    await app.start({ signal: starting.signal })
    const shutdown = await app.whenShutdown()
    await app.stop({ signal: hurry.signal })
    return shutdown
  } catch (error) {
    if (!first || error !== starting.signal.reason) throw error
    return { reason: first, exitCode: 128 + signalNumbers[first] }
  } finally {
    source.off('SIGINT', listeners.SIGINT)
    source.off('SIGTERM', listeners.SIGTERM)
  }
}

function signalReceived(signal: StopSignal): WiringError {
  return new WiringError({ code: 'HUB_WIRING', message: `${signal} was received` })
}
