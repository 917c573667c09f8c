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

/**
 * Families of binaries that have one for Linux but none for macOS or Windows. A lockfile made where only this
 * machine's binaries were asked for looks whole here, and leaves the others without their tools.
 * @param {string} text
 * @returns {string[]}
 */
export function findOneSided(text) {
  const names = [...text.matchAll(/^ {2}'?(\S+)@\d[^@\s]*:$/gm)].map((match) => match[1] ?? '')
  const families = names.flatMap((name) => /^(.*)linux-(?:x64|64)\b/.exec(name)?.[1] ?? [])
  return [...new Set(families)].flatMap((family) =>
    [/^darwin/, /^win(32|dows)/]
      .filter((system) => !names.some((name) => isOf(family, name, system)))
      .map((system) => `${family}linux-x64 has no sibling ${family}${system.source.slice(1)}`),
  )
}

/**
 * @param {string} family
 * @param {string} name
 * @param {RegExp} system
 */
function isOf(family, name, system) {
  return name.startsWith(family) && system.test(name.slice(family.length))
}

/** The lockfile names packages and hashes for every system, and never hosts. */
export async function checkLockfile() {
  const text = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8')
  const found = findHosts(text)
  if (found.length > 0) throw new Error(`a host stands in the lockfile:\n${found.join('\n')}`)
  const oneSided = findOneSided(text)
  if (oneSided.length > 0)
    throw new Error(`pnpm-lock.yaml serves one system only:\n${oneSided.join('\n')}`)
  console.log('no host in pnpm-lock.yaml; binaries for Linux, macOS and Windows')
}
