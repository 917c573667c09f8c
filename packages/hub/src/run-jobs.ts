import type { AbortOptions, Clock, EventSink, StepOptions } from '@hfx/core'
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

  function untilClosed({ signal }: AbortOptions): AbortSignal {
    return signal ? AbortSignal.any([signal, closing.signal]) : closing.signal
  }

  return {
    getParts,
    start(options, work) {
      const sink = options.onEvent ? deps.bus.also(options.onEvent) : deps.bus.sink
      const job = startJob(
        { ...deps, sink },
        async (context) => work({ parts: await getParts(), context }),
        { signal: untilClosed(options) },
      )
      running.add(job)
      return job
    },
    async ask(options, question) {
      const made = await getParts()
      refuseOffline(made)
      const answer = question(made, { signal: untilClosed(options) })
      running.add(answer)
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
function createRunning(): { add(work: Promise<unknown>): void; settled(): Promise<void> } {
  const running = new Set<Promise<void>>()
  return {
    add(work) {
      const settled: Promise<void> = work.then(
        () => void running.delete(settled),
        () => void running.delete(settled),
      )
      running.add(settled)
    },
    async settled() {
      await Promise.all(running)
    },
  }
}
