import { exitCodes } from './exit-code.ts'

/** The first SIGINT or SIGTERM aborts the command, which keeps its partials; the second ends the process at once. */
export function watchInterrupts(end: (code: number) => void): {
  readonly signal: AbortSignal
  stop(): void
} {
  const controller = new AbortController()
  const signals = ['SIGINT', 'SIGTERM'] as const
  function interrupted(): void {
    if (controller.signal.aborted) return end(exitCodes.interrupted)
    controller.abort(new DOMException('interrupted', 'AbortError'))
    // A server that does not let go, or a disk that hangs, must not keep the prompt from the user.
    setTimeout(() => end(exitCodes.interrupted), 900).unref()
  }
  for (const name of signals) process.on(name, interrupted)
  return {
    signal: controller.signal,
    stop() {
      for (const name of signals) process.off(name, interrupted)
    },
  }
}
