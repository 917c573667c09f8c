import { basename, join } from 'node:path'
import { listTarball } from './list-tarball.mjs'
import { mapLimited } from './map-limited.mjs'
import { run } from './run.mjs'
import { listPublic } from './workspace.mjs'

/**
 * @typedef {object} PackedPackage
 * @property {string} name
 * @property {string} version
 * @property {string} tarball Absolute path.
 * @property {readonly string[]} files Paths inside the package.
 * @property {import('./workspace.mjs').WorkspacePackage} entry
 */

/**
 * Packs every public package as it would be published. They must be built.
 * @param {string} folder where the tarballs go
 * @returns {Promise<PackedPackage[]>}
 */
export function packAll(folder) {
  return mapLimited(listPublic(), 2, async (entry) => {
    const args = ['pack', '--json', '--pack-destination', folder]
    const output = await run('pnpm', args, { cwd: entry.folder, capture: true, quiet: true })
    const packed = JSON.parse(output.slice(output.indexOf('{')))
    // Not pnpm's own list of files: it leaves out the LICENSE that pnpm adds.
    const tarball = join(folder, basename(packed.filename))
    return {
      name: packed.name,
      version: packed.version,
      tarball,
      files: listTarball(tarball),
      entry,
    }
  })
}
