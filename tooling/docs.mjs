// pnpm docs: writes the parts of the documents that are generated. `pnpm check docs` compares them.
import { readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { renderDependencies } from './docs/dependency-table.mjs'
import { renderFileMap } from './docs/file-map.mjs'
import { replaceBlock } from './docs/generated-block.mjs'
import { renderPeers } from './docs/peer-table.mjs'
import { renderPicture } from './docs/picture.mjs'
import { renderSamples } from './docs/samples.mjs'
import { root } from './root.mjs'
import { bin, run } from './run.mjs'
import { listPublic, listWorkspace } from './workspace.mjs'

/** @type {readonly { page: string, name: string, render: () => string }[]} */
const blocks = [
  { page: 'docs/architecture.md', name: 'picture', render: () => renderPicture(listWorkspace()) },
  { page: 'docs/files.md', name: 'files', render: () => renderFileMap(root, listWorkspace()) },
  {
    page: 'docs/dependencies.md',
    name: 'dependencies',
    render: () => renderDependencies(listPublic()),
  },
  {
    page: 'README.md',
    name: 'peers',
    render: () => renderPeers(JSON.parse(readFileSync(join(root, 'docs/benchmarks.json'), 'utf8'))),
  },
  { page: 'docs/guides/samples.md', name: 'samples', render: () => renderSamples(root) },
]

/**
 * Pages whose generated parts are not what they would be now.
 * @param {{ update: boolean }} options
 * @returns {Promise<string[]>}
 */
export async function findStalePages({ update }) {
  const stale = []
  for (const { page, name, render } of blocks) {
    const text = await readFile(join(root, page), 'utf8')
    const fresh = replaceBlock(text, name, render())
    if (squeeze(fresh) === squeeze(text)) continue
    stale.push(`${page} is behind the sources: run \`pnpm docs\``)
    if (update) await writeFile(join(root, page), fresh)
  }
  return stale
}

/** The formatter aligns tables; that is no difference. @param {string} text */
function squeeze(text) {
  return text.replaceAll(/-{2,}/g, '-').replaceAll(/[^\S\n]+/g, ' ')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const stale = await findStalePages({ update: true })
  await run(
    bin('oxfmt'),
    blocks.map((block) => block.page),
    { cwd: root, quiet: true },
  )
  console.log(
    stale.length === 0 ? 'nothing to do' : stale.map((line) => line.split(' ')[0]).join('\n'),
  )
}
