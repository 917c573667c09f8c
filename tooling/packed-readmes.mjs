import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { transform } from 'esbuild'
import { findSnippets } from './check-docs/snippets.mjs'
import { fencesOf } from './markdown.mjs'
import { root } from './root.mjs'
import { run } from './run.mjs'

/** @typedef {import('./check-docs/snippets.mjs').Snippet} Snippet */

/**
 * Every program of the READMEs that needs nothing but our packages and Node, as a file of a stranger's project.
 * @param {string} project
 * @param {readonly string[]} pages
 * @returns {Promise<string[]>} their names
 */
export async function writeReadmePrograms(project, pages) {
  const snippets = await readSnippets(pages)
  await Promise.all(
    snippets.map(({ file, code }) => writeFile(join(project, `${file.slice(0, -3)}.mts`), code)),
  )
  return snippets.map(({ file }) => `${file.slice(0, -3)}.mts`)
}

/** @param {readonly string[]} pages @returns {Promise<Snippet[]>} */
async function readSnippets(pages) {
  const texts = await Promise.all(
    pages.map(async (page) => findSnippets(page, await readFile(join(root, page), 'utf8'))),
  )
  return texts
    .flat()
    .filter(({ code }) =>
      [...code.matchAll(/ from '([^']+)'/g)].every(([, name]) =>
        /^(@hfx\/|node:)/.test(name ?? ''),
      ),
    )
}

/**
 * Does what the READMEs show, with the installed packages, against a Hub that has what they ask for.
 * @param {string} project
 * @param {readonly string[]} pages
 * @returns {Promise<number>} programs
 */
export async function runReadmePrograms(project, pages) {
  const built = join(root, 'packages', 'fake-hub', 'dist', 'index.js')
  const { startFakeHub } = await import(pathToFileURL(built).href)
  const hub = await startFakeHub({ repos: await createRepos() })
  const env = {
    ...process.env,
    HOME: project,
    HF_ENDPOINT: hub.url,
    HF_HOME: join(project, '.cache', 'huggingface'),
    NO_PROXY: '*',
  }
  try {
    const snippets = await readSnippets(pages)
    const exchanges = exchangesFor(hub.url, project)
    for (const { file, page, code } of snippets) {
      const name = `${file.slice(0, -3)}.mjs`
      const js = await transform(exchange(code, exchanges), { loader: 'ts', format: 'esm' })
      await writeFile(join(project, name), js.code)
      await runToItsEnd({ cwd: project, env }, name).catch((error) => {
        throw new Error(`the program of ${page}: ${error.message}`)
      })
    }
    await runCommandExample(project, env)
    const all = snippets.map(({ code }) => code).join('\n')
    const idle = exchanges.filter(([shown]) => !all.includes(shown))
    if (idle.length > 0)
      throw new Error(`no README shows ${idle.map(([shown]) => shown).join(', ')}`)
    return snippets.length + 1
  } finally {
    await hub.close()
  }
}

/**
 * The example of the command, as one types it.
 * @param {string} project
 * @param {NodeJS.ProcessEnv} env
 */
async function runCommandExample(project, env) {
  const page = await readFile(join(root, 'apps', 'cli', 'README.md'), 'utf8')
  const [example] = fencesOf(page.slice(page.indexOf('## Example')))
  if (example?.info !== 'sh') throw new Error('apps/cli/README.md shows no command')
  const PATH = `${join(project, 'node_modules', '.bin')}${delimiter}${env['PATH']}`
  const options = { cwd: project, env: { ...env, PATH }, quiet: true, capture: true }
  const folder = await run('sh', ['-ec', example.code], options)
  if (!existsSync(join(folder.trim(), 'config.json'))) throw new Error(`hfx said ${folder}`)
}

/** What the READMEs ask for. */
async function createRepos() {
  const files = {
    'config.json': '{}\n',
    'model.safetensors': { lfs: true, generate: { sizeBytes: 100_000, seed: 1 } },
    'data.parquet': { lfs: true, generate: { sizeBytes: 10_000, seed: 2 } },
  }
  const license = await readFile(join(root, 'LICENSE'), 'utf8')
  return [
    { id: 'openai/whisper-tiny', commits: [{ files }] },
    { id: 'nyu-mll/glue', type: 'dataset', commits: [{ files }] },
    { id: 'apache/licenses', commits: [{ files: { 'LICENSE-2.0.txt': license } }] },
  ]
}

/**
 * The rest of the world, which the READMEs name and a check does not ask: what is shown, and what stands in for it.
 * @param {string} url of the Hub
 * @param {string} folder that may be written
 * @returns {readonly (readonly [string, string])[]}
 */
function exchangesFor(url, folder) {
  return [
    ['https://www.apache.org/licenses/', `${url}/apache/licenses/resolve/main/`],
    ['https://huggingface.co', url],
    [
      '{ transport: http.transport })\nconst repo',
      `{ transport: http.transport }, { endpoint: '${url}' })\nconst repo`,
    ],
    ['/var/lib/node_exporter', folder],
  ]
}

/**
 * @param {string} code
 * @param {readonly (readonly [string, string])[]} exchanges
 */
function exchange(code, exchanges) {
  return exchanges.reduce((text, [shown, instead]) => text.replaceAll(shown, instead), code)
}

/**
 * A server says where it listens and goes on until it is told to stop; everything else ends by itself.
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 * @param {string} file
 */
async function runToItsEnd(options, file) {
  const child = spawn(process.execPath, [file], { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000)
  let output = ''
  child.stdout.on('data', (text) => {
    output += text
    if (/\bport: \d+/.test(output)) child.kill('SIGTERM')
  })
  child.stderr.on('data', (text) => (output += text))
  const [code, signal] = await once(child, 'close')
  clearTimeout(timer)
  if (code !== 0) throw new Error(`ended with ${code ?? signal}\n${output}`)
}
