import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { root } from '../root.mjs'
import { plantFiles } from './plant-files.ts'

const run = promisify(execFile)
const pool = join(root, 'packages', 'transfer', 'src', 'hash-pool.ts')
const bytes = 'hfx'.repeat(1_000_000)

const program = `
import { openSync } from 'node:fs'
import { createHashPool } from ${JSON.stringify(pool)}
const pool = createHashPool()
const fd = openSync(process.argv[2], 'r')
console.log(await pool.start({ fd, algorithm: 'sha256', sizeBytes: ${bytes.length} }).finish())
await pool.close()
`

it.each([
  { keepNames: true, minify: false },
  { keepNames: true, minify: true },
])(
  'the thread that hashes runs out of a bundle of a user, however that is made (%o)',
  async (options) => {
    const folder = await plantFiles({ 'main.mjs': program, bytes })
    await build({
      ...options,
      entryPoints: [join(folder, 'main.mjs')],
      outfile: join(folder, 'bundle.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      conditions: ['@hfx/source'],
      logLevel: 'silent',
    })
    const { stdout } = await run(process.execPath, [
      join(folder, 'bundle.mjs'),
      join(folder, 'bytes'),
    ])
    expect(stdout.trim()).toBe(createHash('sha256').update(bytes).digest('hex'))
  },
)
