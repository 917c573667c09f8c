import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './root.mjs'

/**
 * Lines of a lockfile that name a host: they would tie every install to the registry that wrote them.
 * @param {string} text
 * @returns {string[]}
 */
export function findHosts(text) {
  return text
    .split('\n')
    .map((line, index) => `pnpm-lock.yaml:${index + 1} ${line.trim()}`)
    .filter((line) => /https?:\/\/|tarball:/.test(line))
}

/** The lockfile names packages and hashes, never hosts. */
export async function checkLockfile() {
  const found = findHosts(readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8'))
  if (found.length > 0) throw new Error(`a host stands in the lockfile:\n${found.join('\n')}`)
  console.log('no host in pnpm-lock.yaml')
}
