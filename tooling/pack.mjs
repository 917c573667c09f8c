import { basename, dirname, join } from 'node:path'
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
    const tarball = join(folder, basename(packed.filename))
    return {
      name: packed.name,
      version: packed.version,
      tarball,
      files: await listTarball(tarball),
      entry,
    }
  })
}

/**
 * pnpm's own list leaves out the LICENSE that it adds.
 * @param {string} tarball
 */
async function listTarball(tarball) {
  const listing = await run('tar', ['-tzf', basename(tarball)], {
    cwd: dirname(tarball),
    capture: true,
  })
  return listing
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^package\//, ''))
}
