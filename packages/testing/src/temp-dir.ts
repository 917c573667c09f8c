import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import { onTestFinished } from 'vitest'

/** A fresh folder on a real disk that goes when the running test ends. */
export async function useTempDir(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'hfx-test-')))
  // `pnpm test:secrets` looks at what is left.
  if (env['HFX_SECRET_MARK'] === undefined)
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
