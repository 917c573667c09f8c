export { createHubCache } from './create-hub-cache.ts'
export { createLocalDir } from './create-local-dir.ts'
export {
  adopt,
  type Adoptable,
  type AdoptionPlace,
  adoptionPlaces,
  findAdoptable,
  type FindAdoptableOptions,
  gitLfsPlace,
} from './find-adoptable.ts'
export { type Lease, leaseRevision, type LeaseSubject } from './lease.ts'
export { findNameRules } from './name-claims.ts'
export type {
  CacheDeps,
  HubCacheOptions,
  LinkKind,
  LocalDirOptions,
  StoreOptions,
} from './options.ts'
export { type GcOptions, type GcPin, planGc } from './plan-gc.ts'
export { planPrune, planRemoval, type PruneOptions, type RemovalTarget } from './plan-removal.ts'
export { nodePlatform, type Platform } from './platform.ts'
export type { RemovalPlan, RepoRemoval } from './removal-plan.ts'
export { removePlanned, type RemovalReport } from './remove-planned.ts'
export { scanCache, scanOneRepo, scanRepos, type ScanStep } from './scan-cache.ts'
export type {
  CacheScan,
  LooseFile,
  ScannedFile,
  ScannedRepo,
  ScannedRevision,
} from './scan-model.ts'
export type { ScanRepoOptions } from './scan-repo.ts'
export { checkTargetNames, findNameFaults, type NameFault, type NameRules } from './target-names.ts'
export { type CachedFileQuery, knownMissing, tryToLoadFromCache } from './try-to-load.ts'
export {
  type Mismatch,
  type VerifyDeps,
  type VerifyOptions,
  type VerifyReport,
  verifyRevision,
  type VerifySubject,
} from './verify-revision.ts'
