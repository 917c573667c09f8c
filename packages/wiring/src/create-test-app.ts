import { type App, assembleApp } from './create-app.ts'
import type { AppOptions } from './options.ts'
import type { Needs, Parts } from './parts.ts'
import type { AnyWire } from './wire.ts'
import type { WiringEvent } from './wiring-event.ts'

/** Which parts {@link createTestApp} replaces. */
export interface TestAppOptions<N extends Needs> extends AppOptions<N> {
  /**
   * `replace()` and `decorate()` wires that stand in for parts wherever they are asked for: private ones, decorated
   * ones, and ones that nobody provides. What only the originals need is not built, and need not be there.
   * @default none
   */
  readonly replace?: readonly AnyWire[]
}

/** An application that runs. Leaving its block with `await using`, or `stop`, ends it. */
export interface TestApp<N extends Needs> extends AsyncDisposable {
  readonly app: App<N>
  /** The exposed parts. */
  readonly parts: Parts<N>
  /** All events so far. */
  readonly events: readonly WiringEvent[]
  stop(): Promise<void>
}

/** The test twin of `createApp`: the same wires with some parts replaced, started. */
export async function createTestApp<const N extends Needs>(
  wires: readonly AnyWire[],
  options: TestAppOptions<N>,
): Promise<TestApp<N>> {
  const events: WiringEvent[] = []
  const { replace: overrides = [], ...appOptions } = options
  const app = assembleApp<N>(
    { wires, overrides },
    {
      ...appOptions,
      onEvent(event) {
        events.push(event)
        options.onEvent?.(event)
      },
    },
  )
  const parts = await app.start()
  return { app, parts, events, stop: () => app.stop(), [Symbol.asyncDispose]: () => app.stop() }
}
