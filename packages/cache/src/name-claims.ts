import { findExisting } from './find-file.ts'
import type { Platform } from './platform.ts'
import { checkTargetNames, foldName, type NameRules } from './target-names.ts'

/** Gives a file its name in a scope: a folder, or the snapshot of a commit. Undefined when every name will do here. */
export type ClaimName = (path: string, scope?: string) => Promise<void> | undefined

/** Names that are remembered, where they are at all: those of some large repositories. */
const maxClaims = 1_000_000

/**
 * Remembers the names that a folder has been given, and refuses one that the volume would take for another or cannot
 * hold. Whether the volume folds case is found out once, without writing.
 * @throws HubError `HUB_UNSAFE_PATH`
 */
export function createNameClaims(platform: Platform, folder: () => string): ClaimName {
  const claimed = new Map<string, string>()
  let rules: NameRules | undefined

  function claim(path: string, scope: string, known: NameRules): void {
    const key = `${scope}\0${foldName(path, known)}`
    checkTargetNames([claimed.get(key) ?? path, path], known)
    if (!known.foldsCase) return
    if (claimed.size >= maxClaims) claimed.clear()
    claimed.set(key, path)
  }

  return (path, scope = '') => {
    if (rules && !rules.foldsCase && !rules.windows && path.length < safeLength) return undefined
    return (async () => claim(path, scope, (rules ??= await findNameRules(platform, folder()))))()
  }
}

/** A path of fewer characters has no name of more than 255 bytes. */
const safeLength = 85

/** What names the volume of a folder tells apart and allows. The folder need not exist. */
export async function findNameRules(platform: Platform, folder: string): Promise<NameRules> {
  const existing = await findExisting(folder)
  return { windows: platform.os === 'win32', foldsCase: await platform.foldsCase(existing) }
}
