import { existsSync, readFileSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** @typedef {import('../workspace.mjs').Manifest} Manifest */

/**
 * @typedef {object} Installed
 * @property {string} name
 * @property {string} version
 * @property {string} license
 * @property {string} folder
 * @property {Manifest} manifest
 */

/**
 * A package as it is installed for another one, found as Node finds it.
 * @param {string} from folder of the package that asks
 * @param {string} name
 * @returns {Installed | undefined} undefined for an optional one that is not there
 */
export function findInstalled(from, name) {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return readInstalled(realpathSync(candidate))
    if (dirname(folder) === folder) return undefined
  }
}

/** @param {string} folder @returns {Installed} */
function readInstalled(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const { name, version, license } = manifest
  return { name, version, license: license?.type ?? license ?? 'unknown', folder, manifest }
}

/**
 * A package and all that comes with it, each once. Packages of the house are walked through, not listed.
 * @param {string} from
 * @param {Manifest} manifest
 * @param {Map<string, Installed>} [found]
 * @returns {Map<string, Installed>} by `name@version`
 */
export function walkDependencies(from, manifest, found = new Map()) {
  const names = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })
  for (const name of names) {
    const installed = findInstalled(from, name)
    if (!installed) continue
    const key = `${installed.name}@${installed.version}`
    if (found.has(key)) continue
    if (!name.startsWith('@hfx/')) found.set(key, installed)
    walkDependencies(installed.folder, installed.manifest, found)
  }
  return found
}

/**
 * Bytes of a package's own files.
 * @param {string} folder
 */
export function sumFiles(folder) {
  let bytes = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules') continue
    const path = join(folder, entry.name)
    bytes += entry.isDirectory() ? sumFiles(path) : statSync(path).size
  }
  return bytes
}
