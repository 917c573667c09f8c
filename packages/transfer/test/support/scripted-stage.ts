import type { Clock, FileLocation, FlowEvent, StepOptions, TransferSource } from '@hfx/core'
import { createManualClock, type ManualClock } from '@hfx/testing'
import { createEngine } from '../../src/create-engine.ts'
import { fetchRanges } from '../../src/fetch-ranges.ts'
import type { FileTask, TransferEngine } from '../../src/file-task.ts'
import { createLocator } from '../../src/locate-source.ts'
import type { TransferOptions } from '../../src/options.ts'
import { createScriptedReader, type ScriptedRequest } from './scripted-reader.ts'

/** What a part of most tests has. */
export const partBytes: number = 64 * 1024

export type Locate = TransferSource['locate']

/** Ranges over a network and a clock that stand still until the test moves them. */
export interface ScriptedStage {
  readonly clock: ManualClock
  readonly requests: readonly ScriptedRequest[]
  readonly events: FlowEvent[]
  /** What the pool of lanes was told, as `large throttled` or `small +1`. */
  readonly told: readonly string[]
  /** Starts to fetch a file of so many parts. */
  fetch(parts: number, wish?: FetchWish): Fetching
}

export type FetchWish = Partial<FileTask> & { readonly locate?: Locate } & Pick<
    StepOptions,
    'signal'
  >

export interface Fetching {
  readonly task: FileTask
  /** `done`, or what it failed with. */
  readonly over: Promise<unknown>
}

export function openStage(
  options: TransferOptions = {},
  clockOf: (clock: Clock) => Clock = (clock) => clock,
  wire: Parameters<typeof createScriptedReader>[0] = {},
): ScriptedStage {
  const clock = createManualClock()
  const { rangeReader, requests } = createScriptedReader(wire)
  const resolved = { partBytes, connections: 4, retryWaitMs: 0, maxAttempts: 99, ...options }
  const deps = { rangeReader, clock: clockOf(clock) }
  const told: string[] = []
  const engine = listenToPool(createEngine(deps, resolved, new AbortController().signal), told)
  const events: FlowEvent[] = []
  return {
    clock,
    requests,
    events,
    told,
    fetch: (parts, wish = {}) => {
      const task = describeTask(engine, parts, { events, partBytes: resolved.partBytes, wish })
      const wanted = [{ start: 0, end: task.source.sizeBytes }]
      const over = fetchRanges(engine, task, wanted).then(
        () => 'done',
        (error: unknown) => error,
      )
      return { task, over }
    },
  }
}

function listenToPool(engine: TransferEngine, told: string[]): TransferEngine {
  const { pool } = engine
  return {
    ...engine,
    pool: {
      ...pool,
      count: (kind, amount) => {
        told.push(`${kind} +${amount}`)
        pool.count(kind, amount)
      },
      report: (kind, trouble) => {
        told.push(`${kind} ${trouble}`)
        pool.report(kind, trouble)
      },
    },
  }
}

function describeTask(
  engine: TransferEngine,
  parts: number,
  given: { readonly events: FlowEvent[]; readonly partBytes: number; readonly wish: FetchWish },
): FileTask {
  const { locate = located, signal, ...wish } = given.wish
  const source = { path: 'f.bin', sizeBytes: parts * given.partBytes, locate }
  const step = {
    emit: (event: FlowEvent) => void given.events.push(event),
    ...(signal ? { signal } : {}),
  }
  return {
    source,
    step,
    gate: undefined,
    kind: 'large',
    partBytes: given.partBytes,
    splittable: true,
    writer: { write: () => Promise.resolve() },
    locator: createLocator(engine, source, step),
    totals: { done: [], fetchedBytes: 0, retries: 0, lastProgressAtMs: 0 },
    onBytes: () => {},
    onWritten: () => {},
    onPart: () => {},
    ...wish,
  }
}

export function located(): Promise<FileLocation> {
  return Promise.resolve({ url: 'http://cdn.example/f' })
}

/** Answers a request to its end. */
export function serve(request: ScriptedRequest | undefined): void {
  if (!request) throw new Error('no such request')
  request.send(request.range.end - request.range.start)
  request.end()
}

export function failAll(requests: readonly ScriptedRequest[], error: Error): void {
  for (const request of requests) request.fail(error)
}

/** Answers all requests from the given one on, also those that come meanwhile. */
export async function serveRest(
  stage: Pick<ScriptedStage, 'requests' | 'clock'>,
  from: number,
): Promise<void> {
  for (let at = from; at < stage.requests.length; at += 1) {
    serve(stage.requests[at])
    await stage.clock.advance(0)
  }
}
