import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { root } from '../root.mjs'
import { run } from '../run.mjs'
import { startCountingProxy } from './counting-proxy.mjs'

const program = join(root, 'tooling', 'runtimes', 'core-flow.mjs')
const singleFile = join(root, 'apps', 'cli', 'dist', 'single', 'hfx.cjs')
const certificates = join(root, 'packages', 'http', 'test', 'fixtures')
const cutBytes = 24 * 2 ** 20
const slowBytes = 64 * 2 ** 20

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
      { files: { 'slow.bin': { lfs: true, generate: { sizeBytes: slowBytes, seed: 4 } } } },
    ],
  },
]

/**
 * Runs the core flow under one runtime and holds its answers against the request log.
 * @param {readonly string[]} runtime how a program is started under it
 */
export async function checkRuntime(runtime) {
  const built = join(root, 'packages', 'fake-hub', 'dist', 'index.js')
  if (!existsSync(built)) throw new Error('build first: pnpm build')
  const { startFakeHub } = await import(built)
  const proxy = await startCountingProxy()
  try {
    await withHub(await startFakeHub({ repos }), async (hub, folder) => {
      const start = starter(runtime, hub, { ...direct, HF_HOME: folder })
      await checkFlow(start, hub)
      await checkResume(start, hub)
      await checkCommand(starter(runtime, hub, { ...direct, HF_HOME: join(folder, 'other') }))
    })
    const tls = { cert: await read('server.pem'), key: await read('server-key.pem') }
    await withHub(await startFakeHub({ repos, tls }), async (hub, folder) => {
      const trust = { REQUESTS_CA_BUNDLE: join(certificates, 'ca.pem') }
      await checkFlow(starter(runtime, hub, { ...direct, ...trust, HF_HOME: folder }), hub)
      await rm(folder, { recursive: true })
      hub.clearFaults()
      const tunnel = { NO_PROXY: '', no_proxy: '', HTTPS_PROXY: proxy.url, https_proxy: proxy.url }
      await checkFlow(starter(runtime, hub, { ...tunnel, ...trust, HF_HOME: folder }), hub)
      expect('the proxy carries the requests', proxy.requests() > 1, true)
    })
  } finally {
    await proxy.close()
  }
}

const direct = { NO_PROXY: '*', no_proxy: '*' }

/** @param {string} name */
const read = (name) => readFile(join(certificates, name), 'utf8')

/**
 * @param {any} hub
 * @param {(hub: any, folder: string) => Promise<void>} work
 */
async function withHub(hub, work) {
  const folder = await mkdtemp(join(tmpdir(), 'hfx-runtime-'))
  try {
    await work(hub, folder)
  } finally {
    await hub.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * Starts a program under a runtime; answers with its stdout.
 * @param {readonly string[]} runtime
 * @param {any} hub
 * @param {Readonly<Record<string, string>>} more
 */
function starter(runtime, hub, more) {
  const [command = '', ...before] = runtime
  const env = {
    ...process.env,
    HF_ENDPOINT: hub.url,
    HF_HUB_DISABLE_IMPLICIT_TOKEN: '1',
    HFX_RETRY_INTERVAL: '10ms',
    ...more,
  }
  return (/** @type {readonly string[]} */ ...args) =>
    run(command, [...before, ...args], { env, capture: true, quiet: true })
}

/** @typedef {ReturnType<typeof starter>} Start */

/**
 * @param {Start} start
 * @param {any} hub
 */
async function checkFlow(start, hub) {
  hub.clearRequests()
  addFaults(hub)
  const answer = JSON.parse(await start(program, 'all', hub.commit('acme/plain', 'main')))
  expect('files of a snapshot', answer.files.toSorted(), [
    'config.json',
    'folder/name with space.txt',
    'model.bin',
  ])
  expect('bytes of a second run', answer.fetchedAgain, 0)
  expect('a flipped bit', answer.bad, 'HUB_HASH_MISMATCH')
  expect('an abort', answer.abort, 'STOPPED')
  const sent = sentOf(hub, 'cut.bin')
  expect('a cut file is whole', answer.cut.sizeBytes, cutBytes)
  expect('a cut file is not fetched twice', sent >= cutBytes && sent < cutBytes * 1.5, true)
  await checkBytes('a cut file', answer.cut.path)
}

/** @param {any} hub */
function addFaults(hub) {
  const [cut, bad, slow] = ['cut', 'bad', 'slow'].map((name) => ({
    path: `${name}.bin`,
    host: 'cdn',
  }))
  hub.addFault({ on: cut, times: 1, fault: { kind: 'reset', afterBytes: 2 ** 20 } })
  hub.addFault({ on: bad, fault: { kind: 'flip', atByte: 1000 } })
  hub.addFault({ on: slow, fault: { kind: 'rate', bytesPerSecond: 4 * 2 ** 20 } })
}

/**
 * A new process goes on where the aborted one left off.
 * @param {Start} start
 * @param {any} hub
 */
async function checkResume(start, hub) {
  hub.clearFaults()
  const answer = JSON.parse(await start(program, 'resume'))
  expect('a resumed file is whole', answer.sizeBytes, slowBytes)
  expect('a resumed file is not fetched anew', answer.fetchedBytes < slowBytes, true)
  await checkBytes('a resumed file', answer.path)
}

/** @param {Start} start */
async function checkCommand(start) {
  const folder = (await start(singleFile, 'download', 'acme/plain', '-q')).trim()
  const files = await readdir(folder)
  expect('hfx as one file', files.toSorted(), ['config.json', 'folder', 'model.bin'])
  // One file is large enough for a thread of its own.
  const verify = ['cache', 'verify', 'acme/plain', '--format', 'json']
  const { ok, checkedCount } = JSON.parse(await start(singleFile, ...verify))
  expect('hashes of the cache', { ok, checkedCount }, { ok: true, checkedCount: 3 })
}

/**
 * In the cache a blob is named by the hash that the Hub told.
 * @param {string} what
 * @param {string} path
 */
async function checkBytes(what, path) {
  const digest = createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
  expect(`${what} has the right bytes`, digest, basename(await realpath(path)))
}

/**
 * @param {any} hub
 * @param {string} path
 */
function sentOf(hub, path) {
  return hub.requests
    .filter(
      (/** @type {any} */ one) =>
        one.host === 'cdn' && one.method === 'GET' && one.url.includes(path),
    )
    .reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + one.sentBytes, 0)
}

/**
 * @param {string} what
 * @param {unknown} actual
 * @param {unknown} expected
 */
function expect(what, actual, expected) {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (got !== wanted) throw new Error(`${what}: ${got} instead of ${wanted}`)
}
