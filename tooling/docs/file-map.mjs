import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { listSources } from '../tracked-files.mjs'

/** @typedef {import('../workspace.mjs').WorkspacePackage} WorkspacePackage */

/**
 * What a file says about itself: the first sentence of its first comment that documents an export, its own export first.
 * @param {string} text
 * @param {string} name of the file, kebab-case and without `.ts`
 */
export function describeFile(text, name) {
  const own = name.replaceAll(/-(\w)/g, (_, letter) => letter.toUpperCase())
  const docs = [...text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(export [^\n]*)?/g)]
  const ofOwn = docs.find((match) => new RegExp(`\\b${own}\\b`).test(match[2] ?? ''))
  const chosen = ofOwn ?? docs.find((match) => match[2] !== undefined) ?? docs[0]
  return firstSentence(chosen?.[1] ?? '')
}

/** @param {string} comment */
function firstSentence(comment) {
  const flat = comment.replaceAll(/^\s*\* ?/gm, '').replaceAll(/\{@link ([^}]+)\}/g, '`$1`')
  const paragraph = (flat.trim().split(/\n\s*(?:\n|@)/)[0] ?? '').replaceAll(/\s+/g, ' ')
  return (/^.*?[.:](?=\s|$)/.exec(paragraph)?.[0] ?? paragraph)
    .replace(/:$/, '.')
    .replaceAll('|', '\\|')
}

/**
 * Every source file of every package with its own words.
 * @param {string} root
 * @param {readonly WorkspacePackage[]} entries
 */
export function renderFileMap(root, entries) {
  return entries
    .map((entry) => {
      const rows = listSources(entry.path).map((path) => renderRow(root, entry.path, path))
      const title = `## ${entry.manifest.name}\n\n${entry.manifest.description ?? ''}`
      return [title, '', '| file | what it is |', '| --- | --- |', ...rows].join('\n')
    })
    .join('\n\n')
}

/**
 * @param {string} root
 * @param {string} home of the package
 * @param {string} path
 */
function renderRow(root, home, path) {
  const name = path.split('/').at(-1)?.replace(/\.ts$/, '') ?? ''
  const said =
    name === 'index'
      ? 'What users may import.'
      : describeFile(readFileSync(join(root, path), 'utf8'), name)
  return `| [${path.slice(home.length + 5)}](../${path}) | ${said} |`
}
