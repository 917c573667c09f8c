import {
  type AbortOptions,
  type Clock,
  type EventSink,
  type JoinedSignal,
  joinSignals,
  type StepOptions,
} from '@hfx/core'
import type { ClientParts } from './compose-parts.ts'
import type { EventBus } from './event-bus.ts'
import { type Job, type JobContext, startJob } from './job.ts'
import { once } from './once.ts'
import { refuseOffline } from './refuse-offline.ts'

export interface JobRunnerDeps {
  readonly clock: Clock
  readonly bus: EventBus
  readonly newJobId: () => string
  /** Called with the first job, once. */
  readonly compose: () => Promise<ClientParts>
}

export interface JobWork {
  readonly parts: ClientParts
  readonly context: JobContext
}

/** Starts work over parts that are made with the first of it, and ends all of it on close. */
export interface JobRunner {
  start<T>(
    options: AbortOptions & { readonly onEvent?: EventSink },
    work: (given: JobWork) => Promise<T>,
  ): Job<T>
  /** One question to the Hub, without a job. */
  ask<T>(
    options: AbortOptions,
    question: (parts: ClientParts, step: StepOptions) => Promise<T>,
  ): Promise<T>
  getParts(): Promise<ClientParts>
  /** Aborts with the caller's signal and with the client. */
  untilClosed(options: AbortOptions): JoinedSignal
  setRateLimit(bytesPerSecond: number | undefined): void
  close(): Promise<void>
}

export function createJobRunner(deps: JobRunnerDeps): JobRunner {
  const parts = once(deps.compose)
  const closing = new AbortController()
  const running = createRunning()
  let wantedRate: { readonly bytesPerSecond: number | undefined } | undefined

  async function getParts(): Promise<ClientParts> {
    closing.signal.throwIfAborted()
    const made = await parts.get()
    if (wantedRate) made.transfer.setRateLimit(wantedRate.bytesPerSecond)
    wantedRate = undefined
    return made
  }

  const untilClosed = ({ signal }: AbortOptions): JoinedSignal =>
    joinSignals(signal, closing.signal)

  return {
    getParts,
    untilClosed,
    start(options, work) {
      const sink = options.onEvent ? deps.bus.also(options.onEvent) : deps.bus.sink
      const { signal, leave } = untilClosed(options)
      const job = startJob(
        { ...deps, sink },
        async (context) => work({ parts: await getParts(), context }),
        { signal },
      )
      running.add(job, leave)
      return job
    },
    async ask(options, question) {
      const made = await getParts()
      refuseOffline(made)
      const { signal, leave } = untilClosed(options)
      const answer = question(made, { signal })
      running.add(answer, leave)
      return answer
    },
    setRateLimit(bytesPerSecond) {
      wantedRate = { bytesPerSecond }
      if (parts.made) void getParts().catch(() => undefined)
    },
    async close() {
      closing.abort(new DOMException('the client was closed', 'AbortError'))
      await running.settled()
      if (parts.made) await (await parts.get()).close()
    },
  }
}

/** Work that has not come to its end, whichever end. */
function createRunning(): {
  add(work: Promise<unknown>, atEnd: () => void): void
  settled(): Promise<void>
} {
  const running = new Set<Promise<void>>()
  return {
    add(work, atEnd) {
      const end = (): void => {
        running.delete(settled)
        atEnd()
      }
      const settled: Promise<void> = work.then(end, end)
      running.add(settled)
    },
    async settled() {
      await Promise.all(running)
    },
  }
}
