// pnpm test:secrets: runs test suites with every token and password marked, and looks for the mark in all that is told:
// output, logs, events, errors, files left behind, command lines. `--all` runs every suite, or those named
// (`--all packages/core`); `--plant` must find leaks.
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { floors } from './floors.mjs'
import { root } from './root.mjs'
import { bin, CommandError, quietEnv, run } from './run.mjs'
import { formsOf, scanFolder, watchProcesses } from './secrets/scan.mjs'

/** Tests that have to do with tokens, proxies and signed URLs: the short form. @type {Readonly<Record<string, readonly string[]>>} */
const few = {
  'packages/http': ['test/tokens', 'test/redirects', 'test/network'],
  'packages/config': ['test/token'],
  'packages/hub': ['test/tokens', 'test/stale-token', 'test/hostile/answers'],
  'apps/cli': ['test/auth', 'test/hostile'],
}
/** @type {Readonly<Record<string, readonly string[]>>} */
const all = Object.fromEntries(
  floors
    .flat()
    .filter((name) => name !== 'testing')
    .map((name) => `packages/${name}`)
    .concat('apps/cli')
    .map((folder) => [folder, []]),
)
/** @type {Readonly<Record<string, readonly string[]>>} */
const planted = { 'packages/http': ['test/create-http'] }

/**
 * @param {'few' | 'all' | 'plant'} what
 * @param {readonly string[]} [only] Folders of the suites to run. All of them by default.
 */
export async function testSecrets(what, only = []) {
  const folder = await mkdtemp(join(tmpdir(), 'hfx-secrets-'))
  // Some tests go on as another user.
  await chmod(folder, 0o755)
  const mark = `MARK${randomBytes(9).toString('hex')}`
  const forms = formsOf(mark)
  const stop = watchProcesses(forms)
  /** @type {string[]} */
  const failed = []
  try {
    await mkdir(join(folder, 'told'))
    await mkdir(join(folder, 'left'))
    for (const [suite, files] of Object.entries({ few, all, plant: planted }[what])) {
      if (only.length > 0 && !only.includes(suite)) continue
      process.stdout.write(`${suite} … `)
      const output = await runSuite(suite, files, { folder, mark, plant: what === 'plant' })
      await writeFile(join(folder, 'told', `${suite.replace('/', '-')}.out`), output.text)
      if (!output.ok) failed.push(`${suite}: ${listFailed(output.text)}`)
      process.stdout.write(`${/Tests\s+(.*)/.exec(output.text)?.[1] ?? 'no test ran'}\n`)
    }
    const processes = await stop()
    const told = await scanFolder(join(folder, 'told'), forms)
    const left = await scanFolder(join(folder, 'left'), forms)
    const leaks = [...told.leaks, ...left.leaks, ...processes.leaks]
    const heard = (await readFile(join(folder, 'told', 'spy'), 'utf8').catch(() => '')).split(
      '\n',
    ).length
    process.stdout.write(
      `looked at ${told.bytes} bytes of output, errors, events and logs (${heard} lines heard), ${left.files} files left behind, ${processes.looks} times at all command lines\n`,
    )
    return { leaks, failed, heard }
  } finally {
    await stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * @param {string} suite
 * @param {readonly string[]} files
 * @param {{ readonly folder: string, readonly mark: string, readonly plant: boolean }} how
 */
async function runSuite(suite, files, { folder, mark, plant }) {
  const env = {
    ...process.env,
    ...quietEnv,
    NO_COLOR: '1',
    TMPDIR: join(folder, 'left'),
    HFX_SECRET_MARK: mark,
    HFX_SECRETS_SINK: join(folder, 'told', 'spy'),
    ...(plant ? { HFX_SECRETS_PLANT: '1' } : {}),
  }
  const args = ['run', ...files, '--silent=false', '--reporter=verbose']
  try {
    const options = { cwd: join(root, suite), env, capture: true, quiet: true }
    return { ok: true, text: withoutTitles(await run(bin('vitest'), args, options)) }
  } catch (error) {
    if (error instanceof CommandError) return { ok: false, text: withoutTitles(error.output) }
    throw error
  }
}

/**
 * @param {string} text
 */
function listFailed(text) {
  const names = [...text.matchAll(/^ FAIL {2}(.*)$/gm)].map(([, name]) => name)
  return names.length > 0 ? [...new Set(names)].join('; ') : text.slice(-2000)
}

/**
 * The runner's own list: titles of tests may name the token that a test is about.
 * @param {string} text
 */
function withoutTitles(text) {
  return text.replace(/^\s*[✓✔↓].*$/gmu, '')
}

/** The short form as a check. */
export async function checkLeaks() {
  const { leaks, failed, heard } = await testSecrets('few')
  const faults = [...leaks.map(({ where, text }) => `a leak in ${where}: …${text}…`), ...failed]
  if (heard < 10) faults.push('nothing was heard: the taps are gone')
  if (faults.length > 0)
    throw new Error(`secrets are told, or tests fail when marked:\n${faults.join('\n')}`)
}

async function main() {
  const plant = process.argv.includes('--plant')
  const what = plant ? 'plant' : process.argv.includes('--all') ? 'all' : 'few'
  const { leaks, failed, heard } = await testSecrets(
    what,
    process.argv.slice(2).filter((word) => !word.startsWith('--')),
  )
  for (const { where, text } of leaks) process.stdout.write(`LEAK in ${where}: …${text}…\n`)
  if (failed.length > 0) process.stdout.write(`failed under the mark: ${failed.join(', ')}\n`)
  const deaf = heard < 10
  if (deaf) process.stdout.write('nothing was heard: the taps are gone\n')
  process.exitCode = leaks.length > 0 || failed.length > 0 || deaf ? 1 : 0
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main()
