export { createFileTransfer } from './create-file-transfer.ts'
export type { TunableFileTransfer } from './create-file-transfer.ts'
export type { FileTransferDeps } from './create-engine.ts'
export { createFileHasher } from './hash-file.ts'
export type { ClosableFileHasher } from './hash-file.ts'
export type { TransferOptions } from './options.ts'
export { checkSpace } from './check-space.ts'
export type {
  CheckSpaceOptions,
  ReadVolume,
  SpaceDemand,
  SpaceReport,
  VolumeSpace,
} from './check-space.ts'
export { downloadUrl } from './download-url.ts'
export type { DownloadedUrl, DownloadUrlDeps, UrlDownload } from './download-url.ts'
