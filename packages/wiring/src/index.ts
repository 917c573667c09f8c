export {
  type App,
  type Complete,
  createApp,
  type MissingWires,
  type NoNeeds,
} from './create-app.ts'
export { createTestApp, type TestApp, type TestAppOptions } from './create-test-app.ts'
export type { Hook, HookContext, Lifecycle, RunHook } from './hook.ts'
export { configModule } from './modules/config.ts'
export { clientModule } from './modules/client.ts'
export { hubModule } from './modules/hub.ts'
export { optionsModule } from './modules/options.ts'
export { progressModule } from './modules/progress.ts'
export { apiModule } from './modules/api.ts'
export { cacheModule } from './modules/cache.ts'
export { httpModule } from './modules/http.ts'
export {
  CLOCK,
  CONFIG,
  CONFIG_SOURCES,
  ENVIRONMENT,
  EVENT_SINKS,
  FILE_HASHER,
  FILE_STORE,
  FILE_TRANSFER,
  HTTP,
  HTTP_OPTIONS,
  HUB_API,
  HUB_API_OPTIONS,
  HUB_CACHE_OPTIONS,
  HUB_CLIENT,
  HUB_LOGGER,
  LOGGER,
  RANDOM,
  RANGE_READER,
  TERMINAL,
  TOKEN_SOURCE,
  TRANSFER_OPTIONS,
  TRANSPORT,
} from './modules/tokens.ts'
export { transferModule } from './modules/transfer.ts'
export type { AppOptions } from './options.ts'
export type { PartKind } from './part-node.ts'
export type { Needs, Parts } from './parts.ts'
export { runApp, type SignalSource, type StopSignal } from './run-app.ts'
export { type RequestShutdown, type Shutdown, SHUTDOWN, type ShutdownOptions } from './shutdown.ts'
export {
  firstOf,
  groupToken,
  type GroupToken,
  type Keyed,
  type Need,
  optional,
  token,
  type Token,
} from './token.ts'
export type { PictureFormat } from './visualize.ts'
export {
  type AnyWire,
  type AsksOf,
  type BuildPart,
  contribute,
  decorate,
  type GivesOf,
  invoke,
  module,
  type PartWire,
  privately,
  provide,
  replace,
  supply,
  type Wire,
} from './wire.ts'
export { WiringError, type WiringErrorInit } from './wiring-error.ts'
export { logWiringEvents, type WiringEvent, type WiringSink } from './wiring-event.ts'
