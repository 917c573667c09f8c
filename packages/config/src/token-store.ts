import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DiskError, Secret } from '@hfx/core'
import type { Environment } from './read-environment.ts'
import { formatStoredTokens, parseStoredTokens, type StoredProfile } from './stored-tokens.ts'
import { tokenPath } from './token-source.ts'

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
  const storedPath = join(dirname(activePath), 'stored_tokens')

  async function readProfiles(): Promise<readonly StoredProfile[]> {
    return parseStoredTokens(await readText(storedPath))
  }

  async function readActive(): Promise<string> {
    return (await readText(activePath)).trim()
  }

  async function writeProfiles(profiles: readonly StoredProfile[]): Promise<void> {
    if (profiles.length === 0) await removeFile(storedPath)
    else await writeSecret(storedPath, formatStoredTokens(profiles))
  }

  return {
    async list() {
      const [profiles, active] = await Promise.all([readProfiles(), readActive()])
      return profiles.flatMap((profile) => describe(profile, active))
    },
    async save(name, token) {
      const others = (await readProfiles()).filter((profile) => profile.name !== name)
      await writeProfiles([...others, { name, values: { hf_token: token.reveal() } }])
      await writeSecret(activePath, token.reveal())
    },
    async activate(name) {
      const token = (await readProfiles()).find((profile) => profile.name === name)?.values[
        'hf_token'
      ]
      if (token === undefined || token === '') return false
      await writeSecret(activePath, token)
      return true
    },
    async remove(name) {
      const profiles = await readProfiles()
      const gone = profiles.find((profile) => profile.name === name)
      if (!gone) return false
      if (gone.values['hf_token'] === (await readActive())) await removeFile(activePath)
      await writeProfiles(profiles.filter((profile) => profile !== gone))
      return true
    },
    async removeAll() {
      const removed = await Promise.all([removeFile(activePath), removeFile(storedPath)])
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

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return ''
    throw onFile(path, 'read', error)
  }
}

async function removeFile(path: string): Promise<boolean> {
  try {
    await rm(path)
    return true
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false
    throw onFile(path, 'remove', error)
  }
}

/** Nobody else may read it, from the first byte on, and nobody ever sees half of it. */
async function writeSecret(path: string, text: string): Promise<void> {
  const temp = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    // An existing folder keeps its mode: a cache inside it may be shared.
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const file = await open(temp, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temp, path)
  } catch (error) {
    await rm(temp, { force: true }).catch(() => undefined)
    throw onFile(path, 'write', error)
  }
}

function onFile(path: string, verb: string, cause: unknown): DiskError {
  return new DiskError({
    code: hasCode(cause, 'EROFS') ? 'HUB_READ_ONLY' : 'HUB_PERMISSION_DENIED',
    path,
    message: `cannot ${verb} ${path}`,
    hint: 'Correct the permissions, or name another place with HF_TOKEN_PATH.',
    cause,
  })
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
