// pnpm check: every check of the house, in the order in which they fail fastest. `pnpm check lint docs` runs only those named.
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { delimiter, join } from 'node:path'
import { checkApi } from './api-report.mjs'
import { checkDocs } from './check-docs.mjs'
import { checkLockfile } from './check-lockfile.mjs'
import { checkPackages } from './check-packages.mjs'
import { checkSecrets } from './check-secrets.mjs'
import { root } from './root.mjs'
import { bin, quietEnv, run } from './run.mjs'
import { formatSteps, runStep } from './steps.mjs'
import { checkRuntimes } from './test-runtimes.mjs'
import { checkLeaks } from './test-secrets.mjs'
import { printResults } from './test-results.mjs'

/**
 * @param {string} name
 * @param {readonly string[]} args
 * @param {string} [cwd]
 */
const tool = (name, args, cwd = root) => run(bin(name), args, { cwd }).then(() => undefined)

/** @type {Readonly<Record<string, () => Promise<string | void>>>} */
const steps = {
  format: () => tool('oxfmt', ['--check']),
  lint: () => tool('oxlint', ['--type-aware']),
  floors: () => tool('depcruise', ['packages', 'apps']),
  'dead-code': () => tool('knip', []),
  lockfile: checkLockfile,
  secrets: checkSecrets,
  turbo: runTurbo,
  tooling: async () => {
    await tool('tsc', ['-p', 'tooling'])
    await tool('vitest', ['run'], join(root, 'tooling'))
  },
  // Every suite: `pnpm test:secrets --all`.
  leaks: checkLeaks,
  packages: checkPackages,
  // Node 22 and 24 as well: `pnpm test:runtimes`.
  runtimes: checkRuntimes,
  api: () => checkApi({ update: false }),
  docs: checkDocs,
  site: () => tool('turbo', ['run', 'site', '--output-logs=new-only']),
}

/** Types, tests and builds: one worker per core, so that tests which watch for silence are not starved into hearing it. */
async function runTurbo() {
  const lanes = Math.max(2, Math.min(availableParallelism(), 8))
  const args = [
    'run',
    'typecheck',
    'test',
    'build',
    `--concurrency=${lanes}`,
    '--continue',
    '--output-logs=new-only',
  ]
  const chromium = findChromium()
  if (chromium === undefined)
    console.log('skipped: the page in Chromium, which is not here (apt-get install chromium)')
  const env = {
    ...process.env,
    ...quietEnv,
    VITEST_MAX_WORKERS: '1',
    // A result from another Node is no result, nor is one from before there was a browser.
    HFX_NODE: process.version,
    HFX_CHROMIUM: chromium ?? 'none',
  }
  await run(bin('turbo'), args, { cwd: root, env })
}

/** The browser that apps/browser-example will find. */
function findChromium() {
  const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(existsSync)
}

async function main() {
  const asked = process.argv.slice(2)
  const unknown = asked.filter((name) => !(name in steps))
  if (unknown.length > 0)
    throw new Error(
      `no such check: ${unknown.join(', ')}; there are ${Object.keys(steps).join(', ')}`,
    )
  const results = []
  for (const [name, work] of Object.entries(steps)) {
    if (asked.length === 0 || asked.includes(name)) results.push(await runStep(name, work))
  }
  console.log(`\npnpm check\n${formatSteps(results)}`)
  if (asked.length === 0 || asked.includes('turbo')) printResults()
  return results.every((result) => result.outcome !== 'failed')
}

process.exitCode = await main().then(
  (good) => (good ? 0 : 1),
  (error) => {
    console.error(error.message)
    return 2
  },
)
