import { fetchHashed, type HashedRound } from './fetch-hashed.ts'
import { missingRanges, subtractRanges } from './file-ranges.ts'
import { findDamage } from './find-damage.ts'

/** Each look for the one wrong place ends with hashing the whole file: not worth it any more where there are many. */
const maxLooks = 2

/**
 * A file that is whole and wrong. What the disk has lost since it was written is found by its fingerprints and fetched
 * alone. What was wrong when it arrived can only be found by fetching again, over other connections, and comparing:
 * that ends as soon as the file is right. Answers with the last digest.
 */
export async function repairFile(round: HashedRound): Promise<string> {
  const { hash, job, partial } = round
  job.engine.logger.warn('wrong bytes, looking for them', { path: job.source.path })
  const digest = (await dropDamage(round))
    ? await fetchHashed(round, { freshConnection: true })
    : undefined
  if (digest === hash.digest) return digest
  job.task.totals.retries += 1
  job.task.totals.done = []
  partial.printed = []
  await partial.lease.reset([])
  return refetch(round)
}

async function refetch(round: HashedRound): Promise<string> {
  const { hash, job } = round
  for (let looks = 0; ; looks += 1) {
    const stopAtChange = looks < maxLooks
    const digest = await fetchHashed(round, { freshConnection: true, stopAtChange })
    const missing = missingRanges(job.task.totals.done, job.source.sizeBytes)
    if (digest === hash.digest || missing.length === 0) return digest
  }
}

/** Strikes out the ranges that the disk has lost; false when it holds everything as it was written. */
async function dropDamage({ job, partial }: HashedRound): Promise<boolean> {
  const { totals } = job.task
  const damaged = await findDamage(partial.writer, partial.printed)
  if (damaged.length === 0) return false
  job.engine.logger.warn('the disk has lost ranges', { path: job.source.path, damaged })
  totals.retries += 1
  totals.done = subtractRanges(
    totals.done,
    damaged.toSorted((a, b) => a.start - b.start),
  )
  partial.printed = partial.printed.filter((range) => !damaged.includes(range))
  await partial.lease.reset([...totals.done, ...partial.printed])
  return true
}
