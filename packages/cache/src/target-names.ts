import { HubError } from '@hfx/core'

/** What names the target volume tells apart and allows. */
export interface NameRules {
  /** Windows: device names, forbidden characters, no dot or space at the end. */
  readonly windows: boolean
  /** `A` and `a` are one file, as are the two spellings of `é`. */
  readonly foldsCase: boolean
}

/** A path that the target volume cannot hold, and why. */
export interface NameFault {
  readonly path: string
  readonly why: string
}

/** Longest file name of the usual file systems, in bytes. */
const maxNameBytes = 255
const deviceName = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\.|$)/i
const forbiddenOnWindows = /[<>:"|?*\p{Cc}]/u

/**
 * The paths that a volume cannot hold, or cannot hold beside each other, with the reason. Pure, so that a whole
 * listing can be checked before anything is written.
 */
export function findNameFaults(paths: Iterable<string>, rules: NameRules): readonly NameFault[] {
  const faults: NameFault[] = []
  const taken = new Map<string, string>()
  for (const path of paths) {
    const why = findNameFault(path, rules) ?? findCollision(path, taken, rules)
    if (why !== undefined) faults.push({ path, why })
  }
  return faults
}

/** One error for all of them; the message lists up to five. @throws HubError `HUB_UNSAFE_PATH` */
export function checkTargetNames(paths: Iterable<string>, rules: NameRules): void {
  const faults = findNameFaults(paths, rules)
  if (faults.length === 0) return
  const shown = faults.slice(0, 5).map(({ path, why }) => `${JSON.stringify(path)} (${why})`)
  const more = faults.length > shown.length ? ` and ${faults.length - shown.length} more` : ''
  throw new HubError({
    code: 'HUB_UNSAFE_PATH',
    message: `this volume cannot hold ${shown.join(', ')}${more}`,
    hint: 'Exclude these files, or download to another volume.',
  })
}

/** Why a single path cannot be a file there; undefined when it can. */
export function findNameFault(path: string, rules: NameRules): string | undefined {
  for (const name of path.split('/')) {
    if (Buffer.byteLength(name) > maxNameBytes) return 'a name is longer than 255 bytes'
    if (!rules.windows) continue
    if (deviceName.test(name)) return 'Windows keeps this name for a device'
    if (/[. ]$/.test(name) && name !== '.')
      return 'Windows drops a dot or space at the end of a name'
    if (forbiddenOnWindows.test(name) || name.includes('\\'))
      return 'Windows forbids a character in it'
  }
  return undefined
}

/** What a name is on a volume that folds case and spelling. */
export function foldName(path: string, rules: NameRules): string {
  return rules.foldsCase ? path.normalize('NFC').toLowerCase() : path
}

function findCollision(
  path: string,
  taken: Map<string, string>,
  rules: NameRules,
): string | undefined {
  if (!rules.foldsCase) return undefined
  const key = foldName(path, rules)
  const other = taken.get(key)
  if (other === undefined) taken.set(key, path)
  return other === undefined || other === path ? undefined : `it is the same file as ${other} there`
}
