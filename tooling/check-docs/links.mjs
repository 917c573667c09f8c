import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { headingsOf, slugOf, withoutCode } from '../markdown.mjs'

/** Where pages that are shown elsewhere too (READMEs on npm) name files of this repository. */
const inRepository = /^https:\/\/github\.com\/hfx-dev\/hfx\/(?:blob|tree)\/main\//

/**
 * Links of a page that lead nowhere: to a file that is not there, or to a heading that a page has not.
 * Addresses of other sites are not asked; those of this repository are looked up here.
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
    .filter((target) => inRepository.test(target) || !/^[a-z][a-z+.-]*:/i.test(target))
    .filter((target) => !isReachable(root, path, target))
    .map((target) => `${path}: the link to ${target} leads nowhere`)
}

/**
 * @param {string} root
 * @param {string} path
 * @param {string} target
 */
function isReachable(root, path, target) {
  const isOurs = inRepository.test(target)
  const [file = '', anchor] = target.replace(inRepository, '').split('#')
  const from = isOurs ? root : join(root, dirname(path))
  const full = file === '' && !isOurs ? join(root, path) : join(from, decodeURIComponent(file))
  return existsSync(full) && (anchor === undefined || hasAnchor(full, anchor))
}

/**
 * @param {string} full a page, or a folder that shows its README
 * @param {string} anchor
 */
function hasAnchor(full, anchor) {
  const page = statSync(full).isDirectory() ? join(full, 'README.md') : full
  if (!page.endsWith('.md')) return true
  if (!existsSync(page)) return false
  const text = readFileSync(page, 'utf8')
  if (text.includes(`<a id="${anchor}"></a>`)) return true
  return headingsOf(text).some((heading) => slugOf(heading) === anchor)
}
