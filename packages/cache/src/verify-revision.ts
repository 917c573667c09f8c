import { lstat, readlink } from 'node:fs/promises'
import { basename } from 'node:path'
import {
  type ContentHash,
  DiskError,
  type FileHasher,
  type FileStore,
  isCommitHash,
  mapConcurrent,
  pinFile,
  type RepoRef,
  silentLogger,
} from '@hfx/core'
import { metadataPath } from './local-layout.ts'
import { readMetadata } from './local-metadata.ts'

/** What {@link verifyRevision} needs. */
export interface VerifyDeps {
  readonly hasher: FileHasher
  readonly store: FileStore
}

/** The revision that {@link verifyRevision} checks. */
export interface VerifySubject {
  readonly repo: RepoRef
  /** Branch, tag, PR or commit. */
  readonly revision: string
}

/** How {@link verifyRevision} goes about it. */
export interface VerifyOptions {
  /** Files hashed at once. @default 2 */
  readonly concurrency?: number
  /** Told after each file. */
  readonly onFile?: (path: string, result: 'ok' | 'mismatch' | 'missing' | 'unknown') => void
  readonly signal?: AbortSignal
}

/** A file on disk whose content is not what the Hub names. */
export interface Mismatch {
  readonly path: string
  readonly localPath: string
  readonly algorithm: ContentHash['algorithm']
  readonly expected: string
  readonly actual: string
}

/** What {@link verifyRevision} found. */
export interface VerifyReport {
  readonly commit: string
  readonly folder: string
  readonly checkedCount: number
  readonly mismatches: readonly Mismatch[]
  /** In the stored listing, not on disk. */
  readonly missing: readonly string[]
  /** On disk, not in the stored listing. */
  readonly extra: readonly string[]
  /** On disk, but nothing here says what they should be. */
  readonly unknown: readonly string[]
  /** Whether a stored listing named the files; without one, names and metadata did, and nothing can be missing. */
  readonly listed: boolean
  /** Repository paths that a forced download of just these files would repair. */
  readonly repair: readonly string[]
}

/**
 * Hashes every file of a revision on disk and holds it against the stored listing, or, where there is none, against
 * the name of its blob or its metadata. Needs no network, reads in pieces, leaves our own records out.
 * @throws DiskError `HUB_CACHE_NOT_FOUND` when the revision is not here
 */
export async function verifyRevision(
  deps: VerifyDeps,
  subject: VerifySubject,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  const commit = await findCommit(deps.store, subject)
  const present = await deps.store.listSnapshot(subject.repo, commit)
  const tree = await deps.store.readTree(subject.repo, commit)
  if (present.length === 0 && !tree) throw notHere(deps.store, subject)
  const expected =
    tree && new Map(tree.map((file) => [file.path, pinFile(subject.repo, commit, file).hash]))
  const known = new Set(present)
  const paths = [...new Set([...present, ...(expected?.keys() ?? [])])].toSorted()
  const checks = await mapConcurrent(paths, options.concurrency ?? 2, async (path) => {
    options.signal?.throwIfAborted()
    const check = known.has(path)
      ? await checkFile(
          deps,
          { subject, commit, path, hash: expected?.get(path), listed: !!expected },
          options,
        )
      : { kind: 'missing' as const, path }
    if (check.kind !== 'extra') options.onFile?.(path, check.kind)
    return check
  })
  return report(checks, {
    commit,
    folder: deps.store.snapshotFolder(subject.repo, commit),
    listed: !!tree,
  })
}

type Check =
  | { readonly kind: 'ok' | 'missing' | 'extra' | 'unknown'; readonly path: string }
  | { readonly kind: 'mismatch'; readonly path: string; readonly mismatch: Mismatch }

async function checkFile(
  deps: VerifyDeps,
  file: {
    readonly subject: VerifySubject
    readonly commit: string
    readonly path: string
    readonly hash: ContentHash | undefined
    readonly listed: boolean
  },
  options: VerifyOptions,
): Promise<Check> {
  const { path } = file
  if (file.listed && !file.hash) return { kind: 'extra', path }
  const found = await deps.store.findSnapshotFile(file.subject.repo, file.commit, path)
  if (!found) return { kind: 'missing', path }
  const hash = file.hash ?? (await hashByName(deps.store, found.path, path))
  if (!hash) return { kind: 'unknown', path }
  const abort = options.signal ? { signal: options.signal } : {}
  const actual = await deps.hasher.hashFile(found.path, hash.algorithm, abort)
  if (actual === hash.digest.toLowerCase()) return { kind: 'ok', path }
  const mismatch = {
    path,
    localPath: found.path,
    algorithm: hash.algorithm,
    expected: hash.digest,
    actual,
  }
  return { kind: 'mismatch', path, mismatch }
}

/** What a file should hold by the name of its blob, or by the metadata beside it. */
async function hashByName(
  store: FileStore,
  localPath: string,
  path: string,
): Promise<ContentHash | undefined> {
  if (store.kind === 'local-dir') {
    const metadata = await readMetadata(metadataPath(store.root, path), silentLogger)
    return metadata && parseEtagHash(metadata.etag)
  }
  const stats = await lstat(localPath)
  return stats.isSymbolicLink() ? parseEtagHash(basename(await readlink(localPath))) : undefined
}

/** The digest that an ETag of the Hub is. Mirrors send others, which say nothing. */
export function parseEtagHash(etag: string): ContentHash | undefined {
  if (/^[0-9a-f]{64}$/.test(etag)) return { algorithm: 'sha256', digest: etag }
  return /^[0-9a-f]{40}$/.test(etag) ? { algorithm: 'git-sha1', digest: etag } : undefined
}

async function findCommit(store: FileStore, subject: VerifySubject): Promise<string> {
  if (isCommitHash(subject.revision)) return subject.revision
  const known = await store.readRevision(subject.repo, subject.revision)
  if (known) return known.commit
  throw notHere(store, subject)
}

function notHere(store: FileStore, { repo, revision }: VerifySubject): DiskError {
  return new DiskError({
    code: 'HUB_CACHE_NOT_FOUND',
    path: store.root,
    message: `${repo.id} at ${revision} is not in ${store.root}`,
    hint: 'Download it first, or name the revision that is there.',
  })
}

function report(
  checks: readonly Check[],
  at: { readonly commit: string; readonly folder: string; readonly listed: boolean },
): VerifyReport {
  const pathsOf = (kind: Check['kind']): readonly string[] =>
    checks.filter((check) => check.kind === kind).map(({ path }) => path)
  const mismatches = checks.flatMap((check) => (check.kind === 'mismatch' ? [check.mismatch] : []))
  return {
    ...at,
    checkedCount: pathsOf('ok').length + mismatches.length,
    mismatches,
    missing: pathsOf('missing'),
    extra: pathsOf('extra'),
    unknown: pathsOf('unknown'),
    repair: [...mismatches.map(({ path }) => path), ...pathsOf('missing')].toSorted(),
  }
}
