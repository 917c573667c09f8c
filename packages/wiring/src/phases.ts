import type { AbortOptions } from '@hfx/core'

import { createBuildContext } from './build-context.ts'
import { withDeadline } from './deadline.ts'
import { createLifecycle, type LifecycleRunner } from './lifecycle.ts'
import type { ResolvedAppOptions } from './options.ts'
import type { BuildContext } from './part-node.ts'
import { messageOf, WiringError, wrapFailure } from './wiring-error.ts'
import type { WiringSink } from './wiring-event.ts'

export interface Phases<P> {
  start(options?: AbortOptions): Promise<P>
  stop(options?: AbortOptions): Promise<void>
}

export interface PhasesDeps extends Omit<ResolvedAppOptions, 'onEvent'> {
  readonly emit: WiringSink
}

type State<P> =
  | { readonly kind: 'new' }
  | { readonly kind: 'starting'; readonly started: Promise<P>; readonly giveUp: AbortController }
  | { readonly kind: 'running' }
  | { readonly kind: 'stopped'; readonly stopped: Promise<void> }

/** One life of an application: start once, stop once, whoever asks and when. */
export function createPhases<P>(
  deps: PhasesDeps,
  build: (context: BuildContext) => Promise<P>,
): Phases<P> {
  const lifecycle = createLifecycle(deps)
  let state: State<P> = { kind: 'new' }

  async function bringUp(giveUp: AbortController, options: AbortOptions): Promise<P> {
    const signals = options.signal ? [giveUp.signal, options.signal] : [giveUp.signal]
    deps.emit({ type: 'startup:start' })
    const parts = await timed(deps, 'startup', async () => {
      try {
        return await startUp(deps, lifecycle, { build, signal: AbortSignal.any(signals) })
      } catch (error) {
        const failed = { error, isAbort: isAbortOf(options, error) }
        const rolledBack = rollBack(deps, lifecycle, failed)
        // Who stops it now waits for the rollback.
        state = { kind: 'stopped', stopped: rolledBack.then(() => undefined) }
        throw await rolledBack
      }
    })
    state = { kind: 'running' }
    return parts
  }

  async function giveUpStart(begun: State<P> & { readonly kind: 'starting' }): Promise<void> {
    begun.giveUp.abort(stoppedEarly())
    // How the start ended is for the one who started.
    await begun.started.catch(() => undefined)
    // A start that had just succeeded when it was given up is running now.
    if (state.kind === 'running') await stop()
  }

  function stop(options: AbortOptions = {}): Promise<void> {
    if (state.kind === 'stopped') return state.stopped
    if (state.kind === 'starting') return giveUpStart(state)
    if (state.kind === 'new') return Promise.resolve()
    const stopped = shutDown(deps, lifecycle, options.signal)
    state = { kind: 'stopped', stopped }
    return stopped
  }

  return {
    stop,
    async start(options = {}) {
      if (state.kind !== 'new') throw startedTwice(state.kind)
      options.signal?.throwIfAborted()
      const giveUp = new AbortController()
      const started = Promise.resolve().then(() => bringUp(giveUp, options))
      state = { kind: 'starting', started, giveUp }
      return started
    },
  }
}

function isAbortOf(options: AbortOptions, error: unknown): boolean {
  return options.signal?.aborted === true && error === options.signal.reason
}

function stoppedEarly(): WiringError {
  return new WiringError({
    code: 'HUB_WIRING',
    message: 'The application was stopped while it was starting',
  })
}

function startedTwice(kind: string): WiringError {
  return new WiringError({
    code: 'HUB_WIRING',
    message: `The application cannot be started: it is ${kind}`,
    hint: 'Create a new application; each has one life.',
  })
}

interface StartUp<P> {
  readonly build: (context: BuildContext) => Promise<P>
  readonly signal: AbortSignal
}

