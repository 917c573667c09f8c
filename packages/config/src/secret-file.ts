import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DiskError } from '@hfx/core'

/** The text of a file; nothing where there is none. @throws DiskError */
export async function readSecretFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return ''
    throw onFile(path, 'read', error)
  }
}

/** Answers whether there was one. @throws DiskError */
export async function removeSecretFile(path: string): Promise<boolean> {
  try {
    await rm(path)
    return true
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false
    throw onFile(path, 'remove', error)
  }
}

/** Nobody else may read it, from the first byte on, and nobody ever sees half of it. @throws DiskError */
export async function writeSecretFile(path: string, text: string): Promise<void> {
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

/** True for an error of the file system with one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
