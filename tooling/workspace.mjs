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
 * @property {Record<string, string | Record<string, string>>} [exports]
 */

/**
 * @typedef {object} EntryPoint What a user imports.
 * @property {string} specifier `@hfx/core`, `@hfx/opentelemetry/prometheus`
 * @property {string} name Of its API report: `core`, `opentelemetry-prometheus`.
 * @property {string} source Relative to the package: `src/index.ts`.
 * @property {string} types Relative to the package: `dist/index.d.ts`.
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

/**
 * What of a package can be imported: its exports that have a source.
 * @param {WorkspacePackage} entry
 * @returns {EntryPoint[]}
 */
export function listEntryPoints({ manifest, path }) {
  return Object.entries(manifest.exports ?? {}).flatMap(([key, target]) => {
    const source = typeof target === 'string' ? undefined : target['@hfx/source']
    if (typeof target === 'string' || source === undefined) return []
    const below = key.replace(/^\./, '')
    return [
      {
        specifier: manifest.name + below,
        name: (path.split('/')[1] ?? '') + below.replaceAll('/', '-'),
        source: source.replace(/^\.\//, ''),
        types: (target['types'] ?? '').replace(/^\.\//, ''),
      },
    ]
  })
}

/** The packages that are published: `private` ones are not. @param {string} [from] */
export function listPublic(from = root) {
  return listWorkspace(from).filter((entry) => !entry.manifest.private)
}
