export { type ByteSource, type GenerateSpec } from './byte-source.ts'
export { createBufferSource, createGeneratedSource } from './byte-source.ts'
export { type ActiveFault, type Fault, type FaultRule, type FaultTarget } from './fault.ts'
export { type FakeHubOptions, type HubUser, hubQuotas, type Quota, type Quotas } from './options.ts'
export {
  type CommitSpec,
  type DetailedFileSpec,
  type FileSpec,
  type LazyEntry,
  type LazyTree,
  type RepoSpec,
} from './repo-spec.ts'
export { type LoggedRequest } from './request-log.ts'
export { type FakeHub, type PushOptions, startFakeHub } from './start-fake-hub.ts'
export { demoRepos } from './fixtures/demo-repos.ts'
export { createGgufFile, type GgufOptions, type GgufValue } from './fixtures/gguf.ts'
export { createManyFiles, type ManyFilesOptions } from './fixtures/many-files.ts'
export { createParquetFile, type ParquetRow } from './fixtures/parquet.ts'
export { createSafetensorsFile, type TensorSpec } from './fixtures/safetensors.ts'
export { sampleRepos } from './fixtures/sample-repos.ts'
