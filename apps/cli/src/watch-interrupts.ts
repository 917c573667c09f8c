import { exitCodes } from './exit-code.ts'

/** The first SIGINT or SIGTERM aborts the command, which keeps its partials; the second ends the process at once. */
export function watchInterrupts(): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController()
  const signals = ['SIGINT', 'SIGTERM'] as const
  function interrupted(): void {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted)
    controller.abort(new DOMException('interrupted', 'AbortError'))
  }
  for (const name of signals) process.on(name, interrupted)
  return {
    signal: controller.signal,
    stop() {
      for (const name of signals) process.off(name, interrupted)
    },
  }
}
