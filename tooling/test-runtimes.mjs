// pnpm test:runtimes [name…]: the core flow under every runtime, each fetched through npx. Needs `pnpm build`.
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './root.mjs'
import { run } from './run.mjs'
import { formatSteps, runStep } from './steps.mjs'
import { startCountingProxy } from './runtimes/counting-proxy.mjs'

const program = join(root, 'tooling', 'runtimes', 'core-flow.mjs')
const cutBytes = 24 * 2 ** 20

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

const repos = [
  {
    id: 'acme/plain',
    commits: [
      {
        files: {
          'config.json': '{}\n',
          'folder/name with space.txt': 'x\n',
          'model.bin': { lfs: true, generate: { sizeBytes: 3 * 2 ** 20, seed: 1 } },
        },
      },
    ],
  },
  {
    id: 'acme/cut',
    commits: [{ files: { 'cut.bin': { lfs: true, generate: { sizeBytes: cutBytes, seed: 2 } } } }],
  },
  {
    id: 'acme/bad',
    commits: [{ files: { 'bad.bin': { lfs: true, generate: { sizeBytes: 2 ** 20, seed: 3 } } } }],
  },
  {
    id: 'acme/slow',
    commits: [
      { files: { 'slow.bin': { lfs: true, generate: { sizeBytes: 64 * 2 ** 20, seed: 4 } } } },
    ],
  },
]

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

/**
 * Runs the core flow under one runtime and holds its answer against the request log.
 * @param {string} name
 */
export async function testRuntime(name) {
  const built = join(root, 'packages', 'fake-hub', 'dist', 'index.js')
  if (!existsSync(built)) throw new Error('build first: pnpm build')
  const { startFakeHub } = await import(built)
  const [command = '', ...args] = runtimes[name] ?? []
  const hub = await startFakeHub({ repos })
  const proxy = await startCountingProxy()
  const folder = await mkdtemp(join(tmpdir(), 'hfx-runtime-'))
  hub.addFault({
    on: { path: 'cut.bin', host: 'cdn' },
    times: 1,
    fault: { kind: 'reset', afterBytes: 2 ** 20 },
  })
  hub.addFault({ on: { path: 'bad.bin', host: 'cdn' }, fault: { kind: 'flip', atByte: 1000 } })
  hub.addFault({
    on: { path: 'slow.bin', host: 'cdn' },
    fault: { kind: 'rate', bytesPerSecond: 2 ** 20 },
  })
  const env = {
    ...process.env,
    HF_ENDPOINT: hub.url,
    HF_HOME: folder,
    HF_HUB_DISABLE_IMPLICIT_TOKEN: '1',
  }
  const start = (/** @type {NodeJS.ProcessEnv} */ more) =>
    run(command, [...args, program, hub.commit('acme/plain', 'main')], {
      env: { ...env, ...more },
      capture: true,
      quiet: true,
    })
  try {
    const answer = JSON.parse(await start({ NO_PROXY: '*', no_proxy: '*' }))
    await checkAnswer(answer, hub)
    await rm(folder, { recursive: true })
    await start({ NO_PROXY: '', no_proxy: '', HTTP_PROXY: proxy.url, http_proxy: proxy.url })
    expect('the proxy carries the requests', proxy.requests() > 1, true)
  } finally {
    await Promise.all([hub.close(), proxy.close()])
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * @param {any} answer of core-flow.mjs
 * @param {any} hub
 */
async function checkAnswer(answer, hub) {
  expect('files of a snapshot', answer.files.toSorted(), [
    'config.json',
    'folder/name with space.txt',
    'model.bin',
  ])
  expect('bytes of a second run', answer.fetchedAgain, 0)
  expect('a flipped bit', answer.bad, 'HUB_HASH_MISMATCH')
  expect('an abort', answer.abort, 'STOPPED')
  const sent = hub.requests
    .filter(
      (/** @type {any} */ one) =>
        one.host === 'cdn' && one.method === 'GET' && one.url.includes('cut'),
    )
    .reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + one.sentBytes, 0)
  expect('a cut file is whole', answer.cut.sizeBytes, cutBytes)
  expect('a cut file is not fetched twice', sent >= cutBytes && sent < cutBytes * 1.5, true)
  // In the cache a blob is named by the hash that the Hub told.
  const digest = createHash('sha256')
    .update(await readFile(answer.cut.path))
    .digest('hex')
  expect('a cut file has the right bytes', digest, basename(await realpath(answer.cut.path)))
}

/**
 * @param {string} what
 * @param {unknown} actual
 * @param {unknown} expected
 */
function expect(what, actual, expected) {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (got !== wanted) throw new Error(`${what}: ${got} instead of ${wanted}`)
  console.log(`  ${what}: ok`)
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
