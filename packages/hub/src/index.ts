// What programs that hold a client also name: its errors, its events and what its methods answer.
export {
  DiskError,
  HttpError,
  HubError,
  type HubErrorCode,
  IncompleteError,
  InsufficientSpaceError,
  IntegrityError,
  isHubError,
  SnapshotError,
  StalledError,
} from '@hfx/core'
export type {
  DownloadPlan,
  EventSink,
  FileResult,
  HubEvent,
  Logger,
  RepoFile,
  RepoRef,
  SnapshotResult,
} from '@hfx/core'
export type { ClientParts, ParseTarget, TunableTransfer } from './compose-parts.ts'
export {
  composeParts,
  createHubClient,
  createHubClientOver,
  type GivenParts,
} from './create-hub-client.ts'
export type { EventOf } from './event-bus.ts'
export type {
  FileOptions,
  HubClient,
  ListFilesOptions,
  RepoInput,
  RevisionOptions,
  SnapshotOptions,
} from './hub-client.ts'
export type { Job } from './job.ts'
export {
  compareLockedFiles,
  createLockedRepo,
  formatLockFile,
  listLockedFiles,
  type LockChange,
  type LockedFile,
  type LockedRepo,
  type LockedSelection,
  type LockFile,
  withLockedRepo,
} from './lock-file.ts'
export { parseLockFile } from './parse-lock-file.ts'
export { compilePattern } from './match-pattern.ts'
export type { HubClientOptions } from './options.ts'
export {
  type GgufVariant,
  listGgufVariants,
  type QuantOptions,
  selectQuant,
} from './select-quant.ts'
export { selectWeights, type SkippedFile, type WeightChoice } from './select-weights.ts'
export {
  apiOptionsOf,
  cacheOptionsOf,
  type Configured,
  givenToken,
  httpOptionsOf,
  type Reaching,
  transferOptionsOf,
} from './part-options.ts'
export { createTokenExchange, type TokenExchange } from './token-exchange.ts'
