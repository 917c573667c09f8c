import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { type FileHasher, type Logger, silentLogger, systemClock, systemRandom } from '@hfx/core'
import type { CacheDeps } from '../src/index.ts'

/** Hashes in this thread, and counts what it was asked. */
export function createTestHasher(): FileHasher & { readonly hashed: string[] } {
  const hashed: string[] = []
  return {
    hashed,
    async hashFile(path, algorithm) {
      hashed.push(path)
      const hash = createHash(algorithm === 'sha256' ? 'sha256' : 'sha1')
      if (algorithm === 'git-sha1') hash.update(`blob ${(await stat(path)).size}\0`)
      for await (const chunk of createReadStream(path)) hash.update(Buffer.from(chunk))
      return hash.digest('hex')
    },
  }
}

/** Real disk, real time, real chance; single parts replaced. */
export function createTestDeps(parts: Partial<CacheDeps> = {}): CacheDeps {
  return {
    hasher: createTestHasher(),
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    ...parts,
  }
}

export interface LoggedLine {
  readonly level: string
  readonly message: string
}

/** Keeps what was said. */
export function createListLogger(): Logger & { readonly lines: LoggedLine[] } {
  const lines: LoggedLine[] = []
  const at =
    (level: string) =>
    (message: string): void => {
      lines.push({ level, message })
    }
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
