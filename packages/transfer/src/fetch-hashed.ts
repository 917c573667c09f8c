import { type ContentHash, isHubError } from '@hfx/core'
import { createComparingWriter } from './compare-writer.ts'
import { fetchRanges } from './fetch-ranges.ts'
import { contiguousEnd, missingRanges, type ByteRange } from './file-ranges.ts'
import type { FileTask } from './file-task.ts'
import { hashInline } from './hash-file.ts'
import type { TrailingHash } from './hash-pool.ts'
import type { OpenPartial } from './open-partial.ts'
import { raceSignal } from './race-signal.ts'
import type { ProgressReport } from './report-progress.ts'
import type { TransferJob } from './transfer-file.ts'

/** One round of bringing a large file: what is missing is fetched, everything is hashed. */
export interface HashedRound {
  readonly job: TransferJob
  readonly partial: OpenPartial
  readonly hash: ContentHash
  readonly report: ProgressReport
  /** Told of the round's hash, for progress. */
  onHashing(hashing: TrailingHash): void
}

export interface RoundOptions {
  /** Ask over connections that have not served before. @default false */
  readonly freshConnection?: boolean
  /** Fetch no more once a range that differed from what the file held is whole. @default false */
  readonly stopAtChange?: boolean
}

/** Fetches what is missing and answers with the digest of the whole file, hashed by another thread behind the bytes. */
export async function fetchHashed(round: HashedRound, options: RoundOptions): Promise<string> {
  const { job, partial, hash, report } = round
  const { engine, source, task } = job
  const { sizeBytes } = source
  const { algorithm } = hash
  const hashing = engine.hashes.start({ fd: partial.writer.fd, algorithm, sizeBytes })
  round.onHashing(hashing)
  const records: Promise<void>[] = []
  try {
    const onWritten = (): void => {
      hashing.advance(contiguousEnd(task.totals.done))
      report.tell()
    }
    onWritten()
    const file: FileTask = {
      ...task,
      splittable: true,
      writer: partial.writer,
      onBytes: () => {},
      onWritten,
      onPart: (range) => {
        partial.printed.push(range)
        records.push(partial.lease.record(range))
      },
    }
    await (options.stopAtChange ? fetchUntilChange : fetchMissing)(round, file, options)
    const digest = await finishHash(round, hashing)
    report.finish()
    return digest
  } finally {
    await Promise.all([hashing.stop(), ...records])
  }
}

async function fetchMissing(
  { job }: HashedRound,
  file: FileTask,
  { freshConnection = false }: RoundOptions,
): Promise<void> {
  const missing = missingRanges(file.totals.done, file.source.sizeBytes)
  const wanted = missing.map((range) => ({ ...range, freshConnection }))
  await fetchRanges(job.engine, file, wanted)
}

/** Most files that are wrong are wrong in one place: with that put right, the rest need not come again. */
async function fetchUntilChange(
  round: HashedRound,
  file: FileTask,
  options: RoundOptions,
): Promise<void> {
  const found = new AbortController()
  const changes: number[] = []
  const { signal } = file.step
  const step = {
    ...file.step,
    signal: AbortSignal.any([found.signal, ...(signal ? [signal] : [])]),
  }
  const writer = createComparingWriter(round.partial.writer, (at) => void changes.push(at))
  const onPart = (range: ByteRange): void => {
    file.onPart(range)
    if (changes.some((at) => at >= range.start && at < range.end)) found.abort('found')
  }
  try {
    await fetchMissing(round, { ...file, step, writer, onPart }, options)
  } catch (error) {
    if (!found.signal.aborted) throw error
  }
}

/** Waits for the thread to catch up; where threads cannot run, hashes here. */
async function finishHash(round: HashedRound, hashing: TrailingHash): Promise<string> {
  const { job, partial, hash } = round
  const { source, task } = job
  const phase = { phase: 'verify', path: source.path } as const
  task.step.emit?.({ type: 'phase:start', ...phase })
  try {
    return await raceSignal(hashing.finish(), task.step.signal)
  } catch (error) {
    if (!isHubError(error, 'HUB_DISK')) throw error
    job.engine.logger.warn('hashing on the main thread', { path: source.path, error })
    const { signal } = task.step
    const { sizeBytes } = source
    return await hashInline(partial.writer, { algorithm: hash.algorithm, sizeBytes, signal })
  } finally {
    task.step.emit?.({ type: 'phase:end', ...phase })
  }
}
