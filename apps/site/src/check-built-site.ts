import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A page as it is served. */
export interface BuiltPage {
  /** Relative to the folder of the site: `guides/library.html`. */
  readonly path: string
  readonly html: string
}

/**
 * What is wrong with the built pages: links to pages and headings that are not there, and what a reader without eyes,
 * script or patience would miss.
 * @param pages every page
 * @param base where the site is served, with its slashes
 */
export function findSiteFaults(pages: readonly BuiltPage[], base: string): string[] {
  const anchors = new Map(pages.map((page) => [addressOf(page.path), idsOf(page.html)]))
  const linked = new Set(pages.flatMap((page) => linksOf(page).map((href) => pathOf(href, base))))
  return pages.flatMap((page) => [
    ...findDeadLinks(page, anchors, base),
    ...expectations.filter(([, holds]) => !holds(page)).map(([what]) => `${page.path} ${what}`),
    ...(page.path === '404.html' || linked.has(addressOf(page.path))
      ? []
      : [`${page.path} is linked from nowhere`]),
  ])
}

/** What every page must have. */
const expectations: readonly (readonly [string, (page: BuiltPage) => boolean])[] = [
  ['has no title', ({ html }) => /<title>[^<]{3,}<\/title>/.test(html)],
  [
    'has no description',
    ({ path, html }) =>
      path === '404.html' || /<meta name="description" content="[^"]{20,}"/.test(html),
  ],
  ['does not name its language', ({ html }) => html.includes('<html lang="en"')],
  [
    'has not exactly one first heading',
    ({ path, html }) => path === '404.html' || [...html.matchAll(/<h1[\s>]/g)].length === 1,
  ],
  [
    'has a picture without a text',
    ({ html }) =>
      [...html.matchAll(/<img\s[^>]*>/g)].every(([tag]) => /\salt(?:=|[\s>])/.test(tag)),
  ],
  [
    'asks another host for a file',
    ({ html }) => !/<(?:script|img|link rel="stylesheet")[^>]*(?:src|href)="https?:/.test(html),
  ],
]

function findDeadLinks(
  page: BuiltPage,
  anchors: ReadonlyMap<string, ReadonlySet<string>>,
  base: string,
): string[] {
  return linksOf(page)
    .filter((href) => {
      const [path = '', anchor = ''] = href.split('#')
      if (path !== '' && !path.startsWith(base)) return true
      const ids = anchors.get(path === '' ? addressOf(page.path) : pathOf(path, base))
      return !ids || (anchor !== '' && !ids.has(decodeURIComponent(anchor)))
    })
    .map((href) => `${page.path}: the link to ${href} leads nowhere`)
}

/** Links of a page within the site. */
function linksOf(page: BuiltPage): string[] {
  return [...page.html.matchAll(/<a\s[^>]*?href="([^"]*)"/g)]
    .map(([, href = '']) => href)
    .filter((href) => !/^[a-z][a-z+.-]*:/i.test(href))
}

/** `/hfx/cli#hfx-ls` is the page `/cli` of a site below `/hfx/`. */
function pathOf(href: string, base: string): string {
  return `/${(href.split('#')[0] ?? '').slice(base.length)}`
}

/** `guides/index.html` is served as `/guides/`, `cli.html` as `/cli`. */
function addressOf(path: string): string {
  return `/${path.replace(/(?:(^|\/)index)?\.html$/, '$1')}`
}

function idsOf(html: string): ReadonlySet<string> {
  return new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id = '']) => id))
}

/**
 * Fails the build of a site in which something leads nowhere.
 * @param folder with the built pages
 * @param base where the site is served
 */
export async function checkBuiltSite(folder: string, base: string): Promise<void> {
  const names = await readdir(folder, { recursive: true })
  const paths = names
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.html'))
  const pages = await Promise.all(
    paths.map(async (path) => ({ path, html: await readFile(join(folder, path), 'utf8') })),
  )
  const faults = findSiteFaults(pages, base)
  if (faults.length > 0) throw new Error(`the site has faults:\n${[...new Set(faults)].join('\n')}`)
  console.log(`${pages.length} pages: links, headings and pictures hold`)
}
