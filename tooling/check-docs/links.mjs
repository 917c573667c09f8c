import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { headingsOf, slugOf, withoutCode } from '../markdown.mjs'

/**
 * Links of a page that lead nowhere: to a file that is not there, or to a heading that a page has not.
 * Addresses of other sites are not asked.
 * @param {string} root
 * @param {string} path of the page, relative to the root
 * @returns {string[]}
 */
export function findLinkFaults(root, path) {
  const text = withoutCode(readFileSync(join(root, path), 'utf8')).replaceAll(/`[^`\n]*`/g, '')
  const targets = [...text.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)].map(
    (match) => match[1] ?? '',
  )
  return targets
    .filter((target) => !/^[a-z][a-z+.-]*:/i.test(target))
    .filter((target) => !isReachable(root, path, target))
    .map((target) => `${path}: the link to ${target} leads nowhere`)
}

/**
 * @param {string} root
 * @param {string} path
 * @param {string} target
 */
function isReachable(root, path, target) {
  const [file = '', anchor] = target.split('#')
  const full = file === '' ? join(root, path) : join(root, dirname(path), decodeURIComponent(file))
  if (!existsSync(full)) return false
  if (anchor === undefined || !full.endsWith('.md') || statSync(full).isDirectory()) return true
  const text = readFileSync(full, 'utf8')
  if (text.includes(`<a id="${anchor}"></a>`)) return true
  return headingsOf(text).some((heading) => slugOf(heading) === anchor)
}
