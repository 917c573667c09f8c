import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './root.mjs'

/**
 * @typedef {object} Manifest
 * @property {string} name
 * @property {string} version
 * @property {string} [description]
 * @property {string} [license]
 * @property {boolean} [private]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [devDependencies]
 * @property {Record<string, string>} [peerDependencies]
 * @property {Record<string, string>} [optionalDependencies]
 * @property {Record<string, string>} [scripts]
 */

/**
 * @typedef {object} WorkspacePackage
 * @property {string} folder Absolute.
 * @property {string} path Relative to the root: `packages/core`.
 * @property {Manifest} manifest
 * @property {boolean} isApp
 */

/**
 * Every package and app of the workspace, in alphabetical order of their folders.
 * @param {string} [from]
 * @returns {WorkspacePackage[]}
 */
export function listWorkspace(from = root) {
  return ['apps', 'packages'].flatMap((kind) =>
    readdirSync(join(from, kind))
      .toSorted()
      .filter((name) => existsSync(join(from, kind, name, 'package.json')))
      .map((name) => {
        const folder = join(from, kind, name)
        const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
        return { folder, path: `${kind}/${name}`, manifest, isApp: kind === 'apps' }
      }),
  )
}

/** The packages that are published: `private` ones are not. */
export function listPublic() {
  return listWorkspace().filter((entry) => !entry.manifest.private)
}
