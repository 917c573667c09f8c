import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { isHubError, type ContentHash, type TransferResult, type VerifiedFile } from '@hfx/core'
import { commitProven, type Committed } from './commit-proven.ts'
import { fetchHashed } from './fetch-hashed.ts'
import { sumRanges } from './file-ranges.ts'
import type { TrailingHash } from './hash-pool.ts'
import { hashInline } from './hash-file.ts'
import { copyBetween, openPartial, type OpenPartial } from './open-partial.ts'
import { keepShown } from './partial-lease.ts'
import { createPartialId, partialPath } from './partial-name.ts'
import { describePlace } from './process-place.ts'
import { repairFile } from './repair-file.ts'
import { createProgressReport } from './report-progress.ts'
import { createStagedFile } from './staged-writer.ts'
import type { TransferJob } from './transfer-file.ts'
import { proveContent } from './verify-file.ts'

/** A file of several parts: resumed from what is there, journalled, hashed by another thread behind the bytes. */
export async function transferLarge(job: TransferJob): Promise<TransferResult> {
  const { engine, source, staged, task } = job
  const { hash } = source
  if (!hash) throw new TypeError('a journal needs a content hash')
  const place = await describePlace()
  const wanted = { hash, sizeBytes: source.sizeBytes, force: job.force }
  const partial = await openPartial({ ...engine, place }, staged, wanted)
  task.totals.done = partial.done
  const resumedBytes = sumRanges(partial.done)
  const over = new AbortController()
  void keepShown(engine.clock, partial, over.signal)
  try {
    const done = await fetchProven(job, partial, hash)
    const { fetchedBytes, retries } = task.totals
    return { ...done, fetchedBytes, resumedBytes, attempts: retries + 1 }
  } catch (error) {
    await partial.writer.close()
    const { path } = partial.writer
    if (isHubError(error, 'HUB_HASH_MISMATCH')) await rm(path, { force: true })
    // A journal is of use beside its bytes only; a commit may fail after it has moved them.
    if (existsSync(path)) await partial.lease.free()
    else await partial.lease.remove()
    throw error
  } finally {
    over.abort()
  }
}

async function fetchProven(
  job: TransferJob,
  partial: OpenPartial,
  hash: ContentHash,
): Promise<Committed> {
  const { engine, source, task } = job
  const { path, sizeBytes } = source
  let hashing: TrailingHash | undefined
  const report = createProgressReport(
    { clock: engine.clock, emit: task.step.emit },
    { path, sizeBytes, totals: task.totals },
    () => hashing?.hashedBytes ?? 0,
  )
  const onHashing = (started: TrailingHash): void => {
    hashing = started
  }
  const round = { job, partial, hash, report, onHashing }
  const first = await fetchHashed(round, {})
  const digest = first === hash.digest ? first : await repairFile(round)
  return publish(job, partial, { path: partial.writer.path, sizeBytes, digest })
}

/** Proves the bytes and lets go of everything but the file itself: of the journal last, so that a kill costs no byte. */
async function publish(
  job: TransferJob,
  partial: OpenPartial,
  stored: { readonly path: string; readonly sizeBytes: number; readonly digest: string },
): Promise<Committed> {
  const { writer, lease } = partial
  const proven = proveContent(stored, job.source)
  await lease.confirm(writer)
  if (job.engine.options.durable) await writer.sync()
  const file = (await writer.isLinked()) ? proven : await rescue(job, partial)
  await writer.close()
  const committed = await commitProven(job, file)
  await lease.remove()
  return committed
}

/** The partial was pruned while it was open: its bytes are still there and are copied under a new name, and proven anew. */
async function rescue(job: TransferJob, partial: OpenPartial): Promise<VerifiedFile> {
  const { engine, source, staged } = job
  const { hash, sizeBytes } = source
  const path = partialPath(staged, createPartialId(engine.random))
  const copy = await createStagedFile(path, sizeBytes)
  try {
    await copyBetween(partial.writer, copy, { start: 0, end: sizeBytes })
    const digest = await hashInline(copy, { algorithm: hash?.algorithm ?? 'sha256', sizeBytes })
    if (engine.options.durable) await copy.sync()
    return proveContent({ path, sizeBytes, digest }, source)
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await copy.close()
  }
}
