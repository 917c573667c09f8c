export { createHubClient } from './create-hub-client.ts'
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
export { compilePattern } from './match-pattern.ts'
export type { HubClientOptions } from './options.ts'
export {
  type GgufVariant,
  listGgufVariants,
  type QuantOptions,
  selectQuant,
} from './select-quant.ts'
export { selectWeights, type SkippedFile, type WeightChoice } from './select-weights.ts'
