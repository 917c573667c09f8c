import { HubError, type RepoFile, type SnapshotRequest } from '@hfx/core'
import type { SnapshotOptions } from './hub-client.ts'
import { type Target, toList } from './read-target.ts'

/** What a snapshot is asked for. A path that an address names counts where no patterns are given. */
export function requestOf(target: Target, options: SnapshotOptions): SnapshotRequest {
  const { repo, revision, path } = target
  const allowPatterns = toList(options.allowPatterns)
  const ignorePatterns = toList(options.ignorePatterns)
  const select =
    path === undefined || allowPatterns ? options.select : selectNamed({ ...target, path }, options)
  return {
    repo,
    revision,
    ...(allowPatterns === undefined ? {} : { allowPatterns }),
    ...(ignorePatterns === undefined ? {} : { ignorePatterns }),
    ...(select === undefined ? {} : { select }),
    ...(options.files === undefined ? {} : { files: options.files }),
  }
}

/** The file, or all that is in the folder: an address does not tell which, and its `*` and `[` are only letters. */
function selectNamed(
  target: Target & { readonly path: string },
  { select }: SnapshotOptions,
): (files: readonly RepoFile[]) => readonly RepoFile[] {
  const folder = `${target.path.replace(/\/$/, '')}/`
  return (files) => {
    const named = files.filter(({ path }) => path === target.path || path.startsWith(folder))
    if (named.length === 0) throw noSuchName(target)
    return select ? select(named) : named
  }
}

function noSuchName({ repo, revision, path }: Target & { readonly path: string }): HubError {
  return new HubError({
    code: 'HUB_ENTRY_NOT_FOUND',
    message: `${repo.id} at ${revision} has no file or folder ${JSON.stringify(path)}`,
    hint: `List what it has: hfx ls ${repo.id}`,
  })
}
