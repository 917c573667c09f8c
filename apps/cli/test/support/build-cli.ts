import { execFile } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The tests spawn what users get: the bundles. They are made once, and only when a source is newer. */
export async function setup(): Promise<void> {
  const built = await stat(join(root, 'dist', 'single', 'hfx.cjs')).catch(() => undefined)
  if (built && (await newestSource()) <= built.mtimeMs) return
  const manifest = createRequire(import.meta.url).resolve('tsup/package.json')
  const tsup = join(dirname(manifest), 'dist', 'cli-default.js')
  const single = join(root, '..', '..', 'tooling', 'single-file.mjs')
  for (const program of [tsup, single])
    await promisify(execFile)(process.execPath, [program], { cwd: root })
}

async function newestSource(): Promise<number> {
  const entries = await readdir(join(root, 'src'), { recursive: true, withFileTypes: true })
  const times = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).mtimeMs),
  )
  return Math.max(...times)
}
