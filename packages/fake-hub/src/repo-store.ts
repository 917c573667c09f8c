import { createHash } from 'node:crypto'
import { type RepoType } from '@hfx/core'
import { type CommitTree, createCommitTree } from './commit-tree.ts'
import { type CommitSpec, type RepoSpec } from './repo-spec.ts'

/** A repository as the Hub keeps it. Commits and refs may grow while it runs. */
export interface StoredRepo {
  readonly type: RepoType
  readonly id: string
  readonly spec: RepoSpec
  readonly commits: StoredCommit[]
  /** Full ref name (`refs/heads/main`) to commit. */
  readonly refs: Map<string, StoredCommit>
}

export interface StoredCommit {
  readonly hash: string
  readonly title: string
  /** ISO 8601. */
  readonly date: string
  readonly tree: CommitTree
  readonly rawListing: readonly unknown[] | undefined
}

/** Every repository of one hub. */
export interface RepoStore {
  readonly all: () => Iterable<StoredRepo>
  find(type: RepoType, id: string): StoredRepo | undefined
  /** @throws TypeError when the repository exists or a ref names no commit */
  add(spec: RepoSpec): StoredRepo
}

export function createRepoStore(specs: readonly RepoSpec[]): RepoStore {
  const repos = new Map<string, StoredRepo>()
  const store: RepoStore = {
    all: () => repos.values(),
    find: (type, id) => repos.get(`${type}:${id}`),
    add(spec) {
      const repo = createStoredRepo(spec)
      const key = `${repo.type}:${repo.id}`
      if (repos.has(key)) throw new TypeError(`${repo.type} ${repo.id} is there twice`)
      repos.set(key, repo)
      return repo
    },
  }
  for (const spec of specs) store.add(spec)
  return store
}

/** The commit that a branch, tag, `refs/…` name, full or short hash (7 characters or more) means. */
export function findCommit(repo: StoredRepo, revision: string): StoredCommit | undefined {
  for (const name of [`refs/heads/${revision}`, `refs/tags/${revision}`, revision]) {
    const commit = repo.refs.get(name)
    if (commit) return commit
  }
  const exact = repo.commits.find((commit) => commit.hash === revision)
  if (exact || !/^[0-9a-f]{7,39}$/.test(revision)) return exact
  const matches = repo.commits.filter((commit) => commit.hash.startsWith(revision))
  return matches.length === 1 ? matches[0] : undefined
}

/** Adds a commit and moves the branch to it. */
export function pushCommit(repo: StoredRepo, spec: CommitSpec, branch: string): StoredCommit {
  const commit = createStoredCommit(repo, spec)
  repo.refs.set(`refs/heads/${branch}`, commit)
  return commit
}

function createStoredRepo(spec: RepoSpec): StoredRepo {
  const repo: StoredRepo = {
    type: spec.type ?? 'model',
    id: spec.id,
    spec,
    commits: [],
    refs: new Map(),
  }
  if (!/^[^/\s]+(?:\/[^/\s]+)?$/.test(spec.id))
    throw new TypeError(`repository id "${spec.id}" must be name or namespace/name`)
  for (const commit of spec.commits ?? [{ files: {} }]) createStoredCommit(repo, commit)
  setRefs(repo, 'refs/heads/', { main: repo.commits.length - 1, ...spec.branches })
  setRefs(repo, 'refs/tags/', spec.tags)
  setRefs(repo, 'refs/pr/', spec.prs)
  setRefs(repo, 'refs/convert/', spec.converts)
  return repo
}

const firstCommitMs = Date.UTC(2026, 0, 21, 3, 45, 36)
const dayMs = 86_400_000

function createStoredCommit(repo: StoredRepo, spec: CommitSpec): StoredCommit {
  const index = repo.commits.length
  const tree = createCommitTree(spec.files)
  const text = `${repo.type}\0${repo.id}\0${index}\0${tree.fingerprint}`
  const commit: StoredCommit = {
    hash: spec.hash ?? createHash('sha1').update(text).digest('hex'),
    title: spec.title ?? `Commit ${index + 1}`,
    date: spec.date ?? new Date(firstCommitMs + index * dayMs).toISOString(),
    tree,
    rawListing: spec.rawListing,
  }
  repo.commits.push(commit)
  return commit
}

function setRefs(repo: StoredRepo, prefix: string, refs: Readonly<Record<string, number>> = {}) {
  for (const [name, index] of Object.entries(refs)) {
    const commit = repo.commits[index]
    if (!commit) throw new TypeError(`${prefix}${name} of ${repo.id} names commit ${index}`)
    repo.refs.set(`${prefix}${name}`, commit)
  }
}
