import {
  HubError,
  type ExpectedContent,
  type FileTransfer,
  type StagedFile,
  type StepOptions,
  type TransferFileOptions,
  type TransferResult,
  type TransferSource,
  type VerifiedFile,
} from '@hfx/core'
import { createEngine, type FileTransferDeps } from './create-engine.ts'
import { sumRanges } from './file-ranges.ts'
import type { TransferEngine } from './file-task.ts'
import { findPartials } from './find-partials.ts'
import { hashStoredFile } from './hash-file.ts'
import { checkRate, type TransferOptions } from './options.ts'
import { openForReading } from './staged-writer.ts'
import { smallFileBytes, transferFile } from './transfer-file.ts'
import { proveContent } from './verify-file.ts'

/** A `FileTransfer` whose speed limit can be changed, and whose lanes can be seen. */
export interface TunableFileTransfer extends FileTransfer {
  /** Bytes per second over all connections from now on; undefined for no limit. @throws RangeError below 1 */
  setRateLimit(bytesPerSecond: number | undefined): void
  /** Connections that may be open now. */
  readonly lanes: number
}

/** One pool of lanes over all files that are given to it, with one memory budget and one speed limit. Opens nothing yet. */
export function createFileTransfer(
  deps: FileTransferDeps,
  options: TransferOptions = {},
): TunableFileTransfer {
  const closing = new AbortController()
  const engine = createEngine(deps, options, closing.signal)
  const running = new Set<Promise<unknown>>()

  function track<T>(work: Promise<T>): Promise<T> {
    running.add(work)
    const forget = (): void => void running.delete(work)
    work.then(forget, forget)
    return work
  }

  return {
    transferFile: (source, staged, fileOptions = {}) =>
      track(transferChecked(engine, { source, staged }, fileOptions)),
    findPartial: (source, staged) => findPartialBytes(engine, source, staged),
    verifyFile: (path, expected, step = {}) =>
      track(verifyStored(engine, path, { expected, step })),
    setRateLimit: (bytesPerSecond) => engine.rateLimit.setRate(checkRate(bytesPerSecond)),
    get lanes() {
      return engine.pool.lanes
    },
    close: async () => {
      closing.abort(
        new HubError({ code: 'HUB_CONNECTION_LOST', message: 'the transfer was closed' }),
      )
      await Promise.allSettled(running)
      await engine.hashes.close()
    },
  }
}

async function transferChecked(
  engine: TransferEngine,
  request: { readonly source: TransferSource; readonly staged: StagedFile },
  options: TransferFileOptions,
): Promise<TransferResult> {
  const { sizeBytes } = request.source
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0)
    throw new RangeError(`sizeBytes must be a whole number of bytes, not ${sizeBytes}`)
  return transferFile(engine, request, options)
}

async function findPartialBytes(
  engine: TransferEngine,
  source: Omit<TransferSource, 'locate'>,
  staged: StagedFile,
): Promise<number> {
  const { hash, sizeBytes } = source
  if (!hash || sizeBytes <= Math.min(engine.options.partBytes, smallFileBytes)) return 0
  const [best] = await findPartials(staged, { hash, sizeBytes })
  return best ? sumRanges(best.journal.done) : 0
}

async function verifyStored(
  engine: TransferEngine,
  path: string,
  what: { readonly expected: ExpectedContent; readonly step: StepOptions },
): Promise<VerifiedFile> {
  const { expected, step } = what
  if (!expected.hash) return proveContent({ path, sizeBytes: await sizeOf(path) }, expected)
  const { signal } = step
  const deps = { pool: engine.hashes, ...(signal ? { signal } : {}) }
  const stored = await hashStoredFile(deps, path, expected.hash.algorithm)
  return proveContent({ path, ...stored }, expected)
}

async function sizeOf(path: string): Promise<number> {
  const file = await openForReading(path)
  try {
    return await file.size()
  } finally {
    await file.close()
  }
}
