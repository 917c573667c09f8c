import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './root.mjs'
import { Skip } from './steps.mjs'

/**
 * Paths that git tracks or would track, relative to the root.
 * @param {string} [pattern] a git pathspec
 * @returns {string[]}
 */
export function listTracked(pattern = '.') {
  if (!existsSync(join(root, '.git'))) throw new Skip('this is no git checkout')
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', pattern]
  const { stdout, stderr, status, error } = spawnSync('git', args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  // A checkout that belongs to someone else is refused by git; no list is not an empty list.
  if (status !== 0) throw new Skip(`git cannot be asked: ${error?.message ?? stderr}`)
  const paths = stdout.split('\0').filter((path) => path !== '')
  return [...new Set(paths)].filter((path) => existsSync(join(root, path)))
}

/**
 * Source files of a package, in alphabetical order.
 * @param {string} home `packages/core`
 */
export function listSources(home) {
  return listTracked(`${home}/src`)
    .filter((path) => path.endsWith('.ts'))
    .toSorted()
}
