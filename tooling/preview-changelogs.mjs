import { existsSync } from 'node:fs'
import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from './root.mjs'
import { bin, run } from './run.mjs'
import { listTracked } from './tracked-files.mjs'
import { listPublic } from './workspace.mjs'

/** What changesets reads. */
const read = ['*package.json', '*CHANGELOG.md', 'pnpm-workspace.yaml', '.changeset', 'tooling']

/**
 * The versions and CHANGELOGs that the next release would have: `changeset version`, run in a copy of what it reads.
 * @param {string} folder an empty one
 * @returns {Promise<{ name: string, version: string, changelog: string }[]>}
 */
export async function previewChangelogs(folder) {
  const paths = read.flatMap((pattern) => listTracked(pattern))
  await Promise.all(paths.map((path) => cp(join(root, path), join(folder, path))))
  const quiet = { quiet: true, capture: true }
  await run('git', ['init', '--quiet', folder], quiet)
  await run(bin('changeset'), ['version'], { ...quiet, cwd: folder })
  return Promise.all(
    listPublic(folder).map(async ({ folder: home, manifest: { name, version } }) => {
      const file = join(home, 'CHANGELOG.md')
      return { name, version, changelog: existsSync(file) ? await readFile(file, 'utf8') : '' }
    }),
  )
}
