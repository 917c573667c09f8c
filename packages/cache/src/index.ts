export { createHubCache } from './create-hub-cache.ts'
export { createLocalDir } from './create-local-dir.ts'
export type {
  CacheDeps,
  HubCacheOptions,
  LinkKind,
  LocalDirOptions,
  StoreOptions,
} from './options.ts'
export type { Platform } from './platform.ts'
export { checkTargetNames, findNameFaults, type NameFault, type NameRules } from './target-names.ts'
export { findNameRules } from './name-claims.ts'
