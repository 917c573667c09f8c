import { isCommitHash, type RepoRef } from '@hfx/core'
import { olderLoose, withFiles } from './plan-removal.ts'
import { createRealRoot } from './real-root.ts'
import { planRepoRemoval, type RemovalPlan, type RepoRemoval, sumPlan } from './removal-plan.ts'
import type { ScannedRepo, ScannedRevision } from './scan-model.ts'
import { scanOneRepo, scanRepos } from './scan-cache.ts'

/** A repository, or one revision of it by commit or ref, that is never collected. */
export interface GcPin {
  readonly repo: RepoRef
  readonly revision?: string
}

/** What {@link planGc} may remove and what it must keep. */
export interface GcOptions {
  /** Remove the least recently used revisions until the cache holds no more than this many bytes. @default no limit */
  readonly maxBytes?: number
  /** Remove revisions that nobody has used for so many milliseconds. @default no limit */
  readonly olderThanMs?: number
  /** What stays in any case. @default [] */
  readonly pins?: readonly GcPin[]
  /** Keep every revision that a branch, tag or PR names. @default false */
  readonly keepRefs?: boolean
  /** Partials, orphans and temporary files younger than this stay. @default 24 hours */
  readonly looseOlderThanMs?: number
  readonly signal?: AbortSignal
}

const defaultLooseAgeMs = 24 * 3_600_000

/**
 * Plans what a cache gives up: old loose files first, then revisions that are too old, then the least recently used
 * ones until the rest fits. Reads only. "Used" is the newest access time of a file, as far as the volume keeps it.
 */
export async function planGc(
  root: string,
  nowMs: number,
  options: GcOptions = {},
): Promise<RemovalPlan> {
  const folder = createRealRoot(root)()
  const looseUntilMs = nowMs - (options.looseOlderThanMs ?? defaultLooseAgeMs)
  const seen = await survey(folder, { ...options, looseUntilMs })
  const draft = createDraft(folder, seen)
  const { olderThanMs, maxBytes } = options
  const byUse = seen.candidates.toSorted((a, b) => a.lastUsedMs - b.lastUsedMs)
  const isOld = ({ lastUsedMs }: Candidate): boolean =>
    olderThanMs !== undefined && lastUsedMs <= nowMs - olderThanMs
  await draft.choose(byUse.filter(isOld))
  const rest = byUse.filter((candidate) => !isOld(candidate))
  const limit = maxBytes ?? Number.POSITIVE_INFINITY
  // What revisions share is freed by the last of them, so the sum is looked at again after each round.
  while (rest.length > 0 && seen.totalBytes - draft.freedBytes() > limit) {
    await draft.choose(takeUntil(rest, seen.totalBytes - draft.freedBytes() - limit))
  }
  return draft.plan()
}

interface Draft {
  choose(candidates: readonly Candidate[]): Promise<void>
  freedBytes(): number
  plan(): RemovalPlan
}

/** A plan that grows. Only repositories that lose some revisions and keep others are looked into file by file. */
function createDraft(root: string, seen: Survey): Draft {
  const chosen = new Map<string, Set<string>>()
  const planned = new Map<string, RepoRemoval | undefined>(seen.loose)
  return {
    async choose(candidates) {
      const touched = new Set(candidates.map(({ repo }) => repo))
      for (const { repo, commit } of candidates) {
        chosen.set(keyOf(repo), (chosen.get(keyOf(repo)) ?? new Set()).add(commit))
      }
      for (const repo of touched) {
        const key = keyOf(repo)
        const scanned = await scanOneRepo(root, repo)
        const loose = seen.loose.get(key)?.loose ?? []
        const commits = chosen.get(key) ?? new Set<string>()
        const detailed = scanned && (await withFiles(root, scanned, commits))
        planned.set(key, detailed && planRepoRemoval(detailed, { commits, loose }))
      }
    },
    freedBytes: () => sumPlan(root, [...planned.values()]).freedBytes,
    plan: () => sumPlan(root, [...planned.values()]),
  }
}

interface Candidate {
  readonly repo: RepoRef
  readonly commit: string
  readonly lastUsedMs: number
  readonly sizeBytes: number
}

interface Survey {
  readonly candidates: readonly Candidate[]
  /** Repositories with old loose files, and what removing those alone would do. */
  readonly loose: ReadonlyMap<string, RepoRemoval>
  readonly totalBytes: number
}

/** One pass over the cache that keeps a line per revision, not per file. */
async function survey(
  root: string,
  options: GcOptions & { readonly looseUntilMs: number },
): Promise<Survey> {
  const candidates: Candidate[] = []
  const loose = new Map<string, RepoRemoval>()
  let totalBytes = 0
  const scan = options.signal ? { signal: options.signal } : {}
  for await (const step of scanRepos(root, scan)) {
    if (step.kind === 'foreign') continue
    const scanned = step.repo
    totalBytes += scanned.loose.reduce((sum, file) => sum + file.sizeBytes, scanned.sizeBytes)
    candidates.push(...findCandidates(scanned, options))
    const old = olderLoose(scanned, options.looseUntilMs)
    const removal = planRepoRemoval(scanned, { commits: new Set(), loose: old })
    if (removal) loose.set(keyOf(scanned.repo), removal)
  }
  return { candidates, loose, totalBytes }
}

function findCandidates(scanned: ScannedRepo, options: GcOptions): readonly Candidate[] {
  return scanned.revisions
    .filter((revision) => !isKept(scanned, revision, options))
    .map(({ commit, sizeBytes, lastAccessedMs, lastModifiedMs }) => ({
      repo: scanned.repo,
      commit,
      sizeBytes,
      lastUsedMs: Math.max(lastAccessedMs, lastModifiedMs),
    }))
}

function isKept(repo: ScannedRepo, revision: ScannedRevision, options: GcOptions): boolean {
  if (options.keepRefs && revision.refs.length > 0) return true
  return (options.pins ?? []).some((pin) => {
    if (pin.repo.id !== repo.repo.id || pin.repo.type !== repo.repo.type) return false
    if (pin.revision === undefined) return true
    const commit = isCommitHash(pin.revision) ? pin.revision : repo.refs[pin.revision]
    return commit === revision.commit
  })
}

/** Takes so many of the first candidates that they could free the missing bytes, at least one. */
function takeUntil(rest: Candidate[], missingBytes: number): readonly Candidate[] {
  const taken: Candidate[] = []
  let bytes = 0
  while (bytes < missingBytes) {
    const next = rest.shift()
    if (!next) break
    taken.push(next)
    bytes += next.sizeBytes
  }
  return taken
}

function keyOf({ type, id }: RepoRef): string {
  return `${type}/${id}`
}
