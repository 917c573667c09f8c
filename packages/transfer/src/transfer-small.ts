import { rm } from 'node:fs/promises'
import { isHubError, type TransferResult, type VerifiedFile } from '@hfx/core'
import { commitProven, type Committed } from './commit-proven.ts'
import { fetchRanges } from './fetch-ranges.ts'
import { sumRanges } from './file-ranges.ts'
import type { PartWriter } from './part-buffer.ts'
import { createPartialId, partialPath } from './partial-name.ts'
import { createProgressReport, type ProgressReport } from './report-progress.ts'
import { createStagedFile, type StagedWriter } from './staged-writer.ts'
import type { TransferJob } from './transfer-file.ts'
import { createMemoryFile } from './whole-file-writer.ts'
import { createContentHasher, proveContent, type ContentHasher } from './verify-file.ts'

/** Files up to this size are collected in memory: a connection brings them in a chunk or two. */
const tinyFileBytes = 64 * 1024

/**
 * A file of one part, or one without a hash that a journal could be keyed by: one request, hashed on the way
 * through memory, written once, no journal. What an interrupted run leaves is of no use and is removed.
 */
export async function transferSmall(job: TransferJob): Promise<TransferResult> {
  const path = partialPath(job.staged, createPartialId(job.engine.random))
  const isTiny = job.source.sizeBytes <= tinyFileBytes
  const file = await (isTiny ? transferTiny(job, path) : transferOpen(job, path))
  const done = await commitOrDrop(job, file)
  const { fetchedBytes, retries } = job.task.totals
  return { ...done, fetchedBytes, resumedBytes: 0, attempts: retries + 1 }
}

async function commitOrDrop(job: TransferJob, file: VerifiedFile): Promise<Committed> {
  try {
    return await commitProven(job, file)
  } catch (error) {
    await rm(file.path, { force: true })
    throw error
  }
}

async function transferTiny(job: TransferJob, path: string): Promise<VerifiedFile> {
  const memory = createMemoryFile()
  const file = await fetchProven(job, { path, ...memory.writer })
  await job.engine.wholeFiles.writeFile(path, memory.buffers, job.engine.options)
  return file
}

async function transferOpen(job: TransferJob, path: string): Promise<VerifiedFile> {
  const writer = await createStagedFile(path)
  try {
    const file = await fetchProven(job, writer)
    if (job.engine.options.durable) await writer.sync()
    await writer.close()
    return file
  } catch (error) {
    await writer.close()
    await rm(path, { force: true })
    throw error
  }
}

type SmallWriter = PartWriter & Pick<StagedWriter, 'path'>

async function fetchProven(job: TransferJob, writer: SmallWriter): Promise<VerifiedFile> {
  const { engine, source, task } = job
  const { path, sizeBytes } = source
  let hashing = createInlineHash(job)
  const report = createProgressReport(
    { clock: engine.clock, emit: task.step.emit },
    { path, sizeBytes, totals: task.totals },
    () => hashing.at,
  )
  try {
    return await fetchOnce(job, { writer, hashing, report }, false)
  } catch (error) {
    if (!isHubError(error, 'HUB_HASH_MISMATCH')) throw error
    engine.logger.warn('wrong bytes, fetching again', { path })
    task.totals.retries += 1
    hashing = createInlineHash(job)
    return fetchOnce(job, { writer, hashing, report }, true)
  }
}

interface SmallFetch {
  readonly writer: SmallWriter
  readonly hashing: InlineHash
  readonly report: ProgressReport
}

async function fetchOnce(
  job: TransferJob,
  { writer, hashing, report }: SmallFetch,
  freshConnection: boolean,
): Promise<VerifiedFile> {
  const { engine, source, task } = job
  const { sizeBytes } = source
  task.totals.done = []
  await fetchRanges(
    engine,
    {
      ...task,
      splittable: source.hash === undefined,
      writer,
      onBytes: (chunk, position) => hashing.take(chunk, position),
      onWritten: () => {
        if (sumRanges(task.totals.done) < sizeBytes) report.tell()
      },
      onPart: () => {},
    },
    sizeBytes === 0 ? [] : [{ start: 0, end: sizeBytes, freshConnection }],
  )
  report.finish()
  const digest = hashing.digest()
  return proveContent(
    { path: writer.path, sizeBytes, ...(digest === undefined ? {} : { digest }) },
    source,
  )
}

interface InlineHash {
  readonly at: number
  take(chunk: Uint8Array, position: number): void
  digest(): string | undefined
}

/** Hashes bytes as they pass. A server that starts over from 0 sends some a second time: those are skipped. */
function createInlineHash(job: TransferJob): InlineHash {
  const { hash, sizeBytes } = job.source
  const hasher: ContentHasher | undefined = hash && createContentHasher(hash.algorithm, sizeBytes)
  let at = 0
  return {
    get at() {
      return hasher ? at : 0
    },
    take: (chunk, position) => {
      const skip = at - position
      if (!hasher || skip >= chunk.byteLength) return
      hasher.update(skip > 0 ? chunk.subarray(skip) : chunk)
      at = position + chunk.byteLength
    },
    digest: () => hasher?.digest(),
  }
}
