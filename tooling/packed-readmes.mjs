import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { transform } from 'esbuild'
import { findSnippets } from './check-docs/snippets.mjs'
import { root } from './root.mjs'
import { run } from './run.mjs'

/** @typedef {import('./check-docs/snippets.mjs').Snippet} Snippet */

/** Pages whose first program runs to its end against any Hub. The others need a host, a signal or a peer package. */
const runnable = [
  'README.md',
  ...['core', 'config', 'hub', 'progress', 'fake-hub', 'opentelemetry'].map(pageOf),
]

/** @param {string} name */
function pageOf(name) {
  return `packages/${name}/README.md`
}

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
 * @returns {Promise<number>} programs
 */
export async function runReadmePrograms(project) {
  const built = join(root, 'packages', 'fake-hub', 'dist', 'index.js')
  const { startFakeHub } = await import(pathToFileURL(built).href)
  const files = {
    'config.json': '{}\n',
    'model.safetensors': { lfs: true, generate: { sizeBytes: 100_000, seed: 1 } },
    'data.parquet': { lfs: true, generate: { sizeBytes: 10_000, seed: 2 } },
  }
  const hub = await startFakeHub({
    repos: [
      { id: 'openai/whisper-tiny', commits: [{ files }] },
      { id: 'nyu-mll/glue', type: 'dataset', commits: [{ files }] },
    ],
  })
  const env = { ...process.env, HF_ENDPOINT: hub.url, HF_HOME: join(project, 'hf'), NO_PROXY: '*' }
  try {
    for (const page of runnable) {
      const [snippet] = await readSnippets([page])
      if (!snippet) throw new Error(`${page} has no program`)
      const { code } = await transform(snippet.code, { loader: 'ts', format: 'esm' })
      const file = `${snippet.file.slice(0, -3)}.mjs`
      await writeFile(join(project, file), code)
      await run(process.execPath, [file], { cwd: project, env, quiet: true, capture: true })
    }
  } finally {
    await hub.close()
  }
  return runnable.length
}
