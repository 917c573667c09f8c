import type { Clock } from '@hfx/core'

import { withDeadline } from './deadline.ts'
import type { Hook, Lifecycle } from './hook.ts'
import { checkTimeout } from './options.ts'
import { messageOf, WiringError, wrapFailure } from './wiring-error.ts'
import type { WiringSink } from './wiring-event.ts'

/** Whose hook it is. */
export interface HookOwner {
  readonly part: string
  readonly module: string
}

export interface LifecycleRunner {
  lifecycleOf(owner: HookOwner): Lifecycle
  /** Runs start hooks in order until one fails. */
  start(signal: AbortSignal): Promise<void>
  /** Runs the stop hooks of what was started, in reverse; collects what they throw. */
  stop(signal: AbortSignal): Promise<readonly WiringError[]>
}

export interface LifecycleDeps {
  readonly clock: Clock
  readonly emit: WiringSink
}

interface Entry {
  readonly hook: Hook
  readonly name: string
  readonly owner: HookOwner
  isStarted: boolean
}

type Phase = 'start' | 'stop'

/** Keeps the hooks of one application in the order in which its parts were built. */
export function createLifecycle(deps: LifecycleDeps): LifecycleRunner {
  const entries: Entry[] = []
  let isClosed = false

  function append(owner: HookOwner, hook: Hook): void {
    checkTimeout('startTimeoutMs', hook.startTimeoutMs ?? Number.POSITIVE_INFINITY)
    checkTimeout('stopTimeoutMs', hook.stopTimeoutMs ?? Number.POSITIVE_INFINITY)
    const entry = { hook, owner, name: hook.name ?? owner.part, isStarted: !hook.onStart }
    // A build that comes to its end after the application gave up still has something to release.
    if (isClosed) void stopLate(deps, entry)
    else entries.push(entry)
  }

  return {
    lifecycleOf: (owner) => ({
      append: (hook) => append(owner, hook),
      onStop: (onStop) => append(owner, { onStop }),
    }),
    async start(signal) {
      for (const entry of entries) {
        signal.throwIfAborted()
        await runHook(deps, entry, { phase: 'start', signal })
        entry.isStarted = true
      }
    },
    async stop(signal) {
      isClosed = true
      const errors: WiringError[] = []
      for (const entry of entries.toReversed().filter((each) => each.isStarted)) {
        const error = await tryStop(deps, entry, signal)
        if (error) errors.push(error)
      }
      return errors
    },
  }
}

async function stopLate(deps: LifecycleDeps, entry: Entry): Promise<void> {
  // What it throws is in the `hook:end` event; nobody is left who could be told otherwise.
  if (entry.isStarted) await tryStop(deps, entry, new AbortController().signal)
}

async function tryStop(
  deps: LifecycleDeps,
  entry: Entry,
  signal: AbortSignal,
): Promise<WiringError | undefined> {
  if (!entry.hook.onStop) return undefined
  if (signal.aborted) {
    return new WiringError({
      code: 'HUB_WIRING',
      message: `"${entry.name}" was not stopped: ${messageOf(signal.reason)}`,
      hint: 'Give the stop more time with stopTimeoutMs, or the hook before it less with its own stopTimeoutMs.',
      cause: signal.reason,
      path: [entry.name],
    })
  }
  try {
    await runHook(deps, entry, { phase: 'stop', signal })
    return undefined
  } catch (error) {
    return error instanceof WiringError
      ? error
      : wrapFailure(`"${entry.name}" failed to stop`, error, [entry.name])
  }
}

async function runHook(
  deps: LifecycleDeps,
  entry: Entry,
  run: { readonly phase: Phase; readonly signal: AbortSignal },
): Promise<void> {
  const { hook, name, owner } = entry
  const { phase, signal } = run
  const work = phase === 'start' ? hook.onStart : hook.onStop
  if (!work) return
  const timeoutMs = phase === 'start' ? hook.startTimeoutMs : hook.stopTimeoutMs
  const beganMs = deps.clock.monotonic()
  const fact = { ...owner, phase, hook: name }
  const took = (): number => deps.clock.monotonic() - beganMs
  deps.emit({ type: 'hook:start', ...fact })
  try {
    await withDeadline(
      {
        clock: deps.clock,
        signal,
        timeoutMs: timeoutMs ?? Number.POSITIVE_INFINITY,
        expired: () => hookExpired(entry, phase, timeoutMs ?? 0),
      },
      async (hookSignal) => work({ signal: hookSignal }),
    )
    deps.emit({ type: 'hook:end', ...fact, outcome: 'done', durationMs: took() })
  } catch (error) {
    const failure = failureOf(entry, run, error)
    const message = messageOf(failure)
    deps.emit({ type: 'hook:end', ...fact, outcome: 'failed', durationMs: took(), message })
    throw failure
  }
}

function failureOf(
  entry: Entry,
  run: { readonly phase: Phase; readonly signal: AbortSignal },
  error: unknown,
): unknown {
  // Given up from outside: the reason is the caller's own and passes as it is; a stop that ran out of time names itself.
  if (run.signal.aborted && error === run.signal.reason) {
    return run.phase === 'start' ? error : wrapFailure(`"${entry.name}" did not stop`, error)
  }
  if (error instanceof WiringError && error.path[0] === entry.name) return error
  return wrapFailure(`"${entry.name}" failed to ${run.phase}`, error, [entry.name])
}

function hookExpired(entry: Entry, phase: Phase, timeoutMs: number): WiringError {
  return new WiringError({
    code: 'HUB_WIRING',
    message: `"${entry.name}" did not ${phase} within ${timeoutMs} ms`,
    hint: `Raise the hook's ${phase}TimeoutMs, or have it listen to its signal.`,
    path: [entry.name],
  })
}
