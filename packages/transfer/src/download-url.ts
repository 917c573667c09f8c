import { mkdir, rename } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import {
  HubError,
  redactUrl,
  type CachedFile,
  type ContentHash,
  type FileTransfer,
  type TransferFileOptions,
  type Transport,
  type VerifiedFile,
} from '@hfx/core'
import { describeDiskError } from './disk-error.ts'

/** What {@link downloadUrl} needs. */
export interface DownloadUrlDeps {
  readonly transfer: Pick<FileTransfer, 'transferFile'>
  /** Asks for the size where it is not given: the `transport` of `@hfx/http`. @default none */
  readonly transport?: Transport
}

/** A URL, and the file that it becomes. */
export interface UrlDownload {
  readonly url: string
  /** The file it becomes; replaced if it exists, its folder is made. */
  readonly to: string
  /** @default asked for with a HEAD request */
  readonly sizeBytes?: number
  /** What the content must hash to. Without it only the size is checked and nothing is resumed. @default unknown */
  readonly hash?: ContentHash
}

/** A file that came from a URL, verified as far as its hash was known. */
export interface DownloadedUrl {
  /** Absolute. */
  readonly path: string
  readonly sizeBytes: number
  readonly verifiedBy: 'sha256' | 'git-sha1' | 'size'
  /** Bytes that came over the network. */
  readonly fetchedBytes: number
}

/**
 * Downloads any URL to a path, without a Hub: the file appears under its name only when it is whole and proven.
 * @throws HubError `HUB_METADATA_MISSING` when the size is not given and the server does not tell it
 */
export async function downloadUrl(
  deps: DownloadUrlDeps,
  wanted: UrlDownload,
  options: Omit<TransferFileOptions, 'commit'> = {},
): Promise<DownloadedUrl> {
  const path = resolve(wanted.to)
  const folder = dirname(path)
  const sizeBytes = wanted.sizeBytes ?? (await askSize(deps, wanted.url, options))
  const source = {
    path: basename(path),
    sizeBytes,
    ...(wanted.hash ? { hash: wanted.hash } : {}),
    locate: () => Promise.resolve({ url: wanted.url }),
  }
  try {
    await mkdir(folder, { recursive: true })
  } catch (error) {
    throw describeDiskError(error, folder)
  }
  const staged = { folder, stem: basename(path) }
  const commit = ({ path: from }: VerifiedFile): Promise<CachedFile> =>
    publish(from, { path, sizeBytes })
  const moved = await deps.transfer.transferFile(source, staged, { ...options, commit })
  const { file, fetchedBytes } = moved
  // A transfer of another make may know nothing of committing.
  if (!moved.committed) await commit(file)
  return { path, sizeBytes, verifiedBy: file.verifiedBy, fetchedBytes }
}

async function publish(from: string, file: CachedFile): Promise<CachedFile> {
  try {
    await rename(from, file.path)
  } catch (error) {
    throw describeDiskError(error, file.path)
  }
  return file
}

async function askSize(
  deps: DownloadUrlDeps,
  url: string,
  options: TransferFileOptions,
): Promise<number> {
  const { signal } = options
  const answer = await deps.transport?.send({ method: 'HEAD', url }, signal ? { signal } : {})
  const length = answer?.headers['content-length']
  if (length !== undefined && /^\d{1,15}$/.test(length)) return Number(length)
  throw new HubError({
    code: 'HUB_METADATA_MISSING',
    message: `the size of ${redactUrl(url)} is not known`,
    hint: 'Give sizeBytes, or a transport that can ask for it.',
  })
}
