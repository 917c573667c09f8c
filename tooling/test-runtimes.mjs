// pnpm test:runtimes [name…]: the core flow under every runtime, each fetched through npx. Needs `pnpm build`.
import { pathToFileURL } from 'node:url'
import { checkRuntime } from './runtimes/check-runtime.mjs'
import { formatSteps, runStep } from './steps.mjs'

/** @type {Readonly<Record<string, readonly string[]>>} */
const runtimes = {
  'this node': [process.execPath],
  'node 20': ['npx', '--yes', 'node@20'],
  'node 22': ['npx', '--yes', 'node@22'],
  'node 24': ['npx', '--yes', 'node@24'],
  'node 26': ['npx', '--yes', 'node@26'],
  bun: ['npx', '--yes', 'bun@1'],
  deno: ['npx', '--yes', 'deno@2', 'run', '--quiet', '--allow-all'],
}

async function main() {
  const asked = process.argv.slice(2)
  const names = asked.length === 0 ? Object.keys(runtimes) : asked
  const unknown = names.filter((name) => !(name in runtimes))
  if (unknown.length > 0)
    throw new Error(
      `no such runtime: ${unknown.join(', ')}; there are ${Object.keys(runtimes).join(', ')}`,
    )
  const results = []
  for (const name of names) results.push(await runStep(name, () => testRuntime(name)))
  console.log(`\nruntimes\n${formatSteps(results)}`)
  return results.every((result) => result.outcome === 'ok')
}

/** @param {string} name one of the runtimes above */
export async function testRuntime(name) {
  await checkRuntime(runtimes[name] ?? [])
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
