import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fencesOf } from '../markdown.mjs'
import { CommandError, bin, run } from '../run.mjs'
import { listEntryPoints, listPublic } from '../workspace.mjs'

/**
 * @typedef {object} Snippet
 * @property {string} file Name of the file it becomes.
 * @property {string} page
 * @property {number} line
 * @property {string} code
 */

/**
 * The programs of a page: blocks marked exactly `ts` that import something. Other blocks show shapes, not programs.
 * @param {string} page path relative to the root
 * @param {string} text
 * @returns {Snippet[]}
 */
export function findSnippets(page, text) {
  return fencesOf(text)
    .filter((fence) => fence.info === 'ts' && /^import\s/m.test(fence.code))
    .map(({ code, line }) => ({
      file: `${page.replaceAll(/[^\w]+/g, '-')}-${line}.ts`,
      page,
      line,
      code,
    }))
}

/**
 * Type-checks snippets against the sources of the packages.
 * @param {string} root
 * @param {readonly Snippet[]} snippets
 * @returns {Promise<string[]>} faults, with the page and line they stand on
 */
export async function findSnippetFaults(root, snippets) {
  if (snippets.length === 0) return []
  // Inside an app that depends on every package, so that npm packages resolve as they do for a reader.
  const folder = join(root, 'apps', 'examples', '.snippets')
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  try {
    await Promise.all(
      snippets.map((snippet) =>
        writeFile(join(folder, snippet.file), `${snippet.code}\nexport {}\n`),
      ),
    )
    const sources = listPublic().flatMap((entry) =>
      listEntryPoints(entry).map(({ specifier, source }) => [specifier, `${entry.path}/${source}`]),
    )
    const paths = Object.fromEntries(sources.map(([name, path]) => [name, [`../../../${path}`]]))
    const compilerOptions = { paths, isolatedDeclarations: false }
    const config = { extends: '../../../tsconfig.base.json', compilerOptions, include: ['*.ts'] }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
    await run(bin('tsc'), ['--noEmit', '--pretty', 'false', '-p', '.'], {
      cwd: folder,
      capture: true,
      quiet: true,
    })
    return []
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    return locateFaults(error.output, snippets)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * Turns places in snippet files into places in their pages.
 * @param {string} output of tsc
 * @param {readonly Snippet[]} snippets
 */
export function locateFaults(output, snippets) {
  return output
    .split('\n')
    .filter((line) => /error TS\d+/.test(line))
    .map((line) => {
      const [, file, row, message] = /^([^(]+)\((\d+),\d+\): (.*)$/.exec(line) ?? []
      const snippet = snippets.find((candidate) => candidate.file === file)
      return snippet ? `${snippet.page}:${snippet.line + Number(row)} ${message}` : line
    })
}
