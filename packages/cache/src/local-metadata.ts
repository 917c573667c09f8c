import { lstat, rm } from 'node:fs/promises'
import { isCommitHash, type Clock, type Logger } from '@hfx/core'
import { isAbsent } from './disk-error.ts'
import { readSmallFile } from './read-small-file.ts'

/** What was downloaded to a place, and when. */
export interface LocalMetadata {
  readonly commit: string
  readonly etag: string
  /** Seconds since the epoch, taken after the file was in place. */
  readonly writtenAtSeconds: number
}

const maxMetadataBytes = 4096
/** Clocks of file systems are coarse; Python allows as much. */
const toleranceSeconds = 1

/** Three lines: commit, ETag, seconds since the epoch. */
export function formatMetadata(
  at: { readonly commit: string; readonly etag: string },
  clock: Clock,
): string {
  return `${at.commit}\n${at.etag}\n${clock.now() / 1000}\n`
}

/** The metadata in a text; undefined when it is none. Further lines, CRLF and a missing last newline are fine. */
export function parseMetadata(text: string): LocalMetadata | undefined {
  const [commit, etag, seconds] = text.split('\n').map((line) => line.trim())
  if (commit === undefined || !isCommitHash(commit) || !etag || !seconds) return undefined
  const writtenAtSeconds = Number(seconds)
  return Number.isFinite(writtenAtSeconds) ? { commit, etag, writtenAtSeconds } : undefined
}

/**
 * True when nothing has happened to the file since its metadata was written. Python looks at the modification time
 * only; the change time cannot be set back, so it also shows content that came with an old date.
 */
export function isUntouched(
  metadata: LocalMetadata,
  stats: { readonly mtimeMs: number; readonly ctimeMs: number },
): boolean {
  const latestSeconds = Math.max(stats.mtimeMs, stats.ctimeMs) / 1000
  return latestSeconds - toleranceSeconds <= metadata.writtenAtSeconds
}

/** What is written about a file; undefined when there is nothing or only garbage. Writes nothing. */
export async function readMetadata(
  path: string,
  logger: Logger,
): Promise<LocalMetadata | undefined> {
  const file = await readSmallFile(path, maxMetadataBytes)
  if (!file) return undefined
  const metadata = parseMetadata(file.text)
  if (!metadata) logger.warn('metadata of a file cannot be read and is ignored', { path })
  return metadata
}

/** Removes metadata that would otherwise speak for a file about to be replaced. */
export async function dropMetadata(path: string): Promise<void> {
  try {
    await lstat(path)
  } catch (error) {
    if (isAbsent(error)) return
    throw error
  }
  await rm(path, { force: true, recursive: true })
}
