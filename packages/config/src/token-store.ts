import { Secret } from '@hfx/core'
import { storedTokensPath, tokenPath } from './found-token.ts'
import type { Environment } from './read-environment.ts'
import { readSecretFile, removeSecretFile, writeSecretFile } from './secret-file.ts'
import { formatStoredTokens, parseStoredTokens, type StoredProfile } from './stored-tokens.ts'

/** A login that is kept on this machine. */
export interface TokenProfile {
  readonly name: string
  readonly token: Secret
  /** True for the one in the token file, which every client uses. */
  readonly active: boolean
  /** Milliseconds since the epoch, where the login ends by itself. */
  readonly expiresAtMs?: number
}

/** The logins of a machine: the files `token` and `stored_tokens`, shared with the Python client. */
export interface TokenStore {
  list(): Promise<readonly TokenProfile[]>
  /** Keeps a login under its name, in place of an earlier one, and makes it the active one. */
  save(name: string, token: Secret): Promise<void>
  /** Makes a kept login the active one. Answers whether there is one of that name. */
  activate(name: string): Promise<boolean>
  /** Forgets one login, and the token file if it was active. Answers whether there was one. */
  remove(name: string): Promise<boolean>
  /** Forgets every login. Answers whether there was any. */
  removeAll(): Promise<boolean>
}

/** Opens the store that `HF_TOKEN_PATH` or `HF_HOME` names. Nothing is read before a call. */
export function createTokenStore(env: Environment): TokenStore {
  const activePath = tokenPath(env)
  const storedPath = storedTokensPath(env)

  async function readProfiles(): Promise<readonly StoredProfile[]> {
    return parseStoredTokens(await readSecretFile(storedPath))
  }

  async function readActive(): Promise<string> {
    return (await readSecretFile(activePath)).trim()
  }

  async function writeProfiles(profiles: readonly StoredProfile[]): Promise<void> {
    if (profiles.length === 0) await removeSecretFile(storedPath)
    else await writeSecretFile(storedPath, formatStoredTokens(profiles))
  }

  return {
    async list() {
      const [profiles, active] = await Promise.all([readProfiles(), readActive()])
      return profiles.flatMap((profile) => describe(profile, active))
    },
    async save(name, token) {
      const others = (await readProfiles()).filter((profile) => profile.name !== name)
      await writeProfiles([...others, { name, values: { hf_token: token.reveal() } }])
      await writeSecretFile(activePath, token.reveal())
    },
    async activate(name) {
      const token = (await readProfiles()).find((profile) => profile.name === name)?.values[
        'hf_token'
      ]
      if (token === undefined || token === '') return false
      await writeSecretFile(activePath, token)
      return true
    },
    async remove(name) {
      const profiles = await readProfiles()
      const gone = profiles.find((profile) => profile.name === name)
      if (!gone) return false
      if (gone.values['hf_token'] === (await readActive())) await removeSecretFile(activePath)
      await writeProfiles(profiles.filter((profile) => profile !== gone))
      return true
    },
    async removeAll() {
      const removed = await Promise.all([
        removeSecretFile(activePath),
        removeSecretFile(storedPath),
      ])
      return removed.includes(true)
    },
  }
}

function describe(profile: StoredProfile, active: string): readonly TokenProfile[] {
  const token = profile.values['hf_token'] ?? ''
  if (token === '') return []
  const expiresAt = Number(profile.values['expires_at'])
  return [
    {
      name: profile.name,
      token: new Secret(token),
      active: token === active,
      ...(expiresAt > 0 ? { expiresAtMs: expiresAt * 1000 } : {}),
    },
  ]
}
