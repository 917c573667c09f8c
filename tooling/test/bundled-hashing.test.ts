import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { root } from '../root.mjs'
import { plantFiles } from './plant-files.ts'

const run = promisify(execFile)
const sources = join(root, 'packages', 'transfer', 'src')
const bytes = 'hfx'.repeat(1_000_000)

const digest = createHash('sha256').update(bytes).digest('hex')

const onThread = `
import { openSync } from 'node:fs'
import { createHashPool } from ${JSON.stringify(join(sources, 'hash-pool.ts'))}
const pool = createHashPool()
const fd = openSync(process.argv[2], 'r')
console.log(await pool.start({ fd, algorithm: 'sha256', sizeBytes: ${bytes.length} }).finish())
await pool.close()
`

const anyhow = `
import { createFileHasher } from ${JSON.stringify(join(sources, 'hash-file.ts'))}
const hasher = createFileHasher()
console.log(await hasher.hashFile(process.argv[2], 'sha256'))
await hasher.close()
`

it.each([
  { keepNames: true, minify: false },
  { keepNames: true, minify: true },
])(
  'the thread that hashes runs out of a bundle of a user, however that is made (%o)',
  async (options) => {
    expect(await runBundle(onThread, options)).toBe(digest)
  },
)

it('a process that may start no thread hashes without one', async () => {
  const flag = ['--permission', '--experimental-permission'].find((name) =>
    process.allowedNodeEnvironmentFlags.has(name),
  )
  const flags = [flag ?? '', '--allow-fs-read=*']
  await expect(runBundle(onThread, {}, flags)).rejects.toThrow('no thread may be started')
  expect(await runBundle(anyhow, {}, flags)).toBe(digest)
})

async function runBundle(
  program: string,
  options: { readonly keepNames?: boolean; readonly minify?: boolean },
  flags: readonly string[] = [],
): Promise<string> {
  const folder = await plantFiles({ 'main.mjs': program, bytes })
  const outfile = join(folder, 'bundle.mjs')
  await build({
    ...options,
    entryPoints: [join(folder, 'main.mjs')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@hfx/source'],
    logLevel: 'silent',
  })
  const { stdout } = await run(process.execPath, [...flags, outfile, join(folder, 'bytes')])
  return stdout.trim()
}
