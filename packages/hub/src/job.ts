import type {
  AbortOptions,
  EventSink,
  FlowEvent,
  HubEvent,
  PauseGate,
  StepOptions,
} from '@hfx/core'
import { type Clock, eventVersion, joinSignals } from '@hfx/core'
import { createEventQueue } from './event-queue.ts'
import { createPauseButton } from './pause-gate.ts'

/**
 * A long piece of work. Await it for its result, or iterate it for its events; nothing else is needed.
 * Events come from the moment of the call that made the job; iterate at once to see them all.
 */
export interface Job<T> extends Promise<T>, AsyncIterable<HubEvent> {
  readonly id: string
  readonly paused: boolean
  /** Stops taking new ranges and lets sockets idle; what is on disk stays. */
  pause(): void
  resume(): void
  /** Rejects the job with `reason` (an `AbortError` by default) and closes its sockets. Partials are kept. */
  abort(reason?: unknown): void
}

/** What the work of a job is given. */
export interface JobContext extends Required<StepOptions> {
  readonly gate: PauseGate
}

export interface JobDeps {
  readonly clock: Clock
  /** Hears every event of every job. Must not throw. */
  readonly sink: EventSink
  readonly newJobId: () => string
}

/** Starts `work` on the next microtask, so that whoever holds the job can listen before the first event. */
export function startJob<T>(
  deps: JobDeps,
  work: (context: JobContext) => Promise<T>,
  options: AbortOptions = {},
): Job<T> {
  const id = deps.newJobId()
  const button = createPauseButton()
  const queue = createEventQueue()
  const controller = new AbortController()
  const { signal, leave } = joinSignals(options.signal, controller.signal)
  const emit = (event: FlowEvent): void => {
    const stamped: HubEvent = { ...event, v: eventVersion, jobId: id, atMs: deps.clock.now() }
    deps.sink(stamped)
    queue.push(stamped)
  }
  const done = Promise.resolve()
    .then(() => {
      signal.throwIfAborted()
      return work({ signal, emit, gate: button, trace: { jobId: id } })
    })
    .finally(() => {
      leave()
      queue.end()
    })
  // A job that is only iterated must not end the process; whoever awaits it still gets the error.
  done.catch(() => undefined)
  return {
    id,
    get paused() {
      return button.paused
    },
    pause: () => button.pause(),
    resume: () => button.resume(),
    abort: (reason) => controller.abort(reason),
    // eslint-disable-next-line unicorn/no-thenable -- a job is a promise by design: `await job`
    then: (onDone, onFailed) => done.then(onDone, onFailed),
    catch: (onFailed) => done.catch(onFailed),
    finally: (onSettled) => done.finally(onSettled),
    [Symbol.toStringTag]: 'Job',
    [Symbol.asyncIterator]: () => queue.iterate(),
  }
}
