import type { AbortOptions } from '@hfx/core'

import { checkGraph } from './check-graph.ts'
import { createGraph } from './graph.ts'
import { type AppOptions, resolveAppOptions } from './options.ts'
import { createPartNode, type NodePlace, type Recipe } from './part-node.ts'
import { type Needs, type Parts, plansOf, type RequiresOfNeeds, resolveParts } from './parts.ts'
import { createPhases } from './phases.ts'
import type { Scope } from './scope.ts'
import { type Need, plan } from './token.ts'
import type { Shutdown, ShutdownOptions } from './shutdown.ts'
import { createShutdownLatch, SHUTDOWN } from './shutdown.ts'
import { type PictureFormat, renderPicture } from './visualize.ts'
import { type AnyWire, type AsksOf, type GivesOf, supply } from './wire.ts'
import { containSink, createEventRecord, logWiringEvents } from './wiring-event.ts'

/** A wired application. It lives once: started, then stopped. */
export interface App<N extends Needs> extends AsyncDisposable {
  /**
   * Builds what invokes and `expose` need, runs the invokes, then the start hooks in build order. When one fails,
   * stops what was started and rejects with a `WiringError`; an abort of `signal` does the same and passes through.
   */
  start(options?: AbortOptions): Promise<Parts<N>>
  /**
   * Runs stop hooks in reverse and rejects with a `WiringError` that holds all they threw. During a start it gives the
   * start up. Does nothing when nothing was started; further calls answer as the first.
   */
  stop(options?: AbortOptions): Promise<void>
  /** Asks whoever waits for `whenShutdown` to stop the application. The part `SHUTDOWN` does the same. */
  requestShutdown(options?: ShutdownOptions): void
  /** Resolves with the first request to shut down, also when it came before. */
  whenShutdown(): Promise<Shutdown>
  /** The graph as a picture. Parts that this application would not build are dashed. */
  visualize(format: PictureFormat): string
}

/** What the compiler answers when a wire is missing: the names that nothing provides. */
export interface MissingWires<Names extends string> {
  readonly 'nothing provides': Names
}

/** `unknown` when the names can be added up and all are there, or when they are not known before the program runs. */
export type Complete<W extends AnyWire, N extends Needs> = [Missing<W, N>] extends [never]
  ? unknown
  : string extends Missing<W, N>
    ? unknown
    : MissingWires<Missing<W, N>>

type Missing<W extends AnyWire, N extends Needs> = Exclude<
  AsksOf<W> | Exclude<RequiresOfNeeds<N>, GivesOf<W>>,
  'shutdown'
>

/** No parts asked for. */
export type NoNeeds = Readonly<Record<string, never>>

/**
 * Puts an application together. Nothing is built yet, but everything that can be known is checked: throws a
 * `WiringError` (`HUB_WIRING`) for a missing part with its path and the nearest name, for a cycle, and for two wires
 * that provide the same part.
 */
export function createApp<const W extends readonly AnyWire[], const N extends Needs = NoNeeds>(
  wires: W & Complete<W[number], N>,
  options: AppOptions<N> = {},
): App<N> {
  return assembleApp({ wires, overrides: [] }, options)
}

export interface AppSources {
  readonly wires: readonly AnyWire[]
  readonly overrides: readonly AnyWire[]
}

/** `createApp` for wires of which the compiler knows nothing. */
export function assembleApp<const N extends Needs>(
  sources: AppSources,
  options: AppOptions<N>,
): App<N> {
  const settings = resolveAppOptions(options)
  const record = createEventRecord(containSink(settings.onEvent), options.logTo !== undefined)
  const { emit } = record
  const shutdown = createShutdownLatch((request) => emit({ type: 'shutdown:request', ...request }))
  const wires = [...sources.wires, supply(SHUTDOWN, shutdown.request)]
  const graph = createGraph(wires, sources.overrides)
  const exposed = createPartNode(exposeRecipe(options.expose), { name: 'app', scope: graph.root })
  const log = options.logTo && createPartNode(needRecipe(options.logTo), logPlace(graph.root))
  const roots = [...(log ? [log] : []), ...graph.invokes, exposed]
  checkGraph(graph, roots)
  for (const { name, kind, scope, isPrivate } of graph.nodes) {
    emit({ type: 'wire:add', part: name, module: scope.name, kind, isPrivate })
  }
  const phases = createPhases({ ...settings, emit }, async (context) => {
    if (log) record.connect(containSink(logWiringEvents(await log.build(context))))
    for (const node of graph.invokes) await node.build(context)
    return exposed.build(context)
  })
  return {
    start: (startOptions) => phases.start(startOptions),
    stop: (stopOptions) => phases.stop(stopOptions),
    requestShutdown: shutdown.request,
    whenShutdown: () => shutdown.whenRequested(),
    visualize: (format) => renderPicture(graph, roots, format),
    [Symbol.asyncDispose]: () => phases.stop(),
  }
}

function exposeRecipe<N extends Needs>(expose: N | undefined): Recipe<Parts<N>> {
  return {
    kind: 'expose',
    plans: plansOf(expose),
    make: (view, context) => resolveParts(expose, view, context),
  }
}

function needRecipe<T>(need: Need<T>): Recipe<T> {
  const wish = need[plan]
  return { kind: 'expose', plans: [wish], make: (view, context) => wish.resolve(view, context) }
}

function logPlace(scope: Scope): NodePlace {
  return { name: 'logTo', scope }
}
