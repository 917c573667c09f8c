import type { FileResult, SnapshotResult } from '@hfx/core'
import type { SkippedFile } from '@hfx/hub'
import type { Printable } from './format.ts'

/** One line for people and scripts, one document for programs. */
export interface Downloaded {
  /** Folder of the snapshot, or the file. */
  readonly path: string
  readonly document: Readonly<Record<string, unknown>>
}

export function describeFileResult(result: FileResult): Downloaded {
  return {
    path: result.localPath,
    document: {
      ...describeRepo(result),
      path: result.localPath,
      files: [
        {
          path: result.path,
          localPath: result.localPath,
          sizeBytes: result.sizeBytes,
          source: result.source,
          fetchedBytes: result.fetchedBytes,
        },
      ],
      totalBytes: result.sizeBytes,
      fetchedBytes: result.fetchedBytes,
      durationMs: Math.round(result.durationMs),
      stale: result.stale,
    },
  }
}

export function describeSnapshot(
  result: SnapshotResult,
  skipped: readonly SkippedFile[],
): Downloaded {
  return {
    path: result.folder,
    document: {
      ...describeRepo(result),
      path: result.folder,
      files: result.files.toSorted(byPath).map((file) =>
        file.kind === 'ok'
          ? {
              path: file.path,
              localPath: file.localPath,
              sizeBytes: file.sizeBytes,
              source: file.source,
              fetchedBytes: file.fetchedBytes,
            }
          : { path: file.path, error: file.error.message },
      ),
      totalBytes: result.totalBytes,
      fetchedBytes: result.fetchedBytes,
      durationMs: Math.round(result.durationMs),
      stale: result.stale,
      ...(skipped.length > 0 ? { skipped } : {}),
    },
  }
}

/** A list stays a list, also of one. */
export function joinResults(
  results: readonly Downloaded[],
  shape: { readonly isList: boolean },
): Printable {
  const documents = results.map(({ document }) => document)
  return {
    human: () => results.map(({ path }) => path).join('\n'),
    json: () => (shape.isList ? documents : documents[0]),
    ndjson: () => documents,
    quiet: () => results.map(({ path }) => path),
  }
}

function describeRepo(result: Pick<SnapshotResult, 'repo' | 'revision' | 'commit'>) {
  return {
    repo: result.repo.id,
    type: result.repo.type,
    revision: result.revision,
    commit: result.commit,
  }
}

/** Files end in any order; documents have one. */
function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  if (a.path === b.path) return 0
  return a.path < b.path ? -1 : 1
}
