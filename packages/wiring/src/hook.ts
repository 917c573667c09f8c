/** What a hook is given. */
export interface HookContext {
  /** Aborts when the hook's time is up, or the start or stop it belongs to is given up. */
  readonly signal: AbortSignal
}

/** What runs at a start or a stop. */
export type RunHook = (context: HookContext) => void | Promise<void>

/** One thing to start and to stop. */
export interface Hook {
  /** For events and errors. @default the name of the part that appends it */
  readonly name?: string
  /** Runs in build order, after the start of everything this part needs. */
  readonly onStart?: RunHook
  /**
   * Runs in reverse order, if `onStart` succeeded. Without an `onStart` it releases what building opened: it then runs
   * even when the application never got as far as starting.
   */
  readonly onStop?: RunHook
  /** Milliseconds for this hook alone. @default what is left of the whole start */
  readonly startTimeoutMs?: number
  /** Milliseconds for this hook alone. @default what is left of the whole stop */
  readonly stopTimeoutMs?: number
}

/** Where a part hangs its start and stop on while it is built. */
export interface Lifecycle {
  append(hook: Hook): void
  /** Shorthand for `append({ onStop })`. */
  onStop(run: RunHook): void
}
