import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { root } from './root.mjs'
import { quietEnv, run } from './run.mjs'

/** `pnpm@x.y.z`, as package.json pins it. @returns {string} */
function pinnedPnpm() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager
}

/**
 * Throws unless this Node is new enough.
 * @param {string} version `process.versions.node`
 */
export function checkNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  throw new Error(`hfx needs Node 20.19 or newer; this is ${version}. Get one at nodejs.org.`)
}

/**
 * An environment in which `pnpm` is the pinned one: the one on PATH when it is, else npx fetches it into npm's own
 * cache. Nothing is installed globally. Turbo looks for `pnpm` on PATH too, so PATH is where it must be.
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
export async function pnpmEnv() {
  const env = { ...process.env, ...quietEnv }
  const pinned = pinnedPnpm()
  const found = await run('pnpm', ['--version'], { capture: true, quiet: true, env }).catch(
    () => '',
  )
  if (`pnpm@${found.trim()}` === pinned) return env
  console.log(`fetching ${pinned} through npx`)
  const args = ['exec', '--yes', `--package=${pinned}`, '--', 'node', '-p', 'process.env.PATH']
  const [command, prefix] = npmCommand()
  const path = await run(command, [...prefix, ...args], { capture: true, env })
  return { ...env, PATH: path.trim() }
}

/** npm's own script when npm started us (no shell needed, also on Windows), else `npm` from PATH. @returns {[string, string[]]} */
function npmCommand() {
  const script = process.env['npm_execpath'] ?? ''
  return basename(script).startsWith('npm') ? [process.execPath, [script]] : ['npm', []]
}

/**
 * Installs exactly what the lockfile says.
 * @param {NodeJS.ProcessEnv} env from {@link pnpmEnv}
 */
export async function install(env) {
  // An install that another store left is replaced without a question that nobody may be there to answer.
  const purge = '--config.confirmModulesPurge=false'
  const args = ['install', '--frozen-lockfile', '--prefer-offline', purge]
  await run('pnpm', process.stdout.isTTY ? args : [...args, '--reporter=append-only'], {
    env,
    cwd: root,
  })
}
