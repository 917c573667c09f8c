import {
  checkBlobName,
  type FileStore,
  type PinnedFile,
  type StagedFile,
  type FileLockOptions,
} from '@hfx/core'
import { writeCacheTag } from './cache-tag.ts'
import { commitFile, makeBlobsFolder } from './commit-file.ts'
import { createFileLocks, type FileLocks } from './file-lock.ts'
import { createModeSetter } from './file-mode.ts'
import { findFile } from './find-file.ts'
import { createFolderListing, createOnce } from './folder-listing.ts'
import { createFolderMaker } from './folder-maker.ts'
import { checkWritable, type HubCacheContext } from './hub-cache-context.ts'
import { blobsFolder, lockPath } from './layout.ts'
import { createRevisionLeases } from './lease-in-use.ts'
import { linkFile } from './link-file.ts'
import { createNameClaims } from './name-claims.ts'
import { isKnownMissing, markMissing } from './no-exist.ts'
import {
  type CacheDeps,
  type HubCacheOptions,
  resolveCacheDeps,
  resolveHubCacheOptions,
} from './options.ts'
import { readPartialBytes } from './partial-bytes.ts'
import { createQuickStat } from './quick-stat.ts'
import { createRealRoot } from './real-root.ts'
import { openCacheTree, writeCacheTree } from './cache-tree.ts'
import { readRevision, writeRevision } from './cache-revision.ts'
import { readWhole } from './open-tree.ts'
import { findSnapshotFile, listSnapshot, readableSnapshotFolder } from './snapshot.ts'
import { createSymlinkProbe } from './symlink-support.ts'

/** The shared Hub cache: what it writes Python's client reads, and the other way round. */
export function createHubCache(deps: CacheDeps, options: HubCacheOptions): FileStore {
  const cache = createContext(deps, options)
  const locks = createFileLocks(cache.deps, cache.options)
  const withLease = createRevisionLeases(cache.deps, () => cache.root())
  return {
    kind: 'hub-cache',
    get root() {
      return cache.root()
    },
    snapshotFolder: (repo, commit) => readableSnapshotFolder(cache, repo, commit),
    findFile: async (file, { force = false } = {}) =>
      force ? { kind: 'fetch' } : findFile(cache, file),
    linkFile: async (file, state) => linkFile(checkWritable(cache), file, state),
    stagingPlace: (file) => stagingPlace(cache, file),
    stageFile: async (file) => {
      await cache.claimName(file)
      await makeBlobsFolder(checkWritable(cache), file)
      return stagingPlace(cache, file)
    },
    commitFile: async (verified, file) => commitFile(checkWritable(cache), verified, file),
    withFileLock: async (file, work, step = {}) =>
      cache.options.readOnly
        ? work()
        : lockFile({ cache, locks, step }, file, () => withLease(file, work)),
    readRevision: async (repo, revision) => readRevision(cache, repo, revision),
    writeRevision: async (repo, revision) => writeRevision(cache, repo, revision),
    openTree: async (repo, commit) => openCacheTree(cache, repo, commit),
    readTree: async (repo, commit) => readWhole(await openCacheTree(cache, repo, commit)),
    writeTree: async (repo, commit, files) => writeCacheTree(cache, repo, { commit, files }),
    listSnapshot: async (repo, commit) => listSnapshot(cache, repo, commit),
    findSnapshotFile: async (repo, commit, path) => findSnapshotFile(cache, repo, { commit, path }),
    markMissing: async (repo, commit, path) => markMissing(cache, repo, { commit, path }),
    isKnownMissing: async (repo, commit, path) => isKnownMissing(cache, repo, { commit, path }),
  }
}

function createContext(deps: CacheDeps, given: HubCacheOptions): HubCacheContext {
  const resolved = resolveCacheDeps(deps)
  const options = resolveHubCacheOptions(given)
  const layers = options.layers.map(createRealRoot)
  const root = createRealRoot(options.root)
  const listFolder = createFolderListing(resolved)
  const claimName = createNameClaims(resolved.platform, root)
  return {
    deps: resolved,
    options,
    root,
    claimName: ({ repo, commit, path }) => claimName(path, `${repo.type}/${repo.id}@${commit}`),
    listRoot: () => listFolder(root()),
    statFile: createQuickStat(resolved.onTheSpot),
    listFolder,
    folders: createFolderMaker(resolved, options.shared),
    markFolder: createOnce(() => writeCacheTag(root())),
    layers: () => layers.map((layer) => layer()),
    hasSymlinks: createSymlinkProbe(resolved, options.disableSymlinks),
    setMode: createModeSetter(resolved),
  }
}

function stagingPlace(cache: HubCacheContext, file: PinnedFile): StagedFile {
  return { folder: blobsFolder(cache.root(), file.repo), stem: checkBlobName(file.etag) }
}

async function lockFile<T>(
  { cache, locks, step }: LockFileDeps,
  file: PinnedFile,
  work: () => Promise<T>,
): Promise<T> {
  const path = lockPath(cache.root(), file.repo, file.etag)
  return locks.withLock(path, work, {
    ...step,
    path: file.path,
    totalBytes: file.sizeBytes,
    readDoneBytes: () => readPartialBytes(stagingPlace(cache, file), file.sizeBytes),
  })
}

interface LockFileDeps {
  readonly cache: HubCacheContext
  readonly locks: FileLocks
  readonly step: FileLockOptions
}
