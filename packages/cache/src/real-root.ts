import { realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

/**
 * The absolute path without symbolic links, also when its last folders do not exist yet. Python resolves its root the
 * same way, and both must name the same file by the same path. Reads the disk once, at the first call.
 */
export function createRealRoot(path: string): () => string {
  let known: string | undefined
  return () => (known ??= resolveExisting(resolve(path)))
}

function resolveExisting(path: string): string {
  try {
    return realpathSync.native(path)
  } catch {
    const parent = dirname(path)
    return parent === path ? path : join(resolveExisting(parent), basename(path))
  }
}
