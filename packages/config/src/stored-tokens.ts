/** One login of the file `stored_tokens`, with every key that its section has. */
export interface StoredProfile {
  readonly name: string
  /** `hf_token`, and what other clients keep: `refresh_token`, `expires_at` (seconds since the epoch). */
  readonly values: Readonly<Record<string, string>>
}

/**
 * Reads the INI text that `hf auth login` writes: a section for each login. Later keys win, as in Python's
 * `configparser`; what is no section, key or remark is skipped, so that one bad line does not lose the logins.
 */
export function parseStoredTokens(text: string): readonly StoredProfile[] {
  const profiles = new Map<string, Record<string, string>>()
  let current: Record<string, string> | undefined
  for (const line of text.split(/\r?\n/)) {
    const section = /^\[(.+)\]\s*$/.exec(line)
    if (section) {
      const name = section[1] ?? ''
      current = profiles.get(name) ?? {}
      profiles.set(name, current)
      continue
    }
    const pair = /^([^#;=:\s][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line)
    if (pair && current) current[(pair[1] ?? '').toLowerCase()] = pair[2] ?? ''
  }
  return Array.from(profiles, ([name, values]) => ({ name, values }))
}

/** The INI text of some logins, sorted by name, as Python's `configparser` writes it. */
export function formatStoredTokens(profiles: readonly StoredProfile[]): string {
  return profiles
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, values }) => {
      const lines = Object.entries(values).map(([key, value]) => `${key} = ${value}\n`)
      return `[${name}]\n${lines.join('')}\n`
    })
    .join('')
}

/** A name that can stand in a section header; undefined when nothing of it can. */
export function toProfileName(text: string): string | undefined {
  const name = text
    .replace(/[\p{Cc}[\]]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200)
  return name === '' || name === 'DEFAULT' ? undefined : name
}
