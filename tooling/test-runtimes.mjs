// pnpm test:runtimes [name…]: the core flow under every runtime, each fetched through npx, or under a program that is
// named by its path and starts scripts as Node does. Needs `pnpm build`.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { mapLimited } from './map-limited.mjs'
import { checkRuntime } from './runtimes/check-runtime.mjs'
import { run } from './run.mjs'
import { formatSteps, runStep, Skip } from './steps.mjs'

/**
 * @typedef {object} Runtime
 * @property {string} [fetched] What npx brings; without it, the Node that runs this.
 * @property {readonly string[]} ask How its program tells where it is.
 * @property {readonly string[]} before What stands before a script.
 */

const askNode = ['-p', 'process.execPath']

/** @type {Readonly<Record<string, Runtime>>} */
const runtimes = {
  'this node': { ask: askNode, before: [] },
  'node 20.19': { fetched: 'node@20.19.0', ask: askNode, before: [] },
  'node 22': { fetched: 'node@22', ask: askNode, before: [] },
  'node 24': { fetched: 'node@24', ask: askNode, before: [] },
  'node 26': { fetched: 'node@26', ask: askNode, before: [] },
  bun: { fetched: 'bun@1', ask: ['-e', 'console.log(process.execPath)'], before: [] },
  deno: {
    fetched: 'deno@2',
    ask: ['eval', 'console.log(Deno.execPath())'],
    before: ['run', '--quiet', '--allow-all'],
  },
}

/** What `npm test` runs: this Node, the oldest and the newest, and those that are no Node. */
const shortForm = ['this node', 'node 20.19', 'node 26', 'bun', 'deno']

async function main() {
  const asked = process.argv.slice(2)
  const unknown = asked.filter((name) => !(name in runtimes) && !isProgram(name))
  if (unknown.length > 0)
    throw new Error(
      `no such runtime: ${unknown.join(', ')}; there are ${Object.keys(runtimes).join(', ')}, and paths of programs`,
    )
  const results = await testAll(asked.length === 0 ? Object.keys(runtimes) : asked)
  return results.every((result) => result.outcome === 'ok')
}

/**
 * The short form, as a check of the house.
 * @returns {Promise<string | undefined>} what could not be had here
 */
export async function checkRuntimes() {
  const results = await testAll(shortForm)
  const failed = results.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name)
  if (failed.length > 0) throw new Error(`the core flow fails under ${failed.join(', ')}`)
  const skipped = results.filter(({ outcome }) => outcome === 'skipped').map(({ name }) => name)
  return skipped.length > 0 ? `without ${skipped.join(', ')}` : undefined
}

/** Two at a time: each waits for sockets more than for a processor. @param {readonly string[]} names */
async function testAll(names) {
  const results = await mapLimited(names, 2, (name) =>
    runStep(name, async () => checkRuntime(await findRuntime(name))),
  )
  console.log(`\nruntimes\n${formatSteps(results)}`)
  return results
}

/** @param {string} name */
function isProgram(name) {
  return /[/\\]/.test(name) && existsSync(name)
}

/**
 * How a script is started under a runtime. npx is asked once for its program: it takes a second each time.
 * @param {string} name
 * @returns {Promise<readonly string[]>}
 */
async function findRuntime(name) {
  if (isProgram(name)) return [resolve(name)]
  const { fetched, ask, before } = runtimes[name] ?? { ask: [], before: [] }
  if (fetched === undefined) return [process.execPath]
  const quiet = { capture: true, quiet: true }
  const path = await run('npx', ['--yes', fetched, ...ask], quiet).catch((error) => {
    const [why, more] = String(error.output ?? error).split('\n')
    throw new Skip(`${fetched} could not be fetched with npx (${why}; ${more})`)
  })
  return [path.trim(), ...before]
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = await main().then(
    (good) => (good ? 0 : 1),
    (error) => {
      console.error(error.message)
      return 2
    },
  )
}