function startUp<P>(
  deps: PhasesDeps,
  lifecycle: LifecycleRunner,
  { build, signal }: StartUp<P>,
): Promise<P> {
  const expired = (): WiringError =>
    new WiringError({
      code: 'HUB_WIRING',
      message: `The application did not start within ${deps.startTimeoutMs} ms`,
      hint: 'Raise startTimeoutMs, or move long work out of build functions, invokes and start hooks.',
    })
  return withDeadline(
    { clock: deps.clock, timeoutMs: deps.startTimeoutMs, signal, expired },
    async (startSignal) => {
      const parts = await build(createBuildContext({ ...deps, lifecycle, signal: startSignal }))
      startSignal.throwIfAborted()
      await lifecycle.start(startSignal)
      return parts
    },
  )
}

interface FailedStart {
  readonly error: unknown
  /** The caller's own abort reason: it goes back as it came. */
  readonly isAbort: boolean
}

async function rollBack(
  deps: PhasesDeps,
  lifecycle: LifecycleRunner,
  { error, isAbort }: FailedStart,
): Promise<unknown> {
  deps.emit({ type: 'rollback:start', message: messageOf(error) })
  const errors: unknown[] = []
  try {
    await timed(deps, 'rollback', () => stopAll(deps, lifecycle))
  } catch (stopError) {
    errors.push(...(stopError instanceof WiringError ? stopError.errors : [stopError]))
  }
  return isAbort || errors.length === 0 ? error : startAndStopFailed(error, errors)
}

function startAndStopFailed(error: unknown, stopErrors: readonly unknown[]): WiringError {
  const details = stopErrors.map((each) => messageOf(each)).join('; ')
  const { code, hint } = wrapFailure('Start failed', error)
  return new WiringError({
    code,
    message: `${messageOf(error)}; and stopping what had been started: ${details}`,
    ...(hint !== undefined && { hint }),
    path: error instanceof WiringError ? error.path : [],
    cause: error,
    errors: [error, ...stopErrors],
  })
}

async function shutDown(
  deps: PhasesDeps,
  lifecycle: LifecycleRunner,
  signal?: AbortSignal,
): Promise<void> {
  deps.emit({ type: 'shutdown:start' })
  await timed(deps, 'shutdown', () => stopAll(deps, lifecycle, signal))
}

/** Stops what was started, in time; throws one error that holds all there were. */
async function stopAll(
  deps: PhasesDeps,
  lifecycle: LifecycleRunner,
  signal?: AbortSignal,
): Promise<void> {
  const late = new AbortController()
  const settled = new AbortController()
  void abortInTime(deps, late, settled.signal)
  const errors = await lifecycle.stop(AbortSignal.any([late.signal, ...(signal ? [signal] : [])]))
  settled.abort()
  const [first, ...others] = errors
  if (!first) return
  throw new WiringError({
    code: 'HUB_WIRING',
    message: `The application did not stop cleanly: ${errors.map(messageOf).join('; ')}`,
    ...(first.hint !== undefined && { hint: first.hint }),
    cause: others.length === 0 ? first : new AggregateError(errors),
    path: first.path,
    errors,
  })
}

async function abortInTime(
  deps: PhasesDeps,
  late: AbortController,
  settled: AbortSignal,
): Promise<void> {
  if (deps.stopTimeoutMs === Number.POSITIVE_INFINITY) return
  try {
    await deps.clock.sleep(deps.stopTimeoutMs, settled)
  } catch {
    // Everything was stopped before its time was up.
    return
  }
  late.abort(
    new WiringError({
      code: 'HUB_WIRING',
      message: `the application's ${deps.stopTimeoutMs} ms to stop were over`,
    }),
  )
}

type TimedPhase = 'startup' | 'rollback' | 'shutdown'

async function timed<T>(deps: PhasesDeps, phase: TimedPhase, work: () => Promise<T>): Promise<T> {
  const beganMs = deps.clock.monotonic()
  const took = (): number => deps.clock.monotonic() - beganMs
  const type: `${TimedPhase}:end` = `${phase}:end`
  try {
    const result = await work()
    deps.emit({ type, outcome: 'done', durationMs: took() })
    return result
  } catch (error) {
    deps.emit({ type, outcome: 'failed', durationMs: took(), message: messageOf(error) })
    throw error
  }
}
