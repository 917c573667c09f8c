// npm start: from a clean checkout to a downloaded model, with the CLI a user gets.
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { checkNode, install, pnpmEnv } from './bootstrap.mjs'
import { startDemoHub } from './demo-hub.mjs'
import { root } from './root.mjs'
import { run } from './run.mjs'

const repo = 'demo/tiny-llama'
const demo = join(root, '.hfx-demo')
const hfHome = join(demo, 'hf-home')
const cli = join(root, 'apps', 'cli', 'dist', 'main.js')

async function main() {
  checkNode(process.versions.node)
  const env = await pnpmEnv()
  heading(1, 'install what the lockfile names')
  await install(env)
  heading(2, 'build the CLI and the packages it is made of')
  const build = ['turbo', 'run', 'build', '--filter=@hfx/cli...', '--output-logs=errors-only']
  await run('pnpm', ['exec', ...build], { env, cwd: root })
  await mkdir(demo, { recursive: true })
  heading(3, 'start the embedded Hub')
  const readyFile = join(demo, 'hub.url')
  const hub = await startDemoHub({ cli, readyFile, env: demoEnv() })
  console.log(`a Hub with demo repositories listens on ${hub.url}`)
  try {
    await download(hub.url)
  } finally {
    await hub.stop()
    await rm(readyFile, { force: true })
  }
}

/** @param {string} url */
async function download(url) {
  heading(4, `hfx download ${repo}`)
  const before = await sumBlobs()
  const startedMs = performance.now()
  const env = demoEnv({ HF_ENDPOINT: url, HF_HOME: hfHome })
  const output = await run(process.execPath, [cli, 'download', repo], { env, capture: true })
  const seconds = (performance.now() - startedMs) / 1000
  const fetchedBytes = (await sumBlobs()) - before
  const folder = output.trim().split('\n').at(-1) ?? ''
  heading(5, 'what came down')
  await printFiles(folder)
  printOutcome(fetchedBytes, seconds)
  console.log(`
The same from the real Hub:

  node ${relative(process.cwd(), cli)} download hf-internal-testing/tiny-random-gpt2

or, with @hfx/cli installed: hfx download hf-internal-testing/tiny-random-gpt2`)
}

/** @param {string} folder */
async function printFiles(folder) {
  console.log(`snapshot  ${relative(root, folder)}`)
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
  if (paths.length === 0) throw new Error(`${folder} holds no file`)
  for (const path of paths.toSorted()) {
    const { size } = await stat(path)
    console.log(`  ${formatBytes(size).padStart(10)}  ${relative(folder, path)}`)
  }
}

/**
 * @param {number} fetchedBytes
 * @param {number} seconds
 */
function printOutcome(fetchedBytes, seconds) {
  const time = `${seconds.toFixed(1)} s, start of the command included`
  if (fetchedBytes === 0) {
    console.log(`\nNothing was downloaded: every file was in the cache already (${time}).`)
    console.log('Remove .hfx-demo/ to see the first time again.')
    return
  }
  console.log(
    `\n${formatBytes(fetchedBytes)} in ${time}: ${formatBytes(fetchedBytes / seconds)}/s.`,
  )
  console.log('Run `npm start` again to see the warm case: nothing is downloaded twice.')
}

/** Bytes of every blob in the demo's cache. */
async function sumBlobs() {
  const blobs = join(hfHome, 'hub', `models--${repo.replace('/', '--')}`, 'blobs')
  const names = await readdir(blobs).catch(() => /** @type {string[]} */ ([]))
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(blobs, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/**
 * Our environment without the user's Hub settings: the demo must neither use nor send a real token.
 * @param {Readonly<Record<string, string>>} [extra]
 * @returns {NodeJS.ProcessEnv}
 */
function demoEnv(extra = {}) {
  const own = Object.entries(process.env).filter(([name]) => !/^(HF_|HUGGING|HFX_|XDG_)/.test(name))
  return { ...Object.fromEntries(own), HF_HUB_DISABLE_IMPLICIT_TOKEN: '1', NO_PROXY: '*', ...extra }
}

/** @param {number} bytes */
function formatBytes(bytes) {
  const units = ['B', 'kB', 'MB', 'GB']
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3))
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`
}

/**
 * @param {number} step
 * @param {string} text
 */
function heading(step, text) {
  console.log(`\n[${step}/5] ${text}`)
}

await main().catch((error) => {
  console.error(`\nnpm start failed: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
})
