import type { TransferResult, VerifiedFile } from '@hfx/core'
import type { TransferJob } from './transfer-file.ts'

/** A proven file, and where it is if it was committed. */
export type Committed = Pick<TransferResult, 'file' | 'committed'>

/** Lets the caller give a proven file its final name, where it wants to do so within the transfer. */
export async function commitProven(job: TransferJob, file: VerifiedFile): Promise<Committed> {
  return job.commit ? { file, committed: await job.commit(file) } : { file }
}
