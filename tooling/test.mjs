// npm test: from a clean checkout to every check and every test. `npm test -- lint docs` runs only the checks named.
import { checkNode, install, pnpmEnv } from './bootstrap.mjs'
import { root } from './root.mjs'
import { run } from './run.mjs'
import { formatSteps, runStep } from './steps.mjs'

async function main() {
  checkNode(process.versions.node)
  const env = await pnpmEnv()
  const installed = await runStep('install', () => install(env))
  if (installed.outcome === 'failed') return 1
  const checked = await runStep('pnpm check', async () => {
    await run('pnpm', ['run', '--silent', 'check', ...process.argv.slice(2)], { env, cwd: root })
  })
  console.log(`\nnpm test\n${formatSteps([installed, checked])}`)
  return checked.outcome === 'ok' ? 0 : 1
}

process.exitCode = await main().catch((error) => {
  console.error(error instanceof Error ? error.message : error)
  return 1
})
