import { isCommitHash, parseRepo, type RepoRef } from '@hfx/core'
import { createRealRoot } from './real-root.ts'
import { planRepoRemoval, type RemovalPlan, type RepoRemoval, sumPlan } from './removal-plan.ts'
import type { LooseFile, ScannedRepo } from './scan-model.ts'
import { scanOneRepo, scanRepos } from './scan-cache.ts'

/** A repository, or one revision of it by commit or ref; a commit alone means it in every repository. */
export interface RemovalTarget {
  readonly repo?: RepoRef
  readonly revision?: string
}

/** Plans the removal of repositories and revisions. Reads only. */
export async function planRemoval(
  root: string,
  targets: readonly RemovalTarget[],
): Promise<RemovalPlan> {
  const folder = createRealRoot(root)()
  const notFound: string[] = []
  const chosen = new Map<string, { readonly scanned: ScannedRepo; readonly commits: Set<string> }>()
  for (const target of targets) {
    const hits = await findTarget(folder, target)
    if (hits.length === 0) notFound.push(describeTarget(target))
    for (const { scanned, commits } of hits) {
      const known = chosen.get(scanned.folder)
      const all = known?.commits ?? new Set<string>()
      for (const commit of commits) all.add(commit)
      chosen.set(scanned.folder, { scanned, commits: all })
    }
  }
  const repos: (RepoRemoval | undefined)[] = []
  for (const { scanned, commits } of chosen.values()) {
    repos.push(planChosen(await withFiles(folder, scanned, commits), commits))
  }
  return sumPlan(folder, repos, notFound)
}

/** What {@link planPrune} may remove. */
export interface PruneOptions {
  /** Partials, orphans and temporary files younger than this stay: someone may be writing them. @default 24 hours */
  readonly looseOlderThanMs?: number
  /** Remove the revisions that no ref names. @default true */
  readonly detached?: boolean
  readonly signal?: AbortSignal
}

const defaultLooseAgeMs = 24 * 3_600_000

/** Plans to remove what no ref names and what broken-off downloads left. Reads only. */
export async function planPrune(
  root: string,
  nowMs: number,
  options: PruneOptions = {},
): Promise<RemovalPlan> {
  const olderThanMs = nowMs - (options.looseOlderThanMs ?? defaultLooseAgeMs)
  const repos: (RepoRemoval | undefined)[] = []
  const scan = options.signal ? { signal: options.signal } : {}
  for await (const step of scanRepos(root, scan)) {
    if (step.kind === 'foreign') continue
    const { revisions } = step.repo
    const detached =
      (options.detached ?? true) ? revisions.filter(({ refs }) => refs.length === 0) : []
    const commits = new Set(detached.map(({ commit }) => commit))
    const scanned = await withFiles(root, step.repo, commits)
    repos.push(planRepoRemoval(scanned, { commits, loose: olderLoose(scanned, olderThanMs) }))
  }
  return sumPlan(createRealRoot(root)(), repos)
}

/** What some revisions share with the others shows only file by file; for all or none of them nothing need be looked up. */
export async function withFiles(
  root: string,
  scanned: ScannedRepo,
  commits: ReadonlySet<string>,
): Promise<ScannedRepo> {
  if (commits.size === 0 || commits.size === scanned.revisions.length) return scanned
  return (await scanOneRepo(root, scanned.repo, { files: true })) ?? scanned
}

/** Loose files that nobody has touched since. */
export function olderLoose(scanned: ScannedRepo, untilMs: number): readonly LooseFile[] {
  return scanned.loose.filter(({ changedAtMs }) => changedAtMs <= untilMs)
}

interface Hit {
  readonly scanned: ScannedRepo
  readonly commits: readonly string[]
}

async function findTarget(root: string, target: RemovalTarget): Promise<readonly Hit[]> {
  const scanned = await scanTarget(root, target)
  return scanned.flatMap((repo) => {
    if (target.revision === undefined) {
      return [{ scanned: repo, commits: repo.revisions.map(({ commit }) => commit) }]
    }
    const commit = repo.refs[target.revision] ?? target.revision
    const found = repo.revisions.some((revision) => revision.commit === commit)
    return found ? [{ scanned: repo, commits: [commit] }] : []
  })
}

async function scanTarget(root: string, target: RemovalTarget): Promise<readonly ScannedRepo[]> {
  if (target.repo) {
    const found = await scanOneRepo(root, parseRepo(target.repo))
    return found ? [found] : []
  }
  if (target.revision === undefined || !isCommitHash(target.revision)) return []
  const holders: ScannedRepo[] = []
  for await (const step of scanRepos(root)) {
    if (step.kind === 'foreign') continue
    const { revision } = target
    if (step.repo.revisions.some(({ commit }) => commit === revision)) holders.push(step.repo)
  }
  return holders
}

/** A repository without a single revision (only refs, or only markers) goes as a whole, too. */
function planChosen(scanned: ScannedRepo, commits: ReadonlySet<string>): RepoRemoval | undefined {
  if (scanned.revisions.length > 0) return planRepoRemoval(scanned, { commits })
  const freedBytes = scanned.loose.reduce((sum, file) => sum + file.sizeBytes, 0)
  const { repo, folder } = scanned
  return { repo, folder, whole: true, revisions: [], loose: [], freedBytes }
}

function describeTarget({ repo, revision }: RemovalTarget): string {
  const name = repo ? `${repo.type}/${repo.id}` : ''
  return [name, revision].filter((part) => part !== undefined && part !== '').join('@')
}
