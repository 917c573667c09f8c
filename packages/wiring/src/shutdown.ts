import { token, type Token } from './token.ts'

/** With what code and reason an application ends. */
export interface ShutdownOptions {
  /** What `runApp` answers with. @default 0 */
  readonly exitCode?: number
  /** For events: a signal's name, or why. @default 'asked by a part' */
  readonly reason?: string
}

/** Why and how an application is to end. */
export interface Shutdown {
  readonly exitCode: number
  readonly reason: string
}

/** Lets a part end the application: each application has one under `SHUTDOWN`. Only the first call counts. */
export type RequestShutdown = (options?: ShutdownOptions) => void

/** Provided by every application itself. */
export const SHUTDOWN: Token<RequestShutdown, 'shutdown'> = token('shutdown')

export interface ShutdownLatch {
  readonly request: RequestShutdown
  /** Resolves with the first request, also when it came before anybody asked. */
  whenRequested(): Promise<Shutdown>
}

/** Remembers the first request. */
export function createShutdownLatch(onRequest: (shutdown: Shutdown) => void): ShutdownLatch {
  let first: Shutdown | undefined
  let waiting: ((shutdown: Shutdown) => void)[] = []
  return {
    request(options = {}) {
      if (first) return
      first = { exitCode: options.exitCode ?? 0, reason: options.reason ?? 'asked by a part' }
      onRequest(first)
      for (const resolve of waiting) resolve(first)
      waiting = []
    },
    whenRequested: () =>
      new Promise((resolve) => {
        if (first) resolve(first)
        else waiting.push(resolve)
      }),
  }
}
