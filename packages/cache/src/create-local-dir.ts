import type { FileStore, PinnedFile, StagedFile } from '@hfx/core'
import { onDisk } from './disk-error.ts'
import { createFileLocks } from './file-lock.ts'
import { createModeSetter } from './file-mode.ts'
import type { LocalDirContext } from './local-dir-context.ts'
import { findLocalFile, findLocalSnapshotFile } from './local-find.ts'
import { openHousekeeping } from './local-housekeeping.ts'
import { localLockPath, localStageFolder, localStageStem } from './local-layout.ts'
import {
  listLocalFiles,
  openLocalTree,
  readLocalRevision,
  writeLocalRevision,
  writeLocalTree,
} from './local-records.ts'
import { commitLocalFile, linkLocalFile, prepareTarget } from './local-place.ts'
import { createNameClaims } from './name-claims.ts'
import {
  type CacheDeps,
  type LocalDirOptions,
  resolveCacheDeps,
  resolveLocalDirOptions,
} from './options.ts'
import { readPartialBytes } from './partial-bytes.ts'
import { createRealRoot } from './real-root.ts'
import { readWhole } from './open-tree.ts'

/**
 * One plain folder with the files of a repository and Python's metadata beside them. Never links out of the folder
 * unless told to, never writes outside it.
 */
export function createLocalDir(deps: CacheDeps, options: LocalDirOptions): FileStore {
  const dir = createContext(deps, options)
  const locks = createFileLocks(dir.deps, dir.options)
  return {
    kind: 'local-dir',
    get root() {
      return dir.folder()
    },
    snapshotFolder: () => dir.folder(),
    findFile: async (file, { force = false, ...find } = {}) =>
      force ? { kind: 'fetch' } : findLocalFile(dir, file, find),
    linkFile: async (file, state) => linkLocalFile(dir, file, state),
    stagingPlace: (file) => stagingPlace(dir, file),
    stageFile: async (file) => {
      await onDisk(dir.folder(), 'make', () => prepareTarget(dir, file))
      return stagingPlace(dir, file)
    },
    commitFile: async (verified, file) => commitLocalFile(dir, verified, file),
    withFileLock: async (file, work, step = {}) => {
      const path = localLockPath(dir.folder(), file.path)
      // The lock file is ours, too: it must not land behind a link.
      await onDisk(path, 'make', () => openHousekeeping(dir, path))
      return locks.withLock(path, work, {
        ...step,
        path: file.path,
        totalBytes: file.sizeBytes,
        readDoneBytes: () => readPartialBytes(stagingPlace(dir, file), file.sizeBytes),
      })
    },
    readRevision: async (repo, revision) => readLocalRevision(dir, repo, revision),
    writeRevision: async (repo, revision) => writeLocalRevision(dir, repo, revision),
    openTree: async (repo, commit) => openLocalTree(dir, repo, commit),
    readTree: async (repo, commit) => readWhole(await openLocalTree(dir, repo, commit)),
    writeTree: async (_repo, commit, files) => writeLocalTree(dir, commit, files),
    listSnapshot: async () => listLocalFiles(dir),
    findSnapshotFile: async (_repo, commit, path) => findLocalSnapshotFile(dir, { commit, path }),
    // A folder keeps no such markers (Python neither); those of the Hub cache count.
    markMissing: async () => {},
    isKnownMissing: async (repo, commit, path) =>
      (await dir.options.cache?.isKnownMissing(repo, commit, path)) ?? false,
  }
}

function createContext(deps: CacheDeps, given: LocalDirOptions): LocalDirContext {
  const resolved = resolveCacheDeps(deps)
  const options = resolveLocalDirOptions(given)
  const folder = createRealRoot(options.folder)
  return {
    deps: resolved,
    options,
    folder,
    setMode: createModeSetter(resolved),
    claimName: createNameClaims(resolved.platform, folder),
    proven: new Map(),
  }
}

function stagingPlace(dir: LocalDirContext, file: PinnedFile): StagedFile {
  return {
    folder: localStageFolder(dir.folder(), file.path),
    stem: localStageStem(file.path, file.etag),
  }
}
