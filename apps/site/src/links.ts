import { existsSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path/posix'
import { placeOf } from './page-paths.ts'
import { repositoryUrl, root } from './repository.ts'

const inRepository = new RegExp(`^${repositoryUrl}/(?:blob|tree)/main/(.+)$`)

/**
 * Where a link of a page leads on the site: to another page of the site, or to a file of the repository on GitHub.
 * @param from the page, relative to the root of the repository
 * @param href as the page writes it, which is right on GitHub
 * @throws {Error} when there is no such file
 */
export function resolveLink(from: string, href: string): string {
  // READMEs are shown on npm too: they name files of the repository by their address there.
  const own = inRepository.exec(href)?.[1]
  if (own === undefined && /^(?:[a-z][a-z+.-]*:|#|\/)/i.test(href)) return href
  return placeLink(own === undefined ? { from, href } : { from: 'README.md', href: own }, from)
}

function placeLink(link: { readonly from: string; readonly href: string }, page: string): string {
  const { href } = link
  const [file = '', anchor] = href.split('#')
  const path = normalize(join(dirname(link.from), decodeURIComponent(file)))
  const suffix = anchor === undefined ? '' : `#${anchor}`
  const place = findPlace(path)
  if (place !== undefined) return `/${place.replace(/(^|\/)index\.md$/, '$1')}${suffix}`
  const full = join(root, path)
  if (path.startsWith('..') || !existsSync(full))
    throw new Error(`${page}: the link to ${href} leads nowhere`)
  return `${repositoryUrl}/${statSync(full).isDirectory() ? 'tree' : 'blob'}/main/${path}${suffix}`
}

/** A page, or the README of a folder. */
function findPlace(path: string): string | undefined {
  const page = placeOf(path) ?? placeOf(join(path, 'README.md'))
  return page !== undefined && existsSync(join(root, path)) ? page : undefined
}
