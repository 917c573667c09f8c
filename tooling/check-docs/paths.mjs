import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { withoutCode } from '../markdown.mjs'

/**
 * Source files that a page names in code style and that are not there: `hub/src/job.ts`, `tooling/floors.mjs`.
 * @param {string} root
 * @param {string} path of the page
 * @param {string} text
 * @returns {string[]}
 */
export function findPathFaults(root, path, text) {
  const named = [
    ...withoutCode(text).matchAll(/`([\w.-]+(?:\/[\w.-]+)+\.(?:ts|mjs|json|md|yml))`/g),
  ].map((match) => match[1] ?? '')
  return named
    .filter(
      (name) =>
        /^(packages|apps|tooling|docs|\.github)\//.test(name) || /^[a-z-]+\/src\//.test(name),
    )
    .filter((name) => !existsSync(join(root, name)) && !existsSync(join(root, 'packages', name)))
    .map((name) => `${path}: there is no ${name}`)
}
