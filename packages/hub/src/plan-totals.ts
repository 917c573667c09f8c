import type { FileState, RepoRef } from '@hfx/core'
import type { PlanEntry, PlanSummary } from './plan-download.ts'

/** Adds up a plan entry by entry. */
export interface PlanTotals {
  /** Answers with the bytes that the entry will take on the disk. */
  add(entry: PlanEntry): number
  sum(): PlanSummary
}

/**
 * What a job has to do. Where one name of some bytes pays for all of them (a cache), the others cost nothing; of each
 * file to fetch some bytes of its hash are remembered for that.
 */
export function createPlanTotals(
  subject: { readonly repo: RepoRef; readonly revision: string; readonly commit: string },
  options: { readonly partBytes: number; readonly twinsAreFree: boolean },
): PlanTotals {
  const { repo, revision, commit } = subject
  const seen = new Set<number | string>()
  const isTwin = ({ file, state }: PlanEntry): boolean => {
    if (isHere(state) || !options.twinsAreFree) return false
    const key = shortKey(file.etag)
    if (seen.has(key)) return true
    seen.add(key)
    return false
  }
  const total = {
    fileCount: 0,
    cachedFiles: 0,
    linkedFiles: 0,
    totalBytes: 0,
    resumeBytes: 0,
    fetchBytes: 0,
    diskBytes: 0,
    requests: 0,
  }
  return {
    add(entry) {
      const { file, state } = entry
      total.fileCount += 1
      total.cachedFiles += state.kind === 'cached' ? 1 : 0
      total.linkedFiles += state.kind === 'link' ? 1 : 0
      total.totalBytes += file.sizeBytes
      if (isTwin(entry)) return 0
      const bytes = bytesToFetch(entry)
      total.resumeBytes += state.kind === 'resume' ? state.doneBytes : 0
      total.fetchBytes += bytes
      const diskBytes = state.kind === 'link' ? state.diskBytes : bytes
      total.diskBytes += diskBytes
      total.requests += requestsFor(entry, bytes, options.partBytes)
      return diskBytes
    },
    sum: () => ({
      repo,
      revision,
      commit,
      ...total,
      cachedBytes: total.totalBytes - total.resumeBytes - total.fetchBytes,
    }),
  }
}

/** 52 bits of a digest, which no two files of a repository are likely to share; another ETag whole. */
function shortKey(etag: string): number | string {
  return /^[0-9a-f]{40,64}$/.test(etag) ? Number.parseInt(etag.slice(0, 13), 16) : etag
}

function isHere(state: FileState): boolean {
  return state.kind === 'cached' || state.kind === 'link'
}

function bytesToFetch({ file, state }: PlanEntry): number {
  if (isHere(state)) return 0
  return state.kind === 'resume' ? file.sizeBytes - state.doneBytes : file.sizeBytes
}

/** One per range, and one to learn the signed URL of a file that has one. Empty files need none. */
function requestsFor({ file }: PlanEntry, bytes: number, partBytes: number): number {
  if (bytes === 0) return 0
  const locate = file.hash?.algorithm === 'git-sha1' ? 0 : 1
  return locate + Math.ceil(bytes / partBytes)
}
