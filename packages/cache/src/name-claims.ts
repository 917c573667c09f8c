import { findExisting } from './find-file.ts'
import type { Platform } from './platform.ts'
import { checkTargetNames, foldName, type NameRules } from './target-names.ts'

/**
 * Remembers the names that a folder has been given, and refuses one that the volume would take for another or cannot
 * hold. Whether the volume folds case is found out once, without writing.
 */
export function createNameClaims(
  platform: Platform,
  folder: () => string,
): (path: string) => Promise<void> {
  const claimed = new Map<string, string>()
  let rules: NameRules | undefined
  return async (path) => {
    rules ??= await findNameRules(platform, folder())
    const key = foldName(path, rules)
    checkTargetNames([claimed.get(key) ?? path, path], rules)
    if (rules.foldsCase) claimed.set(key, path)
  }
}

/** What names the volume of a folder tells apart and allows. The folder need not exist. */
export async function findNameRules(platform: Platform, folder: string): Promise<NameRules> {
  const existing = await findExisting(folder)
  return { windows: platform.os === 'win32', foldsCase: await platform.foldsCase(existing) }
}
